import type { Result } from '../run/result.js'
import type { RunReport } from '../run/run-conformance.js'
import { groupFailures } from './group-failures.js'

/** Longer texts are in the full description of the failure. */
const MAX_LINE = 120

/** Counts of one row of the table. */
export interface Row {
  readonly name: string
  readonly rules: Set<string>
  passed: number
  failed: number
  skipped: number
}

/** The table at the end of a run: by API, and by what the rules are about. */
export function summaryTable({ results }: RunReport): string {
  return `${table('API', rowsByApi(results))}\n\n${table('Topic', rowsByTopic(results))}`
}

/** The counts of each API that a rule is listed under. */
export function rowsByApi(results: readonly Result[]): readonly Row[] {
  return rowsBy(results, ({ rule }) => rule.apis[0].name)
}

/** The counts of what rules are about. */
export function rowsByTopic(results: readonly Result[]): readonly Row[] {
  return rowsBy(results, ({ rule }) => rule.topic)
}

/** What was judged, against what, and for how long. */
export function describeRun({ target, release, seed, durationMs }: RunReport): string {
  const seconds = Math.round(durationMs / 100) / 10
  return `${target.name} at ${target.address}, held to release ${release}, seed ${seed}, ${seconds} s`
}

/** Why the run ended early, and how much it left out; undefined where it did not. */
export function describeStop({ stopped }: RunReport): string | undefined {
  if (stopped === undefined) return undefined
  return `Ended early: ${stopped.why}. ${stopped.notRun} executions were not run.`
}

/** One line for each rule that failed, with the versions and the first of what was wrong. */
export function failedRules({ results }: RunReport): readonly string[] {
  return groupFailures(results).map(({ shown, versions }) => {
    const { rule, failure } = shown
    const [first] = failure?.differences ?? []
    const what =
      first === undefined
        ? (failure?.message ?? '')
        : `${first.path} is ${first.actual}, not ${first.expected}`
    return `${rule.id} v${versions}: ${what.length > MAX_LINE ? `${what.slice(0, MAX_LINE)}…` : what}`
  })
}

/** The last line: `N passed, N failed, N skipped`. */
export function lastLine({ passed, failed, skipped }: RunReport): string {
  return `${passed} passed, ${failed} failed, ${skipped} skipped`
}

/** How often each reason for a skip was given, most often first. */
export function skipReasons({ results }: RunReport): readonly (readonly [string, number])[] {
  const counts = new Map<string, number>()
  for (const { reason } of results) {
    if (reason !== undefined) counts.set(reason, (counts.get(reason) ?? 0) + 1)
  }
  return [...counts].sort((a, b) => b[1] - a[1])
}

function rowsBy(results: readonly Result[], nameOf: (result: Result) => string): Row[] {
  const rows = new Map<string, Row>()
  for (const result of results) {
    const name = nameOf(result)
    const row = rows.get(name) ?? { name, rules: new Set(), passed: 0, failed: 0, skipped: 0 }
    row.rules.add(result.rule.id)
    row[result.status]++
    rows.set(name, row)
  }
  return [...rows.values()].sort((a, b) => (a.name < b.name ? -1 : 1))
}

function table(title: string, rows: readonly Row[]): string {
  const cells = [
    [title, 'rules', 'passed', 'failed', 'skipped'],
    ...rows.map(({ name, rules, passed, failed, skipped }) =>
      [name, rules.size, passed, failed, skipped].map(String),
    ),
  ]
  const widths = [0, 1, 2, 3, 4].map((column) =>
    Math.max(...cells.map((row) => row[column]?.length ?? 0)),
  )
  return cells
    .map((row) =>
      row
        .map((cell, column) =>
          column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0),
        )
        .join('  '),
    )
    .join('\n')
}
