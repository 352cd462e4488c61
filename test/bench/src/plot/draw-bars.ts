import type { RatioTable } from './ratio-tables.ts'

const width = 760
const labelWidth = 210
const barsWidth = 470
const barHeight = 14
const rowHeight = 20
const titleHeight = 44

/** Colours that hold on white and on black; text follows the reader's choice where the viewer tells it. */
const style = [
  'text{font:13px system-ui,sans-serif;fill:#57606a}',
  '.title{font-weight:600}',
  '.ours{fill:#2f81f7}',
  '.peer{fill:#9198a1}',
  '.limit{fill:none;stroke:#9198a1;stroke-dasharray:3 2}',
  '@media(prefers-color-scheme:dark){text{fill:#adbac7}}',
].join('')

const escapeXml = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')

const kindOf = (label: string): string => {
  if (label.startsWith('ottla')) return 'ours'
  return label.startsWith('raw') || label.startsWith('bare') ? 'limit' : 'peer'
}

/** Bars of ratios as an SVG picture, one group a table, each group to its own scale. Less is better except where rates are compared. */
export function drawBars(tables: readonly RatioTable[]): string {
  const parts: string[] = []
  let y = 0
  for (const table of tables) {
    parts.push(...drawGroup(table, y))
    y += titleHeight + table.rows.length * rowHeight
  }
  const height = y + 10
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img">`,
    `<style>${style}</style>`,
    ...parts,
    '</svg>',
    '',
  ].join('\n')
}

function drawGroup({ title, figure, rows }: RatioTable, top: number): string[] {
  const most = Math.max(...rows.map(({ ratio }) => ratio))
  const better = figure.includes('/s') ? 'more' : 'less'
  const heading = `${title}: ${figure}, as a multiple of ours (${better} is better)`
  const bars = rows.flatMap(({ label, ratio }, index) => {
    const y = top + titleHeight - 8 + index * rowHeight
    const length = Math.max(1, (ratio / most) * barsWidth)
    const baseline = y + barHeight - 2
    return [
      `<text x="${labelWidth - 8}" y="${baseline}" text-anchor="end">${escapeXml(label)}</text>`,
      `<rect class="${kindOf(label)}" x="${labelWidth}" y="${y}" width="${length.toFixed(1)}" height="${barHeight}"/>`,
      `<text x="${(labelWidth + length + 6).toFixed(1)}" y="${baseline}">${ratio.toFixed(2)}</text>`,
    ]
  })
  return [`<text class="title" x="8" y="${top + 24}">${escapeXml(heading)}</text>`, ...bars]
}
