import { randomBytes, randomInt } from 'node:crypto'
import { allRules } from '../cases/index.js'
import { same } from '../match/compare.js'
import { Matcher } from '../match/matcher.js'
import { profileOf } from '../releases/index.js'
import type { Rule } from '../rules/rule.js'
import { guessRelease } from '../run/advertised.js'
import { askApiVersions } from '../run/ask-api-versions.js'
import type { ExecutionPlace } from '../run/context.js'
import { execute } from '../run/execute.js'
import type { PathRead } from '../run/path-read.js'
import { planRun } from '../run/plan.js'
import type { Execution } from '../run/rule-execution.js'
import { fitsId, selectRules } from '../run/select-rules.js'
import { shuffle } from '../run/shuffle.js'
import { TopicBin } from '../run/topic-bin.js'
import type { SaslListener, Target, TargetListeners } from '../target.js'
import type { Fault } from './fault.js'
import { FaultProxy } from './fault-proxy.js'
import { generateFaults } from './generate-faults.js'
import { handWrittenFaults } from './hand-written.js'

/** How to inject. */
export interface FaultRunOptions {
  readonly only?: readonly string[] | undefined
  readonly rules?: readonly Rule[] | undefined
  /** How many generated faults each rule is tried with, chosen by the seed. Default: all. */
  readonly perRule?: number | undefined
  /** Default: a random one; it is in the report. */
  readonly seed?: number | undefined
  /** Rules at a time, each with a proxy of its own. Default 4. */
  readonly concurrency?: number | undefined
  /** Longest wait for an answer while a fault is at work, in milliseconds. Default 2,000. */
  readonly deadlineMs?: number | undefined
  readonly signal?: AbortSignal | undefined
  readonly onRule?: ((done: RuleFaults, count: number, total: number) => void) | undefined
}

/** What became of the generated faults for one rule, at its newest version. */
export interface RuleFaults {
  readonly rule: Rule
  readonly version: number
  /** Faults that reached an answer. */
  readonly injected: number
  readonly caught: number
  /** Names of the faults that the rule did not notice. */
  readonly survivors: readonly string[]
  /** Hand-written faults that reached an answer, and whether this rule noticed. */
  readonly handWritten: ReadonlyMap<string, boolean>
  /** The rule failed without a fault, or nothing that it reads can be broken. */
  readonly unusable?: string | undefined
}

/** What became of one hand-written fault: some rule must notice, not each that it was tried on. */
export interface HandWrittenResult {
  readonly name: string
  readonly tried: number
  readonly caught: number
}

/** What an injection run found; the sums count a hand-written fault once. */
export interface FaultReport {
  readonly rules: readonly RuleFaults[]
  readonly handWritten: readonly HandWrittenResult[]
  readonly injected: number
  readonly caught: number
  readonly seed: number
  readonly durationMs: number
}

const DEFAULT_CONCURRENCY = 4
const FAULT_DEADLINE_MS = 2_000
const PATIENT_DEADLINE_MS = 10_000
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
  const { executions } = planRun(plan)
  const runId = randomBytes(4).toString('hex')
  const loaded = new Set<string>()
  const bin = new TopicBin({ target, release, advertised, deadlineMs, signal })
  let count = 0
  const place = () => {
    const prefix = `faults-${runId}-${count++}`
    return { target, release, advertised, deadlineMs, signal, loaded, bin, prefix }
  }
  const results: RuleFaults[] = []
  const rest = executions.values()
  const work = async () => {
    for (const execution of rest) {
      if (signal.aborted) return
      const choose = (faults: readonly Fault[]) => shuffle(faults, seed).slice(0, options.perRule)
      const result = await injectInto(execution, place, choose)
      results.push(result)
      onRule?.(result, results.length, executions.length)
    }
  }
  await Promise.all(Array.from({ length: options.concurrency ?? DEFAULT_CONCURRENCY }, work))
  await bin.empty()
  const sum = (of: (one: RuleFaults) => number) => results.reduce((all, one) => all + of(one), 0)
  const handWritten = sumHandWritten(results)
  return {
    rules: results,
    handWritten,
    injected: sum((one) => one.injected) + handWritten.length,
    caught: sum((one) => one.caught) + handWritten.filter(({ caught }) => caught > 0).length,
    seed,
    durationMs: performance.now() - started,
  }
}

function sumHandWritten(results: readonly RuleFaults[]): HandWrittenResult[] {
  return handWrittenFaults.flatMap(({ name }) => {
    const verdicts = results.flatMap(({ handWritten }) => handWritten.get(name) ?? [])
    const caught = verdicts.filter(Boolean).length
    return verdicts.length === 0 ? [] : [{ name, tried: verdicts.length, caught }]
  })
}

async function injectInto(
  execution: Execution,
  newPlace: () => ExecutionPlace,
  choose: (faults: readonly Fault[]) => readonly Fault[],
): Promise<RuleFaults> {
  const { rule, version } = execution
  const proxy = new FaultProxy()
  const runner = async (patient: boolean, tracksReads: boolean) => {
    const place = newPlace()
    const address = await proxy.listen(place.target.address)
    const deadlineMs = patient ? PATIENT_DEADLINE_MS : place.deadlineMs
    const listeners = await listenersThrough(proxy, place.target)
    const target = { ...place.target, address, listeners }
    return execute(execution, { ...place, deadlineMs, tracksReads, target })
  }
  try {
    const hasty = await runner(false, true)
    // Some rules are about longer times than a fault is given.
    const patient = hasty.status === 'failed'
    const peaceful = patient ? await runner(true, true) : hasty
    if (peaceful.status !== 'passed') {
      const unusable = peaceful.failure?.message ?? peaceful.reason ?? 'did not pass'
      const nothing = { injected: 0, caught: 0, survivors: [], handWritten: new Map() }
      return { rule, version, ...nothing, unusable }
    }
    const run = () => runner(patient, false)
    const generated = await tryAll(choose(generateFaults(rule.id, peaceful.reads)), proxy, run)
    const handWritten = await tryAll(handWrittenFor(rule, generated.size > 0), proxy, run)
    const survivors = [...generated].filter(([, caught]) => !caught).map(([name]) => name)
    const injected = generated.size
    const caught = injected - survivors.length
    const hasNone = injected + handWritten.size === 0
    const unusable = hasNone ? 'nothing that it reads can be broken' : undefined
    return { rule, version, injected, caught, survivors, handWritten, unusable }
  } finally {
    await proxy.close()
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

/** Whether each fault that reached an answer was caught, by its name. */
async function tryAll(
  faults: readonly Fault[],
  proxy: FaultProxy,
  run: () => ReturnType<typeof execute>,
): Promise<Map<string, boolean>> {
  const verdicts = new Map<string, boolean>()
  for (const fault of faults) {
    proxy.fault = fault
    proxy.injected = 0
    const { status, reads } = await run()
    if (proxy.injected === 0 || (status === 'passed' && isAnother(fault, reads))) continue
    verdicts.set(fault.name, status === 'failed')
  }
  return verdicts
}

/** Whether the matcher says something else in this run than where the fault was made: then it was none here. */
function isAnother({ place, path, says }: Fault, reads: readonly PathRead[]): boolean {
  return reads.some(
    ({ exchange, path: at, wanted }) =>
      (place?.correlationId === undefined
        ? exchange.polling
        : exchange.index === place.correlationId) &&
      path !== undefined &&
      same(at, path) &&
      wanted instanceof Matcher &&
      wanted.says !== says,
  )
}
