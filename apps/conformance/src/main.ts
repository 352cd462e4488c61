import { createProgram } from './program.js'

// A reader such as `head` has seen enough: no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  process.exit(error.code === 'EPIPE' ? 0 : 2)
})

try {
  await createProgram().parseAsync(process.argv)
} catch (error) {
  console.error(`ottla-conformance: ${error instanceof Error ? error.message : String(error)}`)
  process.exitCode = 2
}
