/** Who listens to which signal; one listener of ours per signal serves all of them. */
const watchers = new WeakMap<AbortSignal, Set<() => void>>()

/**
 * Calls `callback` once when the signal aborts. Node warns of a leak from the eleventh listener of a signal on, and one
 * signal for all requests of a client is good style, so a signal gets one listener from us however many wait on it.
 *
 * @returns stops listening; idempotent.
 */
export const onAbort = (signal: AbortSignal | undefined, callback: () => void): (() => void) => {
  if (signal === undefined) return ignore
  let callbacks = watchers.get(signal)
  if (callbacks === undefined) {
    callbacks = new Set()
    watchers.set(signal, callbacks)
  }
  if (callbacks.size === 0) signal.addEventListener('abort', tellAll)
  // An entry of its own, because the same function may wait twice.
  const entry = (): void => callback()
  callbacks.add(entry)
  return () => {
    if (callbacks.delete(entry) && callbacks.size === 0) {
      signal.removeEventListener('abort', tellAll)
    }
  }
}

const ignore = (): void => {}

const tellAll = (event: Event): void => {
  const signal = event.target as AbortSignal
  const callbacks = [...(watchers.get(signal) ?? [])]
  watchers.delete(signal)
  signal.removeEventListener('abort', tellAll)
  for (const callback of callbacks) callback()
}
