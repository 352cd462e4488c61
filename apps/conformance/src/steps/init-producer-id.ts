import { ErrorCode, InitProducerId } from '@ottla/protocol'
import type { RuleContext } from '../rules/rule-context.js'
import { forSetUp } from './newest.js'

/** A producer id for idempotent writes, as set-up. */
export async function newProducerId(t: RuleContext): Promise<bigint> {
  const request = { transactionalId: null, transactionTimeoutMs: 60_000 }
  return t.until('a producer id', async () => {
    const answer = await t.client.ask(InitProducerId, request, forSetUp(t, InitProducerId))
    // A young broker has not yet been given the ids that it hands out.
    if (answer.errorCode === ErrorCode.COORDINATOR_LOAD_IN_PROGRESS) return undefined
    t.equal(answer.errorCode, ErrorCode.NONE, 'error of InitProducerId')
    return answer.producerId
  })
}
