import type { Result } from '@ottla/conformance'

const LINE_EVERY_MS = 10_000

/** Prints failures when they happen, and how far a run is every ten seconds, to standard error. */
export function progressLine(): (result: Result, done: number, total: number) => void {
  let shownAt = 0
  return ({ rule, version, status, failure }, done, total) => {
    const now = performance.now()
    const isDue = now - shownAt > LINE_EVERY_MS
    if (status === 'failed') {
      process.stderr.write(`failed: ${rule.id} v${version}: ${failure?.message}\n`)
    }
    if (!isDue) return
    shownAt = now
    process.stderr.write(`${done} of ${total} executions\n`)
  }
}
