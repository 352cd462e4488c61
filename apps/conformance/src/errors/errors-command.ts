import { Command } from 'commander'
import { createProgress } from '../report/progress.js'
import { runConformance } from '../run/run-conformance.js'
import { stopSignal } from '../stop-signal.js'
import { addTargetOptions, type TargetFlags, targetOf } from '../target-options.js'
import { compareErrors } from './compare-errors.js'
import { formatErrors, summarizeErrors } from './format-errors.js'
import { provokedErrors } from './provoked-errors.js'

interface Flags extends TargetFlags {
  only?: string[]
  markdown?: boolean
}

/** `ottla-conformance errors`: which documented errors the rules provoke. */
export function errorsCommand(): Command {
  return addTargetOptions(new Command('errors'))
    .description('compares the errors that APIs document with those that rules provoke')
    .option('--only <rule...>', 'ids of rules, beginnings of ids, or patterns with *')
    .option('--markdown', 'every error with its rules, not only what is missing')
    .action(async (flags: Flags) => {
      const progress = createProgress(process.stderr)
      const { results } = await runConformance(targetOf(flags), {
        only: flags.only,
        tracksReads: true,
        signal: stopSignal(),
        onResult: progress.note,
      })
      progress.end()
      const comparison = compareErrors(provokedErrors(results))
      const format = flags.markdown === true ? formatErrors : summarizeErrors
      process.stdout.write(format(comparison))
      process.exitCode = comparison.missing.length + comparison.outdated.length > 0 ? 1 : 0
    })
}
