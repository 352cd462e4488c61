import type { Verdict } from './verdict.js'

/** A pain with what came of it, by client. */
export interface TableRow {
  readonly id: string
  readonly title: string
  readonly rule: string
  readonly verdicts: ReadonlyMap<string, Verdict>
}

const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ')

/** The table as Markdown, and below it what was seen where a client failed. */
export function formatTable(rows: readonly TableRow[], clients: readonly string[]): string {
  const mark = (row: TableRow, client: string) =>
    row.verdicts.get(client)?.passed ? 'ok' : 'FAILS'
  const lines = [
    '# Who suffers from what',
    '',
    'Written by `pnpm pains --write`. Every client has its defaults but for the timeouts that are given to all.',
    '',
    `| | pain | to pass, a client | ${clients.join(' | ')} |`,
    `|---|---|---|${'---|'.repeat(clients.length)}`,
    ...rows.map(
      (row) =>
        `| ${row.id} | ${cell(row.title)} | ${cell(row.rule)} | ${clients.map((client) => mark(row, client)).join(' | ')} |`,
    ),
    '',
    'What was seen:',
    '',
  ]
  for (const { id, verdicts } of rows) {
    for (const client of clients) {
      const verdict = verdicts.get(client)
      if (verdict?.passed === false) lines.push(`- ${id}, ${client}: ${cell(verdict.seen ?? '')}`)
    }
  }
  return `${lines.join('\n')}\n`
}
