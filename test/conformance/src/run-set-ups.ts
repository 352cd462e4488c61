import {
  allRules,
  fitsId,
  type Result,
  type Rule,
  type RunReport,
  runConformance,
} from '@ottla/conformance'
import { startTarget } from '@ottla-test/apache-kafka'
import { conformanceTarget } from './conformance-target.js'
import { memoryFolder } from './memory-folder.js'
import { type SetUp, setUpName } from './set-ups.js'

/** What a run over several set-ups of one target does. */
export interface SetUpsOptions {
  /** As `startTarget` takes it: `apache-kafka-4.4.0`, `ottla`, `kfake`. */
  readonly target: string
  readonly setUps: readonly SetUp[]
  /** Ids of rules, beginnings or patterns; default: all. */
  readonly only?: readonly string[] | undefined
  readonly versions?: 'all' | 'newest' | undefined
  readonly seed?: number | undefined
  readonly concurrency?: number | undefined
  readonly tracksReads?: boolean | undefined
  readonly signal: AbortSignal
  readonly onResult: (result: Result, done: number, total: number) => void
}

/** One set-up and what was found on it. */
export interface SetUpReport {
  readonly name: string
  readonly report: RunReport
}

/**
 * Runs the rules on each set-up of a target, one after the other: on the first all of them, on the others those that
 * have not been judged yet, for want of what the set-up has.
 * @throws Error when a target does not start
 */
export async function runSetUps(options: SetUpsOptions): Promise<SetUpReport[]> {
  const { only } = options
  const judged = new Set<string>()
  const reports: SetUpReport[] = []
  for (const setUp of options.setUps) {
    if (options.signal.aborted) break
    const rules = allRules().filter(
      ({ id }) => !judged.has(id) && (only === undefined || only.some((name) => fitsId(id, name))),
    )
    if (rules.length === 0) break
    const report = await runSetUp(setUp, rules, options)
    for (const { rule, status, deviation } of report.results)
      if (status !== 'skipped' || deviation !== undefined) judged.add(rule.id)
    reports.push({ name: setUpName(setUp), report })
  }
  return reports
}

async function runSetUp(
  setUp: SetUp,
  rules: readonly Rule[],
  { target, versions, seed, concurrency, tracksReads, signal, onResult }: SetUpsOptions,
): Promise<RunReport> {
  const running = await startTarget(target, { profile: setUp, parentFolder: memoryFolder() })
  try {
    const order = 'random'
    const how = { versions, seed, concurrency, tracksReads, order } as const
    const run = { rules, ...how, signal, onResult }
    return await runConformance(conformanceTarget(running), run)
  } finally {
    await running.remove()
  }
}

/** A rule that no set-up could judge, and why. */
export interface Unjudged {
  readonly rule: Rule
  readonly reason: string
}

/** The rules that were skipped on every set-up, with the last reason. */
export function unjudgedRules(reports: readonly SetUpReport[]): Unjudged[] {
  const last = new Map<string, Result>()
  for (const { report } of reports) for (const one of report.results) keep(last, one)
  return [...last.values()].flatMap(({ rule, status, reason = '' }) =>
    status === 'skipped' ? [{ rule, reason }] : [],
  )
}

/** Of several results of a rule, one that is not a skip counts. */
function keep(last: Map<string, Result>, result: Result): void {
  const known = last.get(result.rule.id)
  if (known === undefined || known.status === 'skipped') last.set(result.rule.id, result)
}
