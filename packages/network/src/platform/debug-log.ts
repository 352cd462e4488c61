import { type Channel, subscribe } from 'node:diagnostics_channel'
import { debuglog, inspect } from 'node:util'

const log = debuglog('ottla')
const subscribed = new Set<string>()

/**
 * With `NODE_DEBUG=ottla` in the environment, prints what these channels publish to stderr, one line each; else does
 * nothing. Called by whoever publishes on them; a channel is printed once however often it is named.
 */
export const logDiagnostics = (channels: Readonly<Record<string, Channel>>): void => {
  if (!log.enabled) return
  for (const name of Object.keys(channels)) {
    if (subscribed.has(name)) continue
    subscribed.add(name)
    subscribe(name, (event) => log('%s %s', name, oneLine(event)))
  }
}

const oneLine = (event: unknown): string => {
  if (typeof event !== 'object' || event === null) return String(event)
  const parts = Object.entries(event).map(([key, value]) =>
    value instanceof Error
      ? `${key}='${value.message}'`
      : `${key}=${inspect(value, { depth: 1, breakLength: Infinity })}`,
  )
  return parts.join(' ')
}
