import { setMaxListeners } from 'node:events'
import { losesNodes } from '../rules/rule.js'
import { NeedUnmet, RuleBroken } from '../rules/rule-broken.js'
import { Context, type ExecutionPlace } from './context.js'
import type { Failure, Result } from './result.js'
import type { Execution } from './rule-execution.js'

/** Longest time for one execution, as a multiple of its deadline for single waits. */
const DEADLINES_PER_RULE = 6
/** Nodes take seconds to be missed, and more to come back. */
const DEADLINES_PER_LOSS = 18

/** Runs one rule at one version. Never throws: whatever happens is in the result. */
export async function execute(execution: Execution, place: ExecutionPlace): Promise<Result> {
  const { rule, version } = execution
  const started = performance.now()
  const deadlines = losesNodes(rule) ? DEADLINES_PER_LOSS : DEADLINES_PER_RULE
  const limit = AbortSignal.timeout(place.deadlineMs * deadlines)
  const signal = AbortSignal.any([place.signal, limit])
  // A rule may wait for many answers at once.
  setMaxListeners(0, signal)
  let context: Context | undefined
  const end = (rest: Pick<Result, 'status' | 'reason' | 'failure'>): Result => ({
    rule,
    version,
    durationMs: performance.now() - started,
    // What the end of the rule cleans up is not judged.
    reads: [...(context?.reads ?? [])],
    ...rest,
  })
  try {
    context = await Context.open(execution, { ...place, signal })
    await rule.run(context)
    return end({ status: 'passed' })
  } catch (error) {
    if (error instanceof NeedUnmet) return end({ status: 'skipped', reason: error.message })
    return end({ status: 'failed', failure: failureOf(error) })
  } finally {
    await context?.finish()
  }
}

function failureOf(error: unknown): Failure {
  if (error instanceof RuleBroken) {
    const { message, differences, exchange } = error
    return { message, differences, exchange, notJudged: false }
  }
  const { message, stack } = error instanceof Error ? error : new Error(String(error))
  return { message: `Could not be judged: ${message}`, stack, notJudged: true, differences: [] }
}
