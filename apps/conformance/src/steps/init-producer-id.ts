import { ErrorCode, InitProducerId } from '@ottla/protocol'
import type { RuleContext } from '../rules/rule-context.js'
import { newest } from './newest.js'

/** A producer id for idempotent writes, as set-up. */
export async function newProducerId(t: RuleContext): Promise<bigint> {
  const request = { transactionalId: null, transactionTimeoutMs: 60_000 }
  const { errorCode, producerId } = await t.client.ask(
    InitProducerId,
    request,
    newest(t, InitProducerId),
  )
  t.equal(errorCode, ErrorCode.NONE, 'error of InitProducerId')
  return producerId
}
