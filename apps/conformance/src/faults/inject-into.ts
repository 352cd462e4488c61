import type { Rule } from '../rules/rule.js'
import type { Execution } from '../run/rule-execution.js'
import { fitsId } from '../run/select-rules.js'
import type { Fault } from './fault.js'
import { generateFaults } from './generate-faults.js'
import { handWrittenFaults, isForEveryRule } from './hand-written.js'
import { type InjectionPlace, reasonOf, Stage } from './stage.js'
import { tryFaults, type Verdict } from './try-faults.js'

/** What became of the faults for one rule, at its newest version. */
export interface RuleFaults {
  readonly rule: Rule
  readonly version: number
  /** Generated faults that reached an answer. */
  readonly injected: number
  readonly caught: number
  /** Of those caught: the rule waited in vain, or could not be judged, and did not say what is wrong. */
  readonly inVain: number
  /** Generated faults that changed no answer, or none that the rule wants the same of in each run: they show nothing. */
  readonly notPlaced: number
  /** Names of the faults that the rule did not notice; of those written by hand, the ones that every rule has to. */
  readonly survivors: readonly string[]
  /** What became of the hand-written faults that reached an answer. */
  readonly handWritten: ReadonlyMap<string, Verdict>
  /** The faults were put into what the target had answered once, played back to the rule. */
  readonly isPlayedBack: boolean
  /** The rule failed without a fault, or nothing that it reads can be broken. */
  readonly unusable?: string | undefined
  /** It turned out on the way that the target has not what the rule needs. */
  readonly unmet?: string | undefined
}

const NOTHING = {
  injected: 0,
  caught: 0,
  inVain: 0,
  notPlaced: 0,
  survivors: [],
  handWritten: new Map(),
  isPlayedBack: false,
} as const
const MOST_TRIES = 3

/**
 * Runs a rule in peace, then once for every fault in what it read, and in peace again: a rule that fails then by itself
 * showed nothing by failing before. A rule that loses nodes loses them once: the faults are put into a recording of that.
 */
export async function injectInto(execution: Execution, place: InjectionPlace): Promise<RuleFaults> {
  const { rule, version } = execution
  const stage = new Stage(execution, place)
  try {
    let unusable: string | undefined
    for (let tries = 0; tries < (place.isPatient ? MOST_TRIES : 1); tries++) {
      const peaceful = await stage.runInPeace()
      if (peaceful.status === 'skipped') {
        return { rule, version, ...NOTHING, unmet: peaceful.reason ?? 'lacks what the rule needs' }
      }
      unusable = reasonOf(peaceful) ?? (await stage.prepare(peaceful))
      if (unusable !== undefined) continue
      const faults = place.choose(generateFaults(rule.id, peaceful.reads))
      const generated = await tryFaults(faults, stage)
      const readsFields = [...generated.values()].some((verdict) => verdict !== 'not placed')
      const handWritten = await tryFaults(handWrittenFor(rule, readsFields), stage)
      const { isPlayedBack } = stage
      unusable = reasonOf(await stage.runWithoutFault())
      if (unusable === undefined)
        return { rule, version, ...verdictsOf(generated, handWritten), isPlayedBack }
    }
    return { rule, version, ...NOTHING, unusable }
  } finally {
    await stage.proxy.close()
  }
}

/** The sums over the verdicts on a rule. */
export function verdictsOf(
  generated: ReadonlyMap<string, Verdict>,
  byHand: ReadonlyMap<string, Verdict>,
): Omit<RuleFaults, 'rule' | 'version' | 'isPlayedBack'> {
  const named = (wanted: Verdict) =>
    [...generated].filter(([, verdict]) => verdict === wanted).map(([name]) => name)
  const survivors = named('survived')
  const notPlaced = named('not placed').length
  const injected = generated.size - notPlaced
  const placed = [...byHand].filter(([, verdict]) => verdict !== 'not placed')
  const missed = placed.filter(([name, verdict]) => verdict === 'survived' && isForEveryRule(name))
  const none =
    notPlaced === 0 ? 'nothing that it reads can be broken' : 'no fault reached an answer'
  return {
    injected,
    caught: injected - survivors.length,
    inVain: named('in vain').length,
    notPlaced,
    survivors: [...survivors, ...missed.map(([name]) => name)],
    handWritten: new Map(placed),
    unusable: injected + placed.length === 0 ? none : undefined,
  }
}

/** Those that are meant for a rule; a rule that compares no field gets those of whole answers. */
function handWrittenFor(rule: Rule, readsFields: boolean): readonly Fault[] {
  return handWrittenFaults.filter(
    ({ rules, ofWholeAnswers }) =>
      rules.some((name) => fitsId(rule.id, name)) || (ofWholeAnswers === true && !readsFields),
  )
}
