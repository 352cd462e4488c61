/** One measured value beside what it may be at most. */
export interface Figure {
  readonly what: string
  readonly value: number
  readonly unit: string
  /** Undefined: told for itself. */
  readonly limit?: number
}

/** Two significant digits for small values, whole numbers for large ones. */
const short = (value: number): string => (value < 10 ? value.toFixed(1) : value.toFixed(0))

/** The figures as a Markdown table. */
export function formatFigures(figures: readonly Figure[]): string {
  const rows = figures.map(({ what, value, unit, limit }) => {
    const verdict = limit === undefined ? '' : value <= limit ? 'yes' : '**no**'
    const most = limit === undefined ? '' : `${limit} ${unit}`
    return `| ${what} | ${short(value)} ${unit} | ${most} | ${verdict} |`
  })
  return ['| what | measured | at most | within |', '|---|---|---|---|', ...rows, ''].join('\n')
}
