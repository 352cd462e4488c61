// `npm start`: installs, builds, and runs `ottla demo` in this very process, so that a signal to
// `npm start` reaches the demo and not an orphan behind a chain of launchers.
import { installAndCompile, root, stopWithParent } from './bootstrap.mjs'

stopWithParent()
try {
  await installAndCompile()
} catch (error) {
  console.error(`ottla: ${error.message}`)
  process.exit(error.status ?? 1)
}
process.argv = [process.argv[0], 'ottla', 'demo', ...process.argv.slice(2)]
await import(`${root}apps/cli/dist/main.js`)
