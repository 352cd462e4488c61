import type { FailureReport, MemberReport, ProducedReport } from './messages.js'

/** Sends a report to the process that started this one; nothing when it is gone. */
export function report(message: ProducedReport | MemberReport | FailureReport): void {
  if (process.connected) process.send?.(message)
}

/** Reports an error and ends this process with status 1. */
export function fail(error: unknown): void {
  report({ kind: 'failed', message: error instanceof Error ? error.message : String(error) })
  process.exitCode = 1
  if (process.connected) process.disconnect()
}

/** Calls `handle` for each order that comes from the process that started this one. */
export function onOrder<Order>(handle: (order: Order) => Promise<void>): void {
  process.on('message', (order) => {
    handle(order as Order).catch(fail)
  })
}

/**
 * The frame of every child process of the demo. Signals of the terminal are for the parent alone:
 * it tells its children what to do, and a child whose parent is gone ends by itself, after
 * `onParentGone` or two seconds.
 */
export function runProcess(start: () => void, onParentGone: () => Promise<void>): void {
  process.on('SIGINT', () => undefined)
  process.on('disconnect', () => {
    // Bounded: whatever a close is still waiting for, nobody is left to hear of it.
    setTimeout(() => process.exit(), 2_000).unref()
    onParentGone().then(() => process.exit(), fail)
  })
  process.on('unhandledRejection', fail)
  start()
}
