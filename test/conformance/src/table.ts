type Cell = string | number

/** A table in plain text: the first column to the left, numbers to the right. */
export function formatTable(titles: readonly string[], rows: readonly (readonly Cell[])[]): string {
  const cells = [titles, ...rows.map((row) => row.map(String))]
  const widths = titles.map((_, column) =>
    Math.max(...cells.map((row) => row[column]?.length ?? 0)),
  )
  const lineOf = (row: readonly string[]) =>
    row.map((cell, column) => pad(cell, widths[column] ?? 0, column === 0)).join('  ')
  return `${cells.map(lineOf).join('\n')}\n`
}

/** The same as a table of Markdown. */
export function formatMarkdownTable(
  titles: readonly string[],
  rows: readonly (readonly Cell[])[],
): string {
  const rule = titles.map((_, column) => (column === 0 ? '---' : '--:'))
  return [titles, rule, ...rows].map((row) => `| ${row.join(' | ')} |\n`).join('')
}

const pad = (cell: string, width: number, isText: boolean) =>
  isText ? cell.padEnd(width) : cell.padStart(width)
