import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { showsThatRulesBite, stopSignal } from '@ottla/conformance'
import type { TargetProfile } from '@ottla-test/apache-kafka'
import { currentCommit } from './current-commit.js'
import { formatFaults } from './format-faults.js'
import { injectIntoSetUps, type SetUpsFaultReport } from './inject-into-set-ups.js'
import { allSetUps } from './set-ups.js'
import {
  addRun,
  decodeFaults,
  encodeFaults,
  noFaults,
  reportOf,
  rulesLeft,
  type StoredFaults,
} from './stored-faults.js'

const HELP = `Puts faults into the answers that rules read, and writes results/faults.md: how many are noticed, and which are not.
All rules on a cluster with every profile that goes together, then on each other profile the rules that need it.

  pnpm --filter @ottla-test/conformance faults [--target NAME] [--per-rule N] [--sample N] [--seed N] [--only RULE]…
                                               [--without NEED]… [--profile NAME]… [--merge] [--missing] [--concurrency N]

Target: apache-kafka unless told otherwise. --per-rule tries so many generated faults of each rule, --sample so many rules of
each set-up, chosen by the seed; without them all. --only names rules, --without leaves out those that have a need, --profile
starts one cluster with these profiles only. A whole run is written, in front of Apache Kafka; what a part of it finds is only
printed, unless --merge puts it into the page, in place of what was known of the same rules. --missing does so with the rules
that the page has nothing of. Exit status 1 when a fault survived (of what is written, on the page), a rule could not be tried,
or the run was stopped.
`

const ORACLE = 'apache-kafka'
const page = new URL('../results/faults.md', import.meta.url)
const data = new URL('../results/faults.jsonl', import.meta.url)

const { values: flags } = parseArgs({
  options: {
    target: { type: 'string', default: ORACLE },
    'per-rule': { type: 'string' },
    sample: { type: 'string' },
    seed: { type: 'string' },
    only: { type: 'string', multiple: true },
    without: { type: 'string', multiple: true },
    profile: { type: 'string', multiple: true },
    merge: { type: 'boolean', default: false },
    missing: { type: 'boolean', default: false },
    concurrency: { type: 'string', default: '8' },
    help: { type: 'boolean', short: 'h', default: false },
  },
})

if (flags.help) process.stdout.write(HELP)
else await inject()

async function inject(): Promise<void> {
  const signal = stopSignal()
  const commit = currentCommit()
  const before = storedBefore()
  const numberOf = (text: string | undefined) => (text === undefined ? undefined : Number(text))
  const report = await injectIntoSetUps({
    target: flags.target,
    // Names that are none are refused by name.
    setUps: flags.profile === undefined ? allSetUps() : [flags.profile as TargetProfile[]],
    rules: flags.missing ? rulesLeft(before) : undefined,
    only: flags.only,
    without: flags.without,
    faults: {
      perRule: numberOf(flags['per-rule']),
      sample: numberOf(flags.sample),
      seed: numberOf(flags.seed),
      concurrency: Number(flags.concurrency),
      signal,
      onRule: ({ rule, injected, caught }, count, total) => {
        process.stderr.write(`${count}/${total} ${rule.id}: ${caught} of ${injected}\n`)
      },
    },
  })
  const { only, without, profile, target } = flags
  const isPart = isChosen() || [only, without, profile].some((given) => given !== undefined)
  const isWritten = isMerged() || (target === ORACLE && !isPart && !signal.aborted)
  const after = withRun(before, report, commit)
  const own = [...report.rules, ...report.skipped].map(({ rule }) => rule)
  const text = formatFaults(after, isWritten ? undefined : own)
  process.stdout.write(text)
  if (isWritten) {
    writeFileSync(data, encodeFaults(after))
    writeFileSync(page, text)
  }
  const bites = showsThatRulesBite(isWritten ? reportOf(after) : report)
  process.exitCode = bites && !signal.aborted ? 0 : 1
}

/** Whether what is tried of each rule is a choice, which says nothing about the rest. */
function isChosen(): boolean {
  return flags['per-rule'] !== undefined || flags.sample !== undefined
}

function isMerged(): boolean {
  return flags.merge || flags.missing
}

/** What a run is added to: what there is where it is merged, else nothing. */
function storedBefore(): StoredFaults {
  if (!isMerged()) return noFaults
  if (flags.target !== ORACLE || isChosen())
    throw new Error('Only all faults of a rule, in front of Apache Kafka, go into the page.')
  return existsSync(data) ? decodeFaults(readFileSync(data, 'utf8')) : noFaults
}

function withRun(before: StoredFaults, report: SetUpsFaultReport, commit: string): StoredFaults {
  const run = {
    target: report.target,
    command: process.argv.slice(2).join(' '),
    commit,
    date: new Date().toISOString().slice(0, 10),
    seed: report.seed,
    seconds: Math.round(report.durationMs / 1000),
  }
  return addRun(before, run, report)
}
