/** A table of a results page that compares by ratios. */
export interface RatioTable {
  /** What its rows are: the heading of the first column. */
  readonly title: string
  /** What the ratios are of: the heading of the column before them. */
  readonly figure: string
  readonly rows: readonly { readonly label: string; readonly ratio: number }[]
}

const ratioHeading = '× ours'

const cellsOf = (line: string): string[] =>
  line
    .split('|')
    .slice(1, -1)
    .map((cell) => cell.trim())

/** The tables of a Markdown page that have a column `× ours`, in their order. */
export function readRatioTables(markdown: string): RatioTable[] {
  const tables: RatioTable[] = []
  const lines = markdown.split('\n')
  for (const [index, line] of lines.entries()) {
    if (!line.startsWith('|') || !lines[index + 1]?.startsWith('|---')) continue
    const heads = cellsOf(line)
    const column = heads.indexOf(ratioHeading)
    if (column < 1) continue
    const body = lines.slice(index + 2)
    const end = body.findIndex((row) => !row.startsWith('|'))
    const rows = body.slice(0, end < 0 ? body.length : end).map(cellsOf)
    tables.push({
      title: heads[0] ?? '',
      figure: (heads[column - 1] ?? '').replace(/ \(.*\)$/, ''),
      rows: rows
        .map((cells) => ({ label: cells[0] ?? '', ratio: Number(cells[column]) }))
        .filter(({ ratio }) => Number.isFinite(ratio)),
    })
  }
  return tables
}
