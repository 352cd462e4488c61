import { randomInt } from 'node:crypto'
import { DeleteTopics } from '@ottla/protocol'
import { allRules } from '../cases/index.js'
import { type Deviation, knownDeviations } from '../deviations/deviation.js'
import { profileOf } from '../releases/index.js'
import type { Rule } from '../rules/rule.js'
import type { Target } from '../target.js'
import { guessRelease } from './advertised.js'
import { askApiVersions } from './ask-api-versions.js'
import { checkAccess } from './check-access.js'
import { checkTarget } from './check-target.js'
import { Judge } from './judge.js'
import { planRun } from './plan.js'
import type { Result } from './result.js'
import type { Execution } from './rule-execution.js'
import { selectRules } from './select-rules.js'
import { shuffle } from './shuffle.js'
import { Stopper } from './stopper.js'
import { sweep } from './sweep.js'
import { TopicBin } from './topic-bin.js'

/** How to run. */
export interface RunOptions {
  /** Ids of rules, prefixes of ids, or patterns with `*`. Default: all. */
  readonly only?: readonly string[] | undefined
  /** Default: all of this package's. */
  readonly rules?: readonly Rule[] | undefined
  /** `newest`: each rule once, at its newest version. Default: at all versions. */
  readonly versions?: 'all' | 'newest' | undefined
  /** `random` shuffles the executions by `seed`. Default `listed`. */
  readonly order?: 'listed' | 'random' | undefined
  /** Default: a random one; it is in the report. */
  readonly seed?: number | undefined
  /** Executions at a time. Default 8. */
  readonly concurrency?: number | undefined
  /** Longest wait for an answer in milliseconds. Default 10,000. */
  readonly deadlineMs?: number | undefined
  /** Default: the file of this package named after the target, if there is one. */
  readonly deviations?: readonly Deviation[] | undefined
  /** Notes also what facts that a rule compares come from; slower. */
  readonly tracksReads?: boolean | undefined
  /**
   * Runs executions that failed once more, one at a time, and counts that: with all rules at once on a busy machine an
   * answer may come too late. Not where more than 2 % failed, which no busy machine excuses. Default false.
   */
  readonly asksAgain?: boolean | undefined
  /**
   * How long the target may be away, in milliseconds, before the run ends early. Default 15,000: one that is started again
   * by somebody is back by then.
   */
  readonly goneAfterMs?: number | undefined
  /** Ends the run early: what runs has `deadlineMs` to end by itself, and to clean up. */
  readonly signal?: AbortSignal | undefined
  /** Called before the first execution begins. */
  readonly onStart?: ((plan: RunPlan) => void) | undefined
  /** Called when an execution has ended. */
  readonly onResult?: ((result: Result, done: number, total: number) => void) | undefined
}

/** What a run is about to do. */
export interface RunPlan {
  readonly release: string
  /** No release was asked for: this is the one whose versions are nearest. */
  readonly isNearest: boolean
  readonly executions: number
  /** Rules that are skipped, each with its reason in the report. */
  readonly skipped: number
}

/** A run that ended early. */
export interface EarlyEnd {
  readonly why: string
  /** Executions that did not begin, or were cut off. */
  readonly notRun: number
}

/** What a run found. */
export interface RunReport {
  readonly target: Target
  readonly release: string
  readonly seed: number
  readonly results: readonly Result[]
  readonly passed: number
  readonly failed: number
  readonly skipped: number
  readonly durationMs: number
  /** How often the target had fallen over and was started again. */
  readonly revivals: number
  /** How executions failed that were asked again, whatever came of it. */
  readonly askedAgain: readonly Result[]
  /** Somebody wanted it, or the target was gone; undefined where all was run. */
  readonly stopped?: EarlyEnd | undefined
}

const DEFAULT_CONCURRENCY = 8
const DEFAULT_DEADLINE_MS = 10_000
const DEFAULT_GONE_AFTER_MS = 15_000
const MAX_SEED = 2 ** 31 - 1
const MOST_ASKED_AGAIN_SHARE = 0.02

/**
 * Holds a target to the rules. Ends early when the target is gone, unless it can be started again (`controls.revive`).
 * @throws Error when the target cannot be reached, lacks what it is said to provide, or an option is not possible
 */
export async function runConformance(target: Target, options: RunOptions = {}): Promise<RunReport> {
  const stopper = new Stopper(options.signal, options.deadlineMs ?? DEFAULT_DEADLINE_MS)
  try {
    return await judgeAll(target, options, stopper)
  } finally {
    stopper.end()
  }
}

