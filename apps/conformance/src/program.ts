import { readFileSync, writeFileSync } from 'node:fs'
import { Command, Option } from 'commander'
import { allRules } from './cases/index.js'
import { errorsCommand } from './errors/errors-command.js'
import { faultsCommand } from './faults/faults-command.js'
import { releaseProfiles } from './releases/index.js'
import { formatReport, type ReportFormat, reportFormats } from './report/format-report.js'
import { listRules } from './report/list-rules.js'
import { createProgress } from './report/progress.js'
import { runConformance } from './run/run-conformance.js'
import { selectRules } from './run/select-rules.js'
import { stopSignal } from './stop-signal.js'
import { addTargetOptions, type TargetFlags, targetOf, wholeNumber } from './target-options.js'

interface Flags extends TargetFlags {
  report: ReportFormat
  output?: string
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
    .option('--list', 'lists the rules instead of running them')
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
    .option('--concurrency <number>', 'rules at a time', wholeNumber, 8)
    .option('--deadline <ms>', 'longest wait for an answer', wholeNumber, 10_000)
    .action(run)
    .addHelpText(
      'after',
      `
Releases: ${releaseProfiles.map(({ release }) => release).join(', ')}
Exit status: 0 all passed, 1 some failed, 2 could not run`,
    )
  return program.addCommand(faultsCommand()).addCommand(errorsCommand())
}

async function run(flags: Flags): Promise<void> {
  if (flags.list === true) {
    process.stdout.write(listRules(selectRules(allRules(), flags.only)))
    return
  }
  const progress = createProgress(process.stderr)
  const report = await runConformance(targetOf(flags), {
    only: flags.only,
    versions: flags.versions,
    order: flags.order,
    seed: flags.seed,
    concurrency: Math.max(1, flags.concurrency),
    deadlineMs: flags.deadline,
    signal: stopSignal(),
    onResult: progress.note,
  })
  progress.end()
  const text = formatReport(report, flags.report)
  if (flags.output === undefined) process.stdout.write(text)
  else writeFileSync(flags.output, text)
  if (flags.output !== undefined || flags.report !== 'text') {
    const { passed, failed, skipped } = report
    process.stderr.write(`${passed} passed, ${failed} failed, ${skipped} skipped\n`)
  }
  process.exitCode = report.failed > 0 ? 1 : 0
}
