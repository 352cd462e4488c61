import { ErrorCode, InitProducerId, type InitProducerIdResponseInput } from '@ottla/protocol'
import { handler } from '../server/handler.js'

const refused = (errorCode: number): InitProducerIdResponseInput => ({
  throttleTimeMs: 0,
  errorCode,
  producerId: -1n,
  producerEpoch: -1,
})

/**
 * Gives an idempotent producer its id (KIP-98). Transactional producers are refused, for there is no transaction
 * coordinator that could fence or finish what they began.
 */
export const initProducerIdHandler = handler(
  InitProducerId,
  { min: 0, max: 5 },
  async ({ broker }, { transactionalId, producerId: known, producerEpoch }) => {
    // Who goes on with an id names its epoch too (KIP-360).
    const isHalf = (known === -1n) !== (producerEpoch === -1)
    if (transactionalId !== null || isHalf) return refused(ErrorCode.INVALID_REQUEST)
    const producerId = await broker.producerIds.next()
    return {
      throttleTimeMs: 0,
      errorCode: ErrorCode.NONE,
      producerId: BigInt(producerId),
      producerEpoch: 0,
    }
  },
)
