import { InvalidArgumentError } from 'commander'

/** A parser for whole numbers of at least `min`, as commander wants it. */
export function wholeNumber(min: number): (text: string) => number {
  return (text) => {
    const value = Number(text)
    if (Number.isSafeInteger(value) && value >= min) return value
    throw new InvalidArgumentError(`Expected a whole number of at least ${min}.`)
  }
}

/** Collects a repeatable `key=value` option into an object. */
export function keyValue(
  text: string,
  previous: Record<string, string> = {},
): Record<string, string> {
  const at = text.indexOf('=')
  if (at < 1) throw new InvalidArgumentError('Expected key=value.')
  return { ...previous, [text.slice(0, at)]: text.slice(at + 1) }
}

/** Resolves at SIGINT, SIGTERM, or when a parent that holds an IPC channel to us is gone. */
export function stopRequested(): Promise<void> {
  return new Promise((resolve) => {
    process.once('SIGINT', () => resolve())
    process.once('SIGTERM', () => resolve())
    if (process.connected) process.once('disconnect', () => resolve())
  })
}

/** An AbortSignal for the same. */
export function stopSignal(): AbortSignal {
  const controller = new AbortController()
  void stopRequested().then(() => controller.abort())
  return controller.signal
}

/** How long a command looks for a broker before it gives up: someone sits in front of it. */
export const connectTimeoutMs = 10_000
