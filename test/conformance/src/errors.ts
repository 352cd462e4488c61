import { writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import {
  compareErrors,
  formatErrors,
  provokedErrors,
  stopSignal,
  summarizeErrors,
} from '@ottla/conformance'
import { CURRENT_RELEASE, LAST_3_RELEASE, type TargetProfile } from '@ottla-test/apache-kafka'
import { formatSetUps } from './format-set-ups.js'
import { runSetUps, type SetUpReport } from './run-set-ups.js'
import { allSetUps } from './set-ups.js'
import { progressLine } from './terminal.js'

const HELP = `Compares the errors that the documentation of each API lists with those that rules provoke on Apache Kafka, and
writes results/errors.md: which rule provokes each, or why no client can.

  pnpm --filter @ottla-test/conformance errors [--release ${CURRENT_RELEASE}]… [--profile NAME]… [--versions all|newest]

Releases: ${CURRENT_RELEASE} and ${LAST_3_RELEASE} unless told otherwise. Only a whole run is written: both releases, every profile, all
versions. Exit status 1 when an error has neither a rule nor a reason.
`

const RELEASES = [CURRENT_RELEASE, LAST_3_RELEASE]

const { values: flags } = parseArgs({
  options: {
    release: { type: 'string', multiple: true, default: RELEASES },
    profile: { type: 'string', multiple: true },
    versions: { type: 'string', default: 'all' },
    help: { type: 'boolean', short: 'h', default: false },
  },
})

if (flags.help) process.stdout.write(HELP)
else await compare()

async function compare(): Promise<void> {
  const signal = stopSignal()
  const reports: SetUpReport[] = []
  for (const release of flags.release) {
    const found = await runSetUps({
      target: `apache-kafka-${release}`,
      // Names that are none are refused by name.
      setUps: flags.profile === undefined ? allSetUps() : [flags.profile as TargetProfile[]],
      versions: flags.versions === 'newest' ? 'newest' : 'all',
      tracksReads: true,
      signal,
      onResult: progressLine(),
    })
    process.stdout.write(`\nApache Kafka ${release}\n\n${formatSetUps(found)}\n`)
    reports.push(...found)
  }
  const comparison = compareErrors(provokedErrors(reports.flatMap(({ report }) => report.results)))
  process.stdout.write(summarizeErrors(comparison))
  const isWhole = flags.profile === undefined && flags.versions === 'all'
  if (isWhole && RELEASES.every((one) => flags.release.includes(one)) && !signal.aborted) {
    const title = '# Errors that rules provoke\n\n'
    const how =
      'Written by `pnpm --filter @ottla-test/conformance errors`; not edited by hand. What an API lists is in [apps/conformance/errors](../../../apps/conformance/errors).\n\n'
    const text = `${title}${how}${formatErrors(comparison)}`
    writeFileSync(new URL('../results/errors.md', import.meta.url), text)
  }
  process.exitCode = comparison.missing.length + comparison.outdated.length > 0 ? 1 : 0
}
