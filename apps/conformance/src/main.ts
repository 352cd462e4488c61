import { CommanderError } from 'commander'
import { createProgram } from './program.js'

// A reader such as `head` has seen enough: no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  process.exit(error.code === 'EPIPE' ? 0 : 2)
})

/** Status 1 is for rules that failed; that options are not possible is told by commander itself. */
const COULD_NOT_RUN = 2

try {
  const program = createProgram()
  for (const command of [program, ...program.commands]) command.exitOverride()
  await program.parseAsync(process.argv)
} catch (error) {
  if (error instanceof CommanderError) process.exit(error.exitCode === 0 ? 0 : COULD_NOT_RUN)
  console.error(`ottla-conformance: ${error instanceof Error ? error.message : String(error)}`)
  process.exitCode = COULD_NOT_RUN
}
