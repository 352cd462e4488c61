import { randomBytes, randomInt } from 'node:crypto'
import { allRules } from '../cases/index.js'
import { profileOf } from '../releases/index.js'
import { losesNodes, type Rule } from '../rules/rule.js'
import { guessRelease } from '../run/advertised.js'
import { askApiVersions } from '../run/ask-api-versions.js'
import { type Plan, planRun } from '../run/plan.js'
import type { Execution } from '../run/rule-execution.js'
import { selectRules } from '../run/select-rules.js'
import { shuffle } from '../run/shuffle.js'
import { TopicBin } from '../run/topic-bin.js'
import type { Target } from '../target.js'
import type { Fault } from './fault.js'
import { handWrittenFaults, isForEveryRule } from './hand-written.js'
import { injectInto, type RuleFaults } from './inject-into.js'
import type { InjectionPlace } from './stage.js'
import type { Verdict } from './try-faults.js'

/** How to inject. */
export interface FaultRunOptions {
  readonly only?: readonly string[] | undefined
  readonly rules?: readonly Rule[] | undefined
  /** How many generated faults each rule is tried with, chosen by the seed. Default: all. */
  readonly perRule?: number | undefined
  /** How many rules are tried, chosen by the seed. Default: all. */
  readonly sample?: number | undefined
  /** Default: a random one; it is in the report. */
  readonly seed?: number | undefined
  /** Rules at a time, each with a proxy of its own. Default 4. */
  readonly concurrency?: number | undefined
  /** Longest wait for an answer while a fault is at work, in milliseconds. Default 2,000. */
  readonly deadlineMs?: number | undefined
  readonly signal?: AbortSignal | undefined
  readonly onRule?: ((done: RuleFaults, count: number, total: number) => void) | undefined
}

/** What became of one hand-written fault: some rule must notice, or each that it was tried on where the fault says so. */
export interface HandWrittenResult {
  readonly name: string
  readonly tried: number
  readonly caught: number
  /** Of those: by waiting in vain. */
  readonly inVain: number
}

/** What an injection run found; the sums count a hand-written fault once. */
export interface FaultReport {
  readonly rules: readonly RuleFaults[]
  /** Rules that the target cannot be held to, and why. */
  readonly skipped: Plan['skipped']
  readonly handWritten: readonly HandWrittenResult[]
  readonly injected: number
  readonly caught: number
  /** Generated faults that were caught by a rule that waited in vain or could not be judged. */
  readonly inVain: number
  /** Generated faults that changed nothing, and so show nothing. */
  readonly notPlaced: number
  readonly seed: number
  readonly durationMs: number
}

const DEFAULT_CONCURRENCY = 4
const FAULT_DEADLINE_MS = 2_000
/** One in so many goes on with the rules that are put off. */
const PATIENT_SHARE = 4
const MAX_SEED = 2 ** 31 - 1

/**
 * Shows that rules bite: runs each once in peace through a proxy, then once for every fault in what it read and for
 * every hand-written one meant for it. A rule that passes all the same lets the fault survive.
 * @throws Error when the target cannot be reached
 */
