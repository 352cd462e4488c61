import { setTimeout as delay } from 'node:timers/promises'
import { numbers, usual } from '../options.js'
import type { Pain } from '../pain.js'

const topic = 'slow'
const sessionMs = 2000
const slowMs = 3 * sessionMs

/** A handler takes longer than the session: heartbeats are the client's job, not the handler's. */
export const expelledForSlowness: Pain = {
  id: '3a',
  title: 'A member is expelled because its handler is slow, and reads the same records again',
  rule: 'stays in its group while a handler takes three sessions; every record is handled once',
  topic: { name: topic, partitions: 1 },
  configs: { 'group.min.session.timeout.ms': '1000' },
  async test({ client, broker, until }) {
    const { bootstrapServers } = broker
    const sender = await client.sender(bootstrapServers, usual)
    await sender.send(topic, numbers(0, 3))
    await sender.close()
    const handled: string[] = []
    const running = await client.consume({
      ...usual,
      bootstrapServers,
      topic,
      sessionTimeoutMs: sessionMs,
      handler: async ({ value }) => {
        handled.push(value)
        if (value === '0') await delay(slowMs)
      },
    })
    await until('the slow record handed over', () => handled.length > 0, 20_000)
    const joins = () => [...broker.requests].filter(({ api }) => api === 'JoinGroup').length
    const before = joins()
    await until('the rest handled', () => handled.includes('2'), 30_000)
    await running.close()
    if (joins() > before) throw new Error(`it joined ${joins() - before} times more`)
    if (handled.join() !== '0,1,2') throw new Error(`handled ${handled.join(', ')}`)
  },
}

/** A handler that never returns keeps its partitions for ever, unless the client gives it a deadline. */
export const heldByStuckHandler: Pain = {
  id: '3b',
  title: 'A handler is stuck, and its member keeps the partitions while nobody reads them',
  rule: 'gives the partitions up when a handler takes longer than the limit (3 s)',
  topic: { name: topic, partitions: 1 },
  configs: { 'group.min.session.timeout.ms': '1000' },
  async test({ client, broker, until }) {
    const { bootstrapServers } = broker
    const sender = await client.sender(bootstrapServers, usual)
    await sender.send(topic, numbers(0, 3))
    await sender.close()
    let isStuck = false
    let release = (): void => {}
    const options = { ...usual, bootstrapServers, topic, sessionTimeoutMs: sessionMs }
    const stuck = await client.consume({
      ...options,
      maxPollIntervalMs: 3000,
      handler: async () => {
        isStuck = true
        await new Promise<void>((resolve) => {
          release = resolve
        })
      },
    })
    await until('a record handed over', () => isStuck, 20_000)
    const seen: string[] = []
    const other = await client.consume({
      ...options,
      handler: async ({ value }) => void seen.push(value),
    })
    try {
      await until('the records read by another member', () => seen.length === 3, 20_000)
    } finally {
      release()
    }
    await other.close()
    await stuck.close()
  },
}
