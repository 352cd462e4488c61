import { createProgram } from './program.js'
import { reportFailure } from './report-failure.js'

// A reader such as `head` has seen enough: no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  process.exit(error.code === 'EPIPE' ? 0 : reportFailure(error))
})

try {
  await createProgram().parseAsync(process.argv)
} catch (error) {
  process.exitCode = reportFailure(error)
}
