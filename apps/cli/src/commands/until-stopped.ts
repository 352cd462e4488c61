/**
 * Runs `work`. Who stops the command means it, whatever it was waiting for: once `stop` has fired, an interruption is a
 * good end. Anything else that fails is still a failure.
 */
export async function untilStopped(stop: AbortSignal, work: () => Promise<void>): Promise<void> {
  try {
    await work()
  } catch (error) {
    if (!stop.aborted || !isInterruption(error)) throw error
  }
}

/** Whether this is what a wait gets that was called off, or whose client was closed. */
export function isInterruption(error: unknown): error is Error {
  if (!(error instanceof Error)) return false
  return error.name === 'AbortError' || ('code' in error && error.code === 'OTTLA_CLOSED')
}
