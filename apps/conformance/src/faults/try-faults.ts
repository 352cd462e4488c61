import { loopOf } from '../client/recorder.js'
import { same } from '../match/compare.js'
import { Matcher } from '../match/matcher.js'
import type { PathRead } from '../run/path-read.js'
import type { Failure, Result } from '../run/result.js'
import type { Fault } from './fault.js'
import type { FaultProxy } from './fault-proxy.js'

/**
 * What became of one fault: the rule said what is wrong; it waited in vain, or threw something that says nothing about
 * the target; it passed; or the fault changed no answer, so that it was none.
 */
export type Verdict = 'judged' | 'in vain' | 'survived' | 'not placed'

/** What faults are put into, and how the rule is run then. */
export interface Trial {
  readonly proxy: Pick<FaultProxy, 'fault' | 'injected'>
  /** Runs the rule; `isPatient` gives it more time than usual. */
  readonly run: (isPatient: boolean) => Promise<Result>
}

/** What became of each fault, by its name. */
export async function tryFaults(
  faults: readonly Fault[],
  trial: Trial,
): Promise<Map<string, Verdict>> {
  const verdicts = new Map<string, Verdict>()
  for (const fault of faults) {
    const hasty = await tryFault(fault, trial, false)
    // On a busy machine an answer may come too late by itself.
    const isInDoubt = hasty === 'in vain' && !makesRulesWait(fault)
    verdicts.set(fault.name, isInDoubt ? await tryFault(fault, trial, true) : hasty)
  }
  return verdicts
}

async function tryFault(fault: Fault, trial: Trial, isPatient: boolean): Promise<Verdict> {
  const { proxy } = trial
  proxy.fault = fault
  proxy.injected = 0
  const { status, failure, reads } = await trial.run(isPatient)
  if (proxy.injected === 0) return 'not placed'
  if (status === 'failed') return failure === undefined || isInVain(failure) ? 'in vain' : 'judged'
  return isAnother(fault, reads) ? 'not placed' : 'survived'
}

/** Those written by hand withhold answers, or what rules wait for; a loop asks again until what it got is right. */
const makesRulesWait = ({ place }: Fault) => place === undefined || place.loop !== undefined

const isInVain = ({ notJudged, message }: Failure) =>
  notJudged || /^Waiting for |^Waited .* in vain /.test(message)

/** Whether the rule wants something else in this run than where the fault was made: then it was none here. */
function isAnother({ place, path, says }: Fault, reads: readonly PathRead[]): boolean {
  if (says === undefined || path === undefined) return false
  const wanted = reads.flatMap(({ exchange, path: at, wanted }) => {
    const isThere =
      place?.loop === undefined
        ? exchange.index === place?.correlationId
        : loopOf(exchange.index) === place.loop
    return isThere && same(at, path) && wanted instanceof Matcher ? [wanted.says] : []
  })
  return wanted.length > 0 && !wanted.includes(says)
}
