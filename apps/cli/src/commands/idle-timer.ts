/** A timer for silence; undefined `timeoutMs`: silence of any length is fine. */
export interface IdleTimer {
  /** Counts from now. */
  start(): void
  /** Counts no more, until the next `start`. */
  stop(): void
}

/** Calls `onIdle` once it has run for `timeoutMs` without a `stop`. */
export function idleTimer(timeoutMs: number | undefined, onIdle: () => void): IdleTimer {
  let timer: NodeJS.Timeout | undefined
  const stop = (): void => {
    clearTimeout(timer)
    timer = undefined
  }
  const start = (): void => {
    stop()
    if (timeoutMs !== undefined) timer = setTimeout(onIdle, timeoutMs)
  }
  return { start, stop }
}
