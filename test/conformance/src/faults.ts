import { writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { runFaults, stopSignal } from '@ottla/conformance'
import { startTarget } from '@ottla-test/apache-kafka'
import { conformanceTarget } from './conformance-target.js'
import { formatFaults } from './format-faults.js'
import { memoryFolder } from './memory-folder.js'
import { allSetUps } from './set-ups.js'

const HELP = `Puts faults into the answers that rules read, and writes results/faults.md: how many are noticed, and which are not.

  pnpm --filter @ottla-test/conformance faults [--target NAME] [--per-rule N] [--seed N] [--only RULE]… [--concurrency N]

Target: apache-kafka unless told otherwise. --per-rule tries so many generated faults of each rule, chosen by the seed; without it
all. With --only nothing is written. Exit status 1 when a fault survived.
`

const { values: flags } = parseArgs({
  options: {
    target: { type: 'string', default: 'apache-kafka' },
    'per-rule': { type: 'string' },
    seed: { type: 'string' },
    only: { type: 'string', multiple: true },
    concurrency: { type: 'string', default: '8' },
    help: { type: 'boolean', short: 'h', default: false },
  },
})

if (flags.help) process.stdout.write(HELP)
else await inject()

async function inject(): Promise<void> {
  const signal = stopSignal()
  const [profile = []] = allSetUps()
  const target = await startTarget(flags.target, { profile, parentFolder: memoryFolder() })
  const numberOf = (text: string | undefined) => (text === undefined ? undefined : Number(text))
  try {
    const perRule = numberOf(flags['per-rule'])
    const report = await runFaults(conformanceTarget(target), {
      perRule,
      seed: numberOf(flags.seed),
      only: flags.only,
      concurrency: Number(flags.concurrency),
      signal,
      onRule: (_, count, total) => {
        if (count % 50 === 0) process.stderr.write(`${count} of ${total} rules\n`)
      },
    })
    const text = formatFaults(report, { target: target.name, perRule })
    process.stdout.write(text)
    const isWhole = flags.only === undefined && !signal.aborted
    if (isWhole) writeFileSync(new URL('../results/faults.md', import.meta.url), text)
    process.exitCode = report.caught === report.injected ? 0 : 1
  } finally {
    await target.remove()
  }
}
