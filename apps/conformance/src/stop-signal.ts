/** A signal that SIGINT and SIGTERM abort: the run ends and reports what it has. */
export function stopSignal(): AbortSignal {
  const controller = new AbortController()
  process.once('SIGINT', () => controller.abort())
  process.once('SIGTERM', () => controller.abort())
  return controller.signal
}
