import { accessSync, constants, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { Command, Option } from 'commander'
import { allRules } from './cases/index.js'
import { readDeviations } from './deviations/deviation.js'
import { errorsCommand } from './errors/errors-command.js'
import { faultsCommand } from './faults/faults-command.js'
import { releaseProfiles } from './releases/index.js'
import { formatReport, type ReportFormat, reportFormats } from './report/format-report.js'
import { listRules, listRulesAsJson } from './report/list-rules.js'
import { createProgress } from './report/progress.js'
import { describeStop, lastLine } from './report/summary.js'
import type { Result } from './run/result.js'
import { type RunPlan, type RunReport, runConformance } from './run/run-conformance.js'
import { selectRules } from './run/select-rules.js'
import { stopSignal } from './stop-signal.js'
import {
  addTargetOptions,
  positiveNumber,
  type TargetFlags,
  targetOf,
  wholeNumber,
} from './target-options.js'

interface Flags extends TargetFlags {
  report: ReportFormat
  output?: string
  deviations?: string
  list?: boolean
  only?: string[]
  versions: 'all' | 'newest'
  order: 'listed' | 'random'
  seed?: number
  concurrency: number
  deadline: number
}

/** The `ottla-conformance` command; `parseAsync(argv)` runs it and sets the exit status. */
export function createProgram(): Command {
  const manifest = readFileSync(new URL('../package.json', import.meta.url), 'utf8')
  const { version } = JSON.parse(manifest) as { version: string }
  const program = new Command('ottla-conformance')
    .description('Holds a broker to the rules of the Kafka protocol')
    .version(version)
    .showHelpAfterError('(ottla-conformance --help shows what there is)')
    .enablePositionalOptions()
  addTargetOptions(program)
    .addOption(
      new Option('--report <format>', 'form of the report').choices(reportFormats).default('text'),
    )
    .option('--output <file>', 'where the report goes; default: standard output')
    .option('--deviations <file>', 'what the broker is known to do otherwise: JSON, see the README')
    .option('--list', 'lists the rules instead of running them; with --report json for programs')
    .option('--only <rule...>', 'ids of rules, beginnings of ids, or patterns with *')
    .addOption(
      new Option('--versions <which>', 'versions of each rule: all, or the quick form')
        .choices(['all', 'newest'])
        .default('all'),
    )
    .addOption(
      new Option('--order <order>', 'order of the executions')
        .choices(['listed', 'random'])
        .default('listed'),
    )
    .option('--seed <number>', 'for --order random; default: another each time', wholeNumber)
    .option('--concurrency <number>', 'rules at a time', positiveNumber, 8)
    .option('--deadline <ms>', 'longest wait for an answer', positiveNumber, 10_000)
    .action(run)
    .addHelpText(
      'after',
      `
Releases: ${releaseProfiles.map(({ release }) => release).join(', ')}
It makes and deletes topics, groups, users and configs: judge a broker that is there for tests.
Exit status: 0 all passed; 1 some failed; 2 it could not run, not to its end, or had nothing to judge`,
    )
  return program.addCommand(faultsCommand()).addCommand(errorsCommand())
}

async function run(flags: Flags): Promise<void> {
  if (flags.list === true) {
    const list = flags.report === 'json' ? listRulesAsJson : listRules
    process.stdout.write(list(selectRules(allRules(), flags.only)))
    return
  }
  const target = targetOf(flags)
  const deviations = flags.deviations === undefined ? undefined : readDeviations(flags.deviations)
  if (flags.output !== undefined) checkOutput(flags.output)
  const signal = stopSignal()
  signal.addEventListener('abort', () => {
    process.stderr.write('\nStopping when what runs has ended; once more stops at once.\n')
  })
  const progress = createProgress(process.stderr)
  const report = await runConformance(target, {
    only: flags.only,
    versions: flags.versions,
    order: flags.order,
    seed: flags.seed,
    concurrency: flags.concurrency,
    deadlineMs: flags.deadline,
    deviations,
    signal,
    onStart: (plan) =>
      process.stderr.write(`${target.name} at ${target.address}${describePlan(plan)}\n`),
    onResult: progress.note,
  })
  progress.end()
  const text = formatReport(report, flags.report)
  if (flags.output === undefined) process.stdout.write(text)
  else writeFileSync(flags.output, text)
  if (flags.output !== undefined || flags.report !== 'text') {
    const stop = describeStop(report)
    process.stderr.write(`${stop === undefined ? '' : `${stop}\n`}${lastLine(report)}\n`)
  }
  process.exitCode = exitStatus(report)
}

/** A report that cannot be written is told before the run, not after it. @throws Error when it cannot */
function checkOutput(path: string): void {
  accessSync(existsSync(path) ? path : dirname(path), constants.W_OK)
}

function describePlan({ release, isNearest, executions, skipped }: RunPlan): string {
  const held = `held to release ${release}${isNearest ? ', the nearest' : ''}`
  return `, ${held}: ${executions} executions, ${skipped} rules skipped`
}

function exitStatus({ results, failed, stopped }: RunReport): number {
  const isJudged = ({ status, deviation }: Result) =>
    status !== 'skipped' || deviation !== undefined
  if (stopped !== undefined || !results.some(isJudged)) return 2
  return failed > 0 ? 1 : 0
}