export async function runFaults(
  target: Target,
  options: FaultRunOptions = {},
): Promise<FaultReport> {
  const started = performance.now()
  const { deadlineMs = FAULT_DEADLINE_MS, seed = randomInt(MAX_SEED), onRule } = options
  const signal = options.signal ?? new AbortController().signal
  const rules = selectRules(options.rules ?? allRules(), options.only)
  const advertised = await askApiVersions(target, deadlineMs, signal)
  const release = profileOf(target.release ?? guessRelease(advertised)).release
  const provides = target.provides ?? []
  const plan = { rules, advertised, release, provides, versions: 'newest' } as const
  const { executions: all, skipped: unfit } = planRun(plan)
  // In no order, so that rules that wait run beside rules that work.
  const executions = shuffle(all, seed).slice(0, options.sample)
  const runId = randomBytes(4).toString('hex')
  const loaded = new Set<string>()
  const bin = new TopicBin({ target, release, advertised, deadlineMs, signal })
  let count = 0
  const newPlace = () => {
    const prefix = `faults-${runId}-${count++}`
    return { target, release, advertised, deadlineMs, signal, loaded, bin, prefix }
  }
  const choose = (faults: readonly Fault[]) => shuffle(faults, seed).slice(0, options.perRule)
  const results: RuleFaults[] = []
  const skipped = [...unfit]
  let done = 0
  const onResult = (result: RuleFaults) => {
    const { rule, unmet } = result
    if (unmet === undefined) results.push(result)
    else skipped.push({ rule, reason: unmet })
    onRule?.(result, ++done, executions.length)
  }
  const { concurrency = DEFAULT_CONCURRENCY } = options
  await injectIntoAll(executions, { newPlace, choose, concurrency, signal, onResult })
  await bin.empty()
  return faultReport(results, { skipped, seed, durationMs: performance.now() - started })
}

interface Injection extends Omit<InjectionPlace, 'isPatient'> {
  readonly concurrency: number
  readonly signal: AbortSignal
  readonly onResult: (result: RuleFaults) => void
}

/** Rules about longer times, and those that fail in the crowd, have another go among fewer; then those that want to be alone. */
async function injectIntoAll(
  executions: readonly Execution[],
  { concurrency, signal, onResult, ...place }: Injection,
): Promise<void> {
  const putOff: Execution[] = []
  const work = async (rest: Iterable<Execution>, isPatient: boolean) => {
    for (const execution of rest) {
      if (signal.aborted) return
      const result = await injectInto(execution, { ...place, isPatient })
      if (result.unusable === undefined || isPatient) onResult(result)
      else putOff.push(execution)
    }
  }
  const share = async (all: readonly Execution[], among: number, isPatient: boolean) => {
    const rest = all.values()
    await Promise.all(Array.from({ length: among }, () => work(rest, isPatient)))
  }
  const isAlone = ({ rule }: Execution) => rule.alone === true || losesNodes(rule)
  const crowd = executions.filter((one) => !isAlone(one))
  await share(crowd, concurrency, false)
  await share(putOff, Math.ceil(concurrency / PATIENT_SHARE), true)
  await share(executions.filter(isAlone), 1, true)
}

/** The sums over what became of the faults of each rule. */
export function faultReport(
  rules: readonly RuleFaults[],
  rest: Pick<FaultReport, 'skipped' | 'seed' | 'durationMs'>,
): FaultReport {
  const sum = (of: (one: RuleFaults) => number) => rules.reduce((all, one) => all + of(one), 0)
  const handWritten = sumHandWritten(rules)
  return {
    rules,
    handWritten,
    injected: sum((one) => one.injected) + handWritten.length,
    caught: sum((one) => one.caught) + handWritten.filter(isCaught).length,
    inVain: sum((one) => one.inVain),
    notPlaced: sum((one) => one.notPlaced),
    ...rest,
  }
}

const isCaught = ({ name, tried, caught }: HandWrittenResult) =>
  isForEveryRule(name) ? caught === tried : caught > 0

/** Whether a run shows that its rules bite: there were faults, none survived, and every rule could be tried. */
export function showsThatRulesBite({ rules, injected, caught }: FaultReport): boolean {
  return injected > 0 && caught === injected && rules.every((one) => one.unusable === undefined)
}

function sumHandWritten(results: readonly RuleFaults[]): HandWrittenResult[] {
  return handWrittenFaults.flatMap(({ name }) => {
    const verdicts = results.flatMap(({ handWritten }) => handWritten.get(name) ?? [])
    const count = (wanted: Verdict) => verdicts.filter((one) => one === wanted).length
    const caught = verdicts.length - count('survived')
    const found = { name, tried: verdicts.length, caught, inVain: count('in vain') }
    return verdicts.length === 0 ? [] : [found]
  })
}
