// `npm test`: installs, builds, and runs every test that needs nothing but Node.
import { installAndCompile, pnpm, stopWithParent } from './bootstrap.mjs'

stopWithParent()
try {
  await installAndCompile()
  const report = process.env.OTTLA_TEST_REPORT
  // Its script names the suites that need neither Java nor another foreign tool.
  await pnpm([
    'run',
    'test:run',
    ...(report ? ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`] : []),
    ...process.argv.slice(2),
  ])
} catch (error) {
  console.error(`ottla: ${error.message}`)
  process.exit(error.status ?? 1)
}
