import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { onTestFinished } from 'vitest'

/** Gathers what is published on a diagnostics channel until the test that asks is over. */
export const collectEvents = (channel: string): unknown[] => {
  const events: unknown[] = []
  const listen = (event: unknown): void => void events.push(event)
  subscribe(channel, listen)
  onTestFinished(() => void unsubscribe(channel, listen))
  return events
}
