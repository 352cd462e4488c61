import { readFileSync, writeFileSync } from 'node:fs'
import { basename } from 'node:path'
import { drawBars } from './draw-bars.ts'
import { readRatioTables } from './ratio-tables.ts'

/**
 * Draws the tables of ratios of a results page into an SVG file beside it, and shows the picture under the page's heading.
 *
 * @param page path of the Markdown file
 * @returns how many tables were drawn; without any, nothing is written
 */
export function writePlot(page: string): number {
  const markdown = readFileSync(page, 'utf8')
  const tables = readRatioTables(markdown)
  if (tables.length === 0) return 0
  const picture = page.replace(/\.md$/, '.svg')
  writeFileSync(picture, drawBars(tables))
  const line = `![The tables below as bars](${basename(picture)})`
  if (!markdown.includes(line)) {
    writeFileSync(page, markdown.replace(/^(# .*\n)/, `$1\n${line}\n`))
  }
  return tables.length
}
