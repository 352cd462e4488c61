// `npm test`: installs, builds, and runs every test that needs nothing but Node.
import { installAndCompile, pnpm, stopWithParent } from './bootstrap.mjs'

/** The suites of vitest.config.ts that need neither Java nor another foreign tool. */
const suites = ['unit', 'sockets', 'tidy', 'simulation', 'bench', 'integration']

stopWithParent()
try {
  await installAndCompile()
  const report = process.env.OTTLA_TEST_REPORT
  await pnpm([
    'exec',
    'vitest',
    'run',
    ...suites.flatMap((suite) => ['--project', suite]),
    ...(report ? ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`] : []),
    ...process.argv.slice(2),
  ])
} catch (error) {
  console.error(`ottla: ${error.message}`)
  process.exit(error.status ?? 1)
}
