import { writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { showsThatRulesBite, stopSignal } from '@ottla/conformance'
import { formatFaults } from './format-faults.js'
import { injectIntoSetUps } from './inject-into-set-ups.js'
import { allSetUps } from './set-ups.js'

const HELP = `Puts faults into the answers that rules read, and writes results/faults.md: how many are noticed, and which are not.
All rules on a cluster with every profile that goes together, then on each other profile the rules that need it.

  pnpm --filter @ottla-test/conformance faults [--target NAME] [--per-rule N] [--sample N] [--seed N] [--only RULE]…
                                               [--without NEED]… [--concurrency N]

Target: apache-kafka unless told otherwise. --per-rule tries so many generated faults of each rule, --sample so many rules of
each set-up, chosen by the seed; without them all. --without leaves out the rules that have a need: those that lose nodes take half a minute
for each fault. Only a whole run is written: every fault of every rule, in front of Apache Kafka. Exit status 1 when a fault survived, a rule
could not be tried, or the run was stopped.
`

const ORACLE = 'apache-kafka'

const { values: flags } = parseArgs({
  options: {
    target: { type: 'string', default: ORACLE },
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
  const { target, only, without } = flags
  const leavesOut = [only, without, perRule, sample].some((given) => given !== undefined)
  if (target === ORACLE && !leavesOut && !signal.aborted)
    writeFileSync(new URL('../results/faults.md', import.meta.url), text)
  process.exitCode = showsThatRulesBite(report) && !signal.aborted ? 0 : 1
}
