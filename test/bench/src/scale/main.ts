// The broker at its limits: many partitions, many groups, much to recover. Needs a build.
//
//   pnpm bench:scale [--only partitions|recovery|groups|empty] [--folder DIR] [--write]
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { cpus, loadavg, tmpdir, totalmem } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { type Figure, formatFigures } from './figure.ts'
import { measureEmpty } from './measure-empty.ts'
import { measureGroups } from './measure-groups.ts'
import { measurePartitions } from './measure-partitions.ts'
import { measureRecovery } from './measure-recovery.ts'

const { values: flags } = parseArgs({
  options: {
    only: { type: 'string' },
    folder: { type: 'string', default: tmpdir() },
    node: { type: 'string', default: process.execPath },
    write: { type: 'boolean', default: false },
  },
})
const { node } = flags
const folder = mkdtempSync(join(flags.folder, 'ottla-scale-'))
const parts: Record<string, () => Promise<Figure[]>> = {
  empty: () => measureEmpty(node, folder),
  partitions: () => measurePartitions(node, folder),
  groups: () => measureGroups(node, folder),
  recovery: async () => [
    await measureRecovery(node, folder, 100_000),
    await measureRecovery(node, folder, 16_384),
  ],
}
const figures: Figure[] = []
const loadBefore = loadavg()[0] ?? 0
try {
  for (const [name, measure] of Object.entries(parts)) {
    if (flags.only === undefined || flags.only === name) figures.push(...(await measure()))
  }
} finally {
  // At the end: some file systems are slow to create files while they remember removed ones.
  rmSync(folder, { recursive: true, force: true })
}
const machine = `${cpus().length} × ${cpus()[0]?.model.trim()}, ${Math.round(totalmem() / 2 ** 30)} GB`
const report = [
  '# The broker at its limits',
  '',
  '`ottla broker` with its data on disk, everything through its socket, each answer checked.',
  `${machine}, shared with the load. Node ${process.version}. \`pnpm bench:scale\``,
  `Load average at the start: ${loadBefore.toFixed(1)}.`,
  '',
  formatFigures(figures),
].join('\n')
console.log(report)
if (flags.write) {
  const results = fileURLToPath(new URL('../../results', import.meta.url))
  mkdirSync(results, { recursive: true })
  writeFileSync(join(results, 'scale.md'), report)
}
process.exit(0)
