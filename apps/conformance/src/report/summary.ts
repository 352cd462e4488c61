import type { Result } from '../run/result.js'
import type { RunReport } from '../run/run-conformance.js'

/** Counts of one row of the table. */
interface Row {
  readonly name: string
  rules: Set<string>
  passed: number
  failed: number
  skipped: number
}

/** The table at the end of a run: by API, and by what the rules are about. */
export function summaryTable({ results }: RunReport): string {
  const byApi = rowsBy(results, ({ rule }) => rule.apis[0].name)
  const byTopic = rowsBy(results, ({ rule }) => rule.topic)
  return `${table('API', byApi)}\n\n${table('Topic', byTopic)}`
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
