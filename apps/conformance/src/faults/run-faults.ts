import { randomBytes } from 'node:crypto'
import { allRules } from '../cases/index.js'
import { profileOf } from '../releases/index.js'
import type { Rule } from '../rules/rule.js'
import { guessRelease } from '../run/advertised.js'
import { askApiVersions } from '../run/ask-api-versions.js'
import type { ExecutionPlace } from '../run/context.js'
import { execute } from '../run/execute.js'
import { planRun } from '../run/plan.js'
import type { Execution } from '../run/rule-execution.js'
import { fitsId, selectRules } from '../run/select-rules.js'
import type { Target } from '../target.js'
import type { Fault } from './fault.js'
import { FaultProxy } from './fault-proxy.js'
import { generateFaults } from './generate-faults.js'
import { handWrittenFaults } from './hand-written.js'

/** How to inject. */
export interface FaultRunOptions {
  readonly only?: readonly string[] | undefined
  readonly rules?: readonly Rule[] | undefined
  /** Rules at a time, each with a proxy of its own. Default 4. */
  readonly concurrency?: number | undefined
  /** Longest wait for an answer while a fault is at work, in milliseconds. Default 2,000. */
  readonly deadlineMs?: number | undefined
  readonly signal?: AbortSignal | undefined
  readonly onRule?: ((done: RuleFaults, count: number, total: number) => void) | undefined
}

/** What became of the faults for one rule, at its newest version. */
export interface RuleFaults {
  readonly rule: Rule
  readonly version: number
  /** Faults that reached an answer. */
  readonly injected: number
  readonly caught: number
  /** Names of the faults that the rule did not notice. */
  readonly survivors: readonly string[]
  /** The rule failed without a fault, or nothing that it reads can be broken. */
  readonly unusable?: string | undefined
}

/** What an injection run found. */
export interface FaultReport {
  readonly rules: readonly RuleFaults[]
  readonly injected: number
  readonly caught: number
  readonly durationMs: number
}

const DEFAULT_CONCURRENCY = 4
const FAULT_DEADLINE_MS = 2_000

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
  const { deadlineMs = FAULT_DEADLINE_MS, onRule } = options
  const signal = options.signal ?? new AbortController().signal
  const rules = selectRules(options.rules ?? allRules(), options.only)
  const advertised = await askApiVersions(target, deadlineMs, signal)
  const release = profileOf(target.release ?? guessRelease(advertised)).release
  const provides = target.provides ?? []
  const executions = newestOnly(planRun({ rules, advertised, release, provides }).executions)
  const runId = randomBytes(4).toString('hex')
  let count = 0
  const place = () => {
    const prefix = `faults-${runId}-${count++}`
    return { target, release, advertised, deadlineMs, signal, prefix }
  }
  const results: RuleFaults[] = []
  const rest = executions.values()
  const work = async () => {
    for (const execution of rest) {
      if (signal.aborted) return
      const result = await injectInto(execution, place)
      results.push(result)
      onRule?.(result, results.length, executions.length)
    }
  }
  await Promise.all(Array.from({ length: options.concurrency ?? DEFAULT_CONCURRENCY }, work))
  const sum = (of: (one: RuleFaults) => number) => results.reduce((all, one) => all + of(one), 0)
  return {
    rules: results,
    injected: sum((one) => one.injected),
    caught: sum((one) => one.caught),
    durationMs: performance.now() - started,
  }
}

function newestOnly(executions: readonly Execution[]): readonly Execution[] {
  const newest = new Map<string, Execution>()
  for (const execution of executions) {
    const known = newest.get(execution.rule.id)
    if (known === undefined || known.version < execution.version) {
      newest.set(execution.rule.id, execution)
    }
  }
  return [...newest.values()]
}

async function injectInto(
  execution: Execution,
  newPlace: () => ExecutionPlace,
): Promise<RuleFaults> {
  const { rule, version } = execution
  const proxy = new FaultProxy()
  try {
    const run = async () => {
      const place = newPlace()
      const address = await proxy.listen(place.target.address)
      return execute(execution, { ...place, target: { ...place.target, address } })
    }
    const peaceful = await run()
    if (peaceful.status !== 'passed') {
      const unusable = peaceful.failure?.message ?? peaceful.reason ?? 'did not pass'
      return { rule, version, injected: 0, caught: 0, survivors: [], unusable }
    }
    const faults = [...generateFaults(rule.id, peaceful.reads), ...handWrittenFor(rule)]
    return { rule, version, ...(await tryAll(faults, proxy, run)) }
  } finally {
    await proxy.close()
  }
}

const handWrittenFor = (rule: Rule): readonly Fault[] =>
  handWrittenFaults.filter((fault) => fault.rules.some((name) => fitsId(rule.id, name)))

async function tryAll(
  faults: readonly Fault[],
  proxy: FaultProxy,
  run: () => ReturnType<typeof execute>,
): Promise<Pick<RuleFaults, 'injected' | 'caught' | 'survivors' | 'unusable'>> {
  let injected = 0
  const survivors: string[] = []
  for (const fault of faults) {
    proxy.fault = fault
    proxy.injected = 0
    const { status } = await run()
    if (proxy.injected === 0) continue
    injected++
    if (status !== 'failed') survivors.push(fault.name)
  }
  const unusable = injected === 0 ? 'nothing that it reads can be broken' : undefined
  return { injected, caught: injected - survivors.length, survivors, unusable }
}
