import type { Rule } from '../rules/rule.js'
import type { ExecutionPlace } from '../run/context.js'
import { execute } from '../run/execute.js'
import type { Result } from '../run/result.js'
import type { Execution } from '../run/rule-execution.js'
import { fitsId } from '../run/select-rules.js'
import type { SaslListener, Target, TargetListeners } from '../target.js'
import type { Fault } from './fault.js'
import { FaultProxy } from './fault-proxy.js'
import { generateFaults } from './generate-faults.js'
import { handWrittenFaults, isForEveryRule } from './hand-written.js'
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
  /** Hand-written faults that reached an answer, and whether this rule noticed. */
  readonly handWritten: ReadonlyMap<string, boolean>
  /** The rule failed without a fault, or nothing that it reads can be broken. */
  readonly unusable?: string | undefined
  /** It turned out on the way that the target has not what the rule needs. */
  readonly unmet?: string | undefined
}

/** What the injection into one rule takes from the run around it. */
export interface InjectionPlace {
  /** A place of its own for each execution. */
  readonly newPlace: () => ExecutionPlace
  /** Those of the generated faults that are tried. */
  readonly choose: (faults: readonly Fault[]) => readonly Fault[]
  /** Gives the rule more time, and more than one try. */
  readonly isPatient: boolean
}

const NOTHING = {
  injected: 0,
  caught: 0,
  inVain: 0,
  notPlaced: 0,
  survivors: [],
  handWritten: new Map(),
} as const
const PATIENT_DEADLINE_MS = 20_000
/** What a rule has with a fault: this, and so many times as long as it took in peace. */
const SHORTEST_DEADLINE_MS = 500
const SPARE = 3
const MOST_TRIES = 3
/** A rule that waited in vain has so many times as long once more. */
const PATIENCE = 4

/**
 * Runs a rule in peace, then once for every fault in what it read, and in peace again: a rule that fails then by itself
 * showed nothing by failing before.
 */
export async function injectInto(
  execution: Execution,
  { newPlace, choose, isPatient }: InjectionPlace,
): Promise<RuleFaults> {
  const { rule, version } = execution
  const proxy = new FaultProxy()
  let peacefulPrefix = ''
  const runWith = async (deadlineMs: number, tracksReads: boolean): Promise<Result> => {
    const place = newPlace()
    const address = await proxy.listen(place.target.address)
    const listeners = await listenersThrough(proxy, place.target)
    const target = { ...place.target, address, listeners }
    // What was read in peace has the names of that execution.
    if (tracksReads) peacefulPrefix = place.prefix
    proxy.named = (value) => renamed(value, peacefulPrefix, place.prefix)
    return execute(execution, { ...place, deadlineMs, tracksReads, target })
  }
  try {
    const hastyMs = newPlace().deadlineMs
    let unusable: string | undefined
    for (let tries = 0; tries < (isPatient ? MOST_TRIES : 1); tries++) {
      proxy.fault = undefined
      const peaceful = await runWith(isPatient ? PATIENT_DEADLINE_MS : hastyMs, true)
      if (peaceful.status === 'skipped') {
        return { rule, version, ...NOTHING, unmet: peaceful.reason ?? 'lacks what the rule needs' }
      }
      unusable = reasonOf(peaceful)
      if (unusable !== undefined) continue
      // No wait of it was longer than it took altogether.
      const enough = Math.ceil(SHORTEST_DEADLINE_MS + SPARE * peaceful.durationMs)
      const deadlineMs = isPatient ? Math.max(hastyMs, enough) : Math.min(hastyMs, enough)
      const patientMs = Math.max(deadlineMs, Math.min(PATIENT_DEADLINE_MS, PATIENCE * deadlineMs))
      const run = (waits: boolean) => runWith(waits ? patientMs : deadlineMs, false)
      const trial = { proxy, run }
      const generated = await tryFaults(choose(generateFaults(rule.id, peaceful.reads)), trial)
      const readsFields = [...generated.values()].some((verdict) => verdict !== 'not placed')
      const handWritten = await tryFaults(handWrittenFor(rule, readsFields), trial)
      proxy.fault = undefined
      unusable = reasonOf(await run(false))
      if (unusable === undefined) return { rule, version, ...verdictsOf(generated, handWritten) }
    }
    return { rule, version, ...NOTHING, unusable }
  } finally {
    await proxy.close()
  }
}

function renamed(value: unknown, from: string, to: string): unknown {
  if (typeof value === 'string') return value.replaceAll(from, to)
  if (Array.isArray(value)) return value.map((one) => renamed(one, from, to))
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return value
  const fields = Object.entries(value).map(([key, own]) => [key, renamed(own, from, to)])
  return Object.fromEntries(fields)
}

/** Why a rule did not pass in peace; undefined when it did. */
function reasonOf({ status, failure, reason }: Result): string | undefined {
  if (status === 'passed') return undefined
  return failure?.message ?? reason ?? 'did not pass'
}

/** The sums over the verdicts on a rule. */
export function verdictsOf(
  generated: ReadonlyMap<string, Verdict>,
  byHand: ReadonlyMap<string, Verdict>,
): Omit<RuleFaults, 'rule' | 'version'> {
  const named = (wanted: Verdict) =>
    [...generated].filter(([, verdict]) => verdict === wanted).map(([name]) => name)
  const survivors = named('survived')
  const notPlaced = named('not placed').length
  const injected = generated.size - notPlaced
  const placed = [...byHand].filter(([, verdict]) => verdict !== 'not placed')
  const handWritten = new Map(placed.map(([name, verdict]) => [name, verdict !== 'survived']))
  const missed = [...handWritten].filter(([name, caught]) => !caught && isForEveryRule(name))
  const none =
    notPlaced === 0 ? 'nothing that it reads can be broken' : 'no fault reached an answer'
  return {
    injected,
    caught: injected - survivors.length,
    inVain: named('in vain').length,
    notPlaced,
    survivors: [...survivors, ...missed.map(([name]) => name)],
    handWritten,
    unusable: injected + handWritten.size === 0 ? none : undefined,
  }
}

/** The other listeners of a target, behind a proxy; not those with TLS, which it cannot look into. */
async function listenersThrough(
  proxy: FaultProxy,
  { listeners }: Target,
): Promise<TargetListeners> {
  const through = async (listener: SaslListener | undefined) =>
    listener === undefined || listener.tls !== undefined
      ? listener
      : { ...listener, address: await proxy.listen(listener.address) }
  return { sasl: await through(listeners?.sasl), renewal: await through(listeners?.renewal) }
}

/** Those that are meant for a rule; a rule that compares no field gets those of whole answers. */
function handWrittenFor(rule: Rule, readsFields: boolean): readonly Fault[] {
  return handWrittenFaults.filter(
    ({ rules, ofWholeAnswers }) =>
      rules.some((name) => fitsId(rule.id, name)) || (ofWholeAnswers === true && !readsFields),
  )
}
