import type { BrokerEventName, BrokerEvents, EventStream } from '../events.js'

/** Those that tell a story; one for each request or append would drown it. */
const names = [
  'connection',
  'disconnection',
  'election',
  'topic',
  'group',
  'problem',
] as const satisfies readonly BrokerEventName[]

/** The record keeps this many events. */
const capacity = 30

const records = new WeakMap<EventStream, string[]>()

/** Begins a new record of a broker's events. @returns a function that gives it as lines of text. */
export const recordEvents = (events: EventStream): (() => string) => {
  let lines = records.get(events)
  if (lines === undefined) {
    const fresh: string[] = []
    for (const name of names) {
      events.on(name, (event) => {
        if (isInternal(event)) return
        if (fresh.length === capacity) fresh.shift()
        fresh.push(`${name} ${describe(event)}`)
      })
    }
    records.set(events, fresh)
    lines = fresh
  }
  lines.length = 0
  return () => (lines ?? []).join('\n')
}

/** The 50 elections of `__consumer_offsets` would push out everything else. */
const isInternal = (event: object): boolean =>
  'topic' in event && typeof event.topic === 'string' && event.topic.startsWith('__')

const describe = (event: BrokerEvents[BrokerEventName]): string =>
  Object.entries(event)
    .filter(([name, value]) => value !== undefined && name !== 'clusterId' && name !== 'nodeId')
    .map(
      ([name, value]) =>
        `${name}=${value instanceof Error ? value.message : JSON.stringify(value)}`,
    )
    .join(' ')
