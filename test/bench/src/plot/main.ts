// Draws every results page again: pnpm bench:plot [PAGE.md …]
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { writePlot } from './write-plot.ts'

const results = join(import.meta.dirname, '../../results')
const named = process.argv.slice(2)
const pages = readdirSync(results)
  .filter((name) => name.endsWith('.md') && (named.length === 0 || named.includes(name)))
  .sort()
for (const page of pages) {
  console.log(`${page}: ${writePlot(join(results, page))} tables drawn`)
}
