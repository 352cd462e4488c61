import { writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { stopSignal } from '@ottla/conformance'
import { formatFaults } from './format-faults.js'
import { injectIntoSetUps } from './inject-into-set-ups.js'
import { allSetUps } from './set-ups.js'

const HELP = `Puts faults into the answers that rules read, and writes results/faults.md: how many are noticed, and which are not.
All rules on a cluster with every profile that goes together, then on each other profile the rules that need it.

  pnpm --filter @ottla-test/conformance faults [--target NAME] [--per-rule N] [--sample N] [--seed N] [--only RULE]…
                                               [--without NEED]… [--concurrency N]

Target: apache-kafka unless told otherwise. --per-rule tries so many generated faults of each rule, --sample so many rules of
each set-up, chosen by the seed; without them all. --without leaves out the rules that have a need: those that lose nodes take half a minute
for each fault. Only a whole run is written. Exit status 1 when a fault survived.
`

const { values: flags } = parseArgs({
  options: {
    target: { type: 'string', default: 'apache-kafka' },
    'per-rule': { type: 'string' },
    sample: { type: 'string' },
    seed: { type: 'string' },
    only: { type: 'string', multiple: true },
    without: { type: 'string', multiple: true },
    concurrency: { type: 'string', default: '8' },
    help: { type: 'boolean', short: 'h', default: false },
  },
})

if (flags.help) process.stdout.write(HELP)
else await inject()

async function inject(): Promise<void> {
  const signal = stopSignal()
  const numberOf = (text: string | undefined) => (text === undefined ? undefined : Number(text))
  const perRule = numberOf(flags['per-rule'])
  const sample = numberOf(flags.sample)
  const report = await injectIntoSetUps({
    target: flags.target,
    setUps: allSetUps(),
    only: flags.only,
    without: flags.without,
    faults: {
      perRule,
      sample,
      seed: numberOf(flags.seed),
      concurrency: Number(flags.concurrency),
      signal,
      onRule: ({ rule, injected, caught }, count, total) => {
        process.stderr.write(`${count}/${total} ${rule.id}: ${caught} of ${injected}\n`)
      },
    },
  })
  const text = formatFaults(report, { perRule })
  process.stdout.write(text)
  const isWhole = flags.only === undefined && sample === undefined && !signal.aborted
  if (isWhole) writeFileSync(new URL('../results/faults.md', import.meta.url), text)
  process.exitCode = report.caught === report.injected ? 0 : 1
}
