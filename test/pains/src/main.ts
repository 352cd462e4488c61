// Puts every client through every pain and prints the table of who has which.
//
//   pnpm pains [--client NAME] [--pain ID] [--write]
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { clients } from './clients/index.js'
import { installVerdicts } from './install.js'
import { pains } from './pains/index.js'
import { formatTable, type TableRow } from './table.js'
import { tryClient } from './try-client.js'

const { values: flags } = parseArgs({
  options: {
    client: { type: 'string' },
    pain: { type: 'string' },
    write: { type: 'boolean', default: false },
  },
})
const chosen = clients.filter(({ name }) => flags.client === undefined || name === flags.client)
const rows: TableRow[] = []
for (const { id, title, rule } of pains) {
  if (flags.pain !== undefined && id !== flags.pain) continue
  const verdicts = new Map()
  for (const { name } of chosen) {
    const verdict = await tryClient(name, id)
    verdicts.set(name, verdict)
    console.error(`${id} ${name}: ${verdict.passed ? 'passed' : verdict.seen}`)
  }
  rows.push({ id, title, rule, verdicts })
}
if (flags.pain === undefined) rows.push(installVerdicts(chosen.map(({ name }) => name)))
const table = formatTable(
  rows,
  chosen.map(({ name }) => name),
)
console.log(table)
if (flags.write) writeFileSync(join(import.meta.dirname, '..', 'results', 'clients.md'), table)