async function judgeAll(target: Target, options: RunOptions, stopper: Stopper): Promise<RunReport> {
  const started = performance.now()
  const { deadlineMs = DEFAULT_DEADLINE_MS, seed = randomInt(MAX_SEED), onResult } = options
  const { versions, tracksReads, asksAgain = false, concurrency = DEFAULT_CONCURRENCY } = options
  checkTarget(target)
  const rules = selectRules(options.rules ?? allRules(), options.only)
  const advertised = await askApiVersions(target, deadlineMs, stopper.begins)
  await checkAccess(target, advertised, { deadlineMs, signal: stopper.begins })
  const release = profileOf(target.release ?? guessRelease(advertised)).release
  const provides = target.provides ?? []
  const { executions, skipped } = planRun({ rules, advertised, release, provides, versions })
  const isNearest = target.release === undefined
  options.onStart?.({ release, isNearest, executions: executions.length, skipped: skipped.length })
  const bin = new TopicBin({ target, release, advertised, deadlineMs, signal: UNENDING })
  const place = { target, release, advertised, deadlineMs, bin, tracksReads }
  const deviations = options.deviations ?? knownDeviations(target.name)
  const { goneAfterMs = DEFAULT_GONE_AFTER_MS } = options
  const judge = new Judge({ place, deviations, stopper, goneAfterMs })
  const total = skipped.length + executions.length
  const run = async (execution: Execution) => {
    const result = await judge.run(execution)
    if (result !== undefined) onResult?.(result, skipped.length + judge.results.length, total)
  }
  const ordered = options.order === 'random' ? shuffle(executions, seed) : executions
  for (const phase of phases) {
    const chosen = ordered.filter(({ rule }) => phaseOf(rule) === phase)
    const width = alonePhases.includes(phase) ? 1 : concurrency
    await inParallel(chosen, width, stopper.begins, run)
  }
  const askedAgain = asksAgain ? fewFailures(judge.results, executions.length) : []
  await inParallel(askedAgain, 1, stopper.begins, async (failed) => {
    const execution = judge.takeBack(failed)
    if (execution !== undefined) await run(execution)
  })
  await bin.empty()
  const { prefix } = judge
  await sweep({ target, advertised, deadlineMs, prefix, signal: UNENDING })
  const results = [...skipped.map(({ rule, reason }) => skip(rule, reason)), ...judge.results]
  const { why } = stopper
  const stopped = why === undefined ? undefined : { why, notRun: total - results.length }
  const durationMs = performance.now() - started
  const { revivals } = judge
  const found = { results, askedAgain, durationMs, revivals, stopped, ...countResults(results) }
  return { target, release, seed, ...found }
}

/** What rules that were cut off have made is deleted all the same. */
const UNENDING = new AbortController().signal

/** Those that failed, unless there are too many for a machine that was just busy. */
function fewFailures(results: readonly Result[], executions: number): readonly Result[] {
  const failed = results.filter(({ status }) => status === 'failed')
  return failed.length > Math.ceil(MOST_ASKED_AGAIN_SHARE * executions) ? [] : failed
}

/** One after the other. Topics are deleted late: before release 4.0 that made coordinators forget groups of other rules. */
const phases = ['together', 'deleting topics', 'alone', 'losing nodes'] as const

const alonePhases: readonly string[] = ['alone', 'losing nodes']

function phaseOf({ alone, apis, needs }: Rule): (typeof phases)[number] {
  if (needs?.includes('nodes-can-be-stopped')) return 'losing nodes'
  if (alone === true) return 'alone'
  return apis.some(({ name }) => name === DeleteTopics.name) ? 'deleting topics' : 'together'
}

const skip = (rule: Rule, reason: string): Result => ({
  rule,
  version: undefined,
  status: 'skipped',
  reason,
  durationMs: 0,
  reads: [],
})

/** How many results of each kind there are. */
export function countResults(
  results: readonly Result[],
): Pick<RunReport, 'passed' | 'failed' | 'skipped'> {
  const count = (status: Result['status']) => results.filter((one) => one.status === status).length
  return { passed: count('passed'), failed: count('failed'), skipped: count('skipped') }
}

async function inParallel<Item>(
  items: readonly Item[],
  width: number,
  signal: AbortSignal,
  run: (item: Item) => Promise<void>,
): Promise<void> {
  const rest = items.values()
  const work = async () => {
    for (const item of rest) {
      if (signal.aborted) return
      await run(item)
    }
  }
  await Promise.all(Array.from({ length: width }, work))
}
