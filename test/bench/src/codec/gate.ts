// Whether this tree's codec is slower than that of another commit. Exit status 1: it is.
//
//   pnpm bench:gate [--base REF] [--rounds 5] [--only TEXT] [--tolerance 0.1]
//
// The base is checked out into a worktree of its own; the cases are this tree's for both. Base and branch run in turn, each time in
// a fresh process. What looks slower is measured again, and counts only if it is slower then, too.
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { run } from '@ottla-test/apache-kafka'
import { median } from '../median.ts'
import { codecCases } from './codec-cases.ts'
import { codecOf, runCodec } from './run-codec.ts'
import { type Compared, formatVerdicts, verdictOf } from './verdict.ts'

const { values: flags } = parseArgs({
  options: {
    base: { type: 'string' },
    rounds: { type: 'string', default: '5' },
    only: { type: 'string', default: '' },
    tolerance: { type: 'string', default: '0.1' },
    samples: { type: 'string', default: '5' },
    'sample-ms': { type: 'string', default: '20' },
  },
})
const tolerance = Number(flags.tolerance)
const root = join(import.meta.dirname, '../../../..')
const git = async (...args: string[]) => (await run('git', ['-C', root, ...args])).stdout.trim()

const scratch = mkdtempSync(join(tmpdir(), 'ottla-gate-'))
const worktree = join(scratch, 'base')
const base = flags.base ?? (await defaultBase())
await git('worktree', 'add', '--quiet', '--detach', worktree, base)
try {
  symlinkSync(
    join(root, 'packages/protocol/node_modules'),
    join(worktree, 'packages/protocol/node_modules'),
  )
  const names = codecCases
    .filter(({ name, isYardstick }) => isYardstick !== true && name.includes(flags.only))
    .map(({ name }) => name)
  const compared = await compare(names)
  console.log(
    `The codec of this tree beside that of ${base} (${await git('rev-parse', '--short', base)}):\n`,
  )
  console.log(formatVerdicts(compared, tolerance))
  const suspects = slowerOf(compared)
  const slower = suspects.length === 0 ? [] : slowerOf(await compare(suspects))
  const cleared = suspects.filter((name) => !slower.includes(name))
  if (cleared.length > 0) console.log(`\nNot slower when measured again: ${cleared.join('; ')}`)
  console.log(slower.length === 0 ? '\nNothing is slower.' : `\nSlower: ${slower.join('; ')}`)
  process.exitCode = slower.length === 0 ? 0 : 1
} finally {
  await git('worktree', 'remove', '--force', worktree)
  rmSync(scratch, { recursive: true, force: true })
}

/** Where this branch left main; on main itself, the last commit if something has changed since, or the one before. */
async function defaultBase(): Promise<string> {
  const head = await git('rev-parse', 'HEAD')
  const fork = await git('merge-base', 'HEAD', 'main')
  if (fork !== head) return fork
  const changed = await git('status', '--porcelain', '--', 'packages/protocol')
  return changed === '' ? 'HEAD~1' : 'HEAD'
}

function slowerOf(compared: readonly Compared[]): string[] {
  return compared.filter((one) => verdictOf(one, tolerance) === 'slower').map(({ name }) => name)
}

/** So many rounds of base and branch in turn, each first in every other round. */
async function compare(names: readonly string[]): Promise<Compared[]> {
  const found = new Map(
    names.map((name) => [name, { base: [] as number[], branch: [] as number[] }]),
  )
  for (let round = 0; round < Number(flags.rounds); round++) {
    const sides = [
      ['base', worktree],
      ['branch', root],
    ] as const
    for (const [side, folder] of round % 2 === 0 ? sides : sides.toReversed()) {
      const samples = Number(flags.samples)
      const sampleMs = Number(flags['sample-ms'])
      const result = await runCodec({ protocol: codecOf(folder), names, samples, sampleMs })
      for (const [name, values] of Object.entries(result))
        found.get(name)?.[side].push(median(values))
      console.error(`round ${round + 1}: ${side}`)
    }
  }
  // A case that only one side has cannot be compared.
  return [...found]
    .map(([name, figures]) => ({ name, ...figures }))
    .filter((one) => one.base.length > 0 && one.branch.length > 0)
}
