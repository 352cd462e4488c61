import { readFileSync, writeFileSync } from 'node:fs'
import { isDeepStrictEqual, parseArgs } from 'node:util'
import { knownDeviations, stopSignal } from '@ottla/conformance'
import { CURRENT_RELEASE, LAST_3_RELEASE } from '@ottla-test/apache-kafka'
import { deviationsOf } from './deviations-of.js'
import { formatSetUps } from './format-set-ups.js'
import { runSetUps, type SetUpReport } from './run-set-ups.js'
import { formatScores, type Score, scoreOf } from './score.js'
import { allSetUps } from './set-ups.js'
import { progressLine } from './terminal.js'

const HELP = `Runs the conformance suite at every version on each target and writes results/scores.md: side by side what passed.

  pnpm --filter @ottla-test/conformance scores [--target NAME]… [--concurrency N] [--deviations]

Targets: apache-kafka-${CURRENT_RELEASE}, apache-kafka-${LAST_3_RELEASE}, ottla (needs a build), kfake (needs Go). Without --target all; with it
the others keep what they had. --deviations brings the target's file of known deviations up to date: what failed is added, for
those who will put it into words, and what is followed by now is taken off. Exit status 1 when a rule failed on Apache Kafka or ottla.
`

const results = new URL('../results/', import.meta.url)
const names = [
  `apache-kafka-${CURRENT_RELEASE}`,
  `apache-kafka-${LAST_3_RELEASE}`,
  'ottla',
  'kfake',
]

const { values: flags } = parseArgs({
  options: {
    target: { type: 'string', multiple: true, default: names },
    concurrency: { type: 'string' },
    deviations: { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h', default: false },
  },
})

if (flags.help) process.stdout.write(HELP)
else await score()

/** Into the file that the suite reads for this target: all releases of Apache Kafka share a name. */
function writeDeviations(reports: readonly SetUpReport[]): void {
  const name = reports[0]?.report.target.name
  if (name === undefined) return
  const known = knownDeviations(name)
  const found = deviationsOf(reports, known)
  if (isDeepStrictEqual(found, known)) return
  const file = new URL(`../../../apps/conformance/deviations/${name}.json`, import.meta.url)
  writeFileSync(file, `${JSON.stringify(found, undefined, 2)}\n`)
}

async function score(): Promise<void> {
  const signal = stopSignal()
  const file = new URL('scores.json', results)
  for (const target of flags.target) {
    const setUps = target === 'kfake' ? [[]] : allSetUps()
    const concurrency = flags.concurrency === undefined ? undefined : Number(flags.concurrency)
    const onResult = progressLine()
    const reports = await runSetUps({ target, setUps, concurrency, signal, onResult })
    if (signal.aborted) return
    process.stdout.write(`\n${target}\n\n${formatSetUps(reports)}\n`)
    if (flags.deviations) writeDeviations(reports)
    const found = scoreOf(target, reports)
    if (target !== 'kfake' && found.total.failed > 0) process.exitCode = 1
    const scores = JSON.parse(readFileSync(file, 'utf8')) as Score[]
    const rest = scores.filter((one) => one.target !== target)
    const all = [...rest, found].sort((a, b) => names.indexOf(a.target) - names.indexOf(b.target))
    writeFileSync(file, `${JSON.stringify(all, undefined, 2)}\n`)
    writeFileSync(new URL('scores.md', results), formatScores(all))
  }
}
