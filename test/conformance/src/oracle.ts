import { parseArgs } from 'node:util'
import { stopSignal } from '@ottla/conformance'
import { CURRENT_RELEASE, LAST_3_RELEASE, type TargetProfile } from '@ottla-test/apache-kafka'
import { describeUnjudged, formatSetUps } from './format-set-ups.js'
import { runSetUps, type SetUpReport, unjudgedRules } from './run-set-ups.js'
import { allSetUps } from './set-ups.js'
import { progressLine } from './terminal.js'

const HELP = `Runs the conformance suite on Apache Kafka: all rules on a cluster with every profile that goes together, then on
each other profile the rules that need it. A rule that Apache Kafka does not follow is a wrong rule.

  pnpm --filter @ottla-test/conformance oracle [--release ${CURRENT_RELEASE}]… [--profile NAME]… [--only RULE]…
                                               [--versions all|newest] [--seed N] [--concurrency N] [--rounds N]

Releases: ${CURRENT_RELEASE} and ${LAST_3_RELEASE} unless told otherwise. Rules that neither could judge are named at the end.
Exit status 1 when a rule failed.
`

const { values: flags } = parseArgs({
  options: {
    release: { type: 'string', multiple: true, default: [CURRENT_RELEASE, LAST_3_RELEASE] },
    profile: { type: 'string', multiple: true },
    only: { type: 'string', multiple: true },
    versions: { type: 'string', default: 'all' },
    seed: { type: 'string' },
    concurrency: { type: 'string' },
    rounds: { type: 'string', default: '1' },
    help: { type: 'boolean', short: 'h', default: false },
  },
})

if (flags.help) process.stdout.write(HELP)
else await judge()

async function judge(): Promise<void> {
  const signal = stopSignal()
  const all: SetUpReport[] = []
  for (let round = 0; round < Number(flags.rounds); round++) {
    for (const release of flags.release) {
      const reports = await runSetUps({
        target: `apache-kafka-${release}`,
        // Names that are none are refused by name.
        setUps: flags.profile === undefined ? allSetUps() : [flags.profile as TargetProfile[]],
        only: flags.only,
        versions: flags.versions === 'newest' ? 'newest' : 'all',
        seed: numberOf(flags.seed),
        concurrency: numberOf(flags.concurrency),
        signal,
        onResult: progressLine(),
      })
      process.stdout.write(`\nApache Kafka ${release}\n\n${formatSetUps(reports)}\n`)
      all.push(...reports)
    }
  }
  process.stdout.write(describeUnjudged(unjudgedRules(all)))
  process.exitCode = all.some(({ report }) => report.failed > 0) ? 1 : 0
}

function numberOf(text: string | undefined): number | undefined {
  return text === undefined ? undefined : Number(text)
}
