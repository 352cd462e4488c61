import type { Cluster } from '@ottla/network'
import { retry } from '@ottla/network'
import { BrokerError, ErrorCode, InitProducerId, UnsupportedVersionError } from '@ottla/protocol'
import type { ProducerIdentity } from './sequence.js'

/** Brokers want a transaction timeout even of a producer without transactions, and do not look at it. */
const unusedTransactionTimeoutMs = 60_000

/**
 * Asks for a producer id, which marks the batches of one idempotent producer (KIP-98), until it is had.
 *
 * @throws BrokerError when the broker refuses, UnsupportedVersionError when it knows no idempotence (before Kafka 0.11),
 * TimeoutError, the signal's reason.
 */
export const requestIdentity = (
  cluster: Cluster,
  limits: { readonly timeoutMs: number; readonly signal: AbortSignal },
): Promise<ProducerIdentity> => {
  const { clock, random } = cluster.platform
  const { requestTimeoutMs } = cluster.options
  const what = 'asking for a producer id'
  return retry({ clock, random, what, ...limits }, async ({ timeoutMs, signal }) => {
    const { response, version, node } = await cluster
      .request(
        InitProducerId,
        { transactionalId: null, transactionTimeoutMs: unusedTransactionTimeoutMs },
        { timeoutMs: Math.min(timeoutMs, requestTimeoutMs), signal },
      )
      .catch(explain)
    const { errorCode, producerId, producerEpoch } = response
    if (errorCode !== ErrorCode.NONE) {
      throw new BrokerError(errorCode, { api: InitProducerId.name, version, node })
    }
    return { producerId, producerEpoch }
  })
}

const explain = (error: unknown): never => {
  if (!(error instanceof UnsupportedVersionError)) throw error
  throw new UnsupportedVersionError(
    `${error.message} Brokers of this kind know no idempotence: set enableIdempotence to false.`,
    { cause: error },
  )
}
