import { setTimeout as delay } from 'node:timers/promises'
import type { Incoming } from '../client.js'
import { numbers, usual } from '../options.js'
import type { Pain } from '../pain.js'

const topic = 'handed-over'
const records = 400
const handlerMs = 20

/** A second member joins while the first has records buffered and a handler at work. */
export const twoHandlers: Pain = {
  id: '4',
  title: 'Two handlers work on one partition while it changes hands',
  rule: 'ends the work on a partition before another member begins, and drops what was buffered',
  topic: { name: topic, partitions: 4 },
  async test({ client, broker, until }) {
    const { bootstrapServers } = broker
    const sender = await client.sender(bootstrapServers, usual)
    await sender.send(topic, numbers(0, records))
    await sender.close()
    const problems: string[] = []
    const owners = new Map<number, string>()
    const working = new Map<number, string>()
    const handled = new Set<string>()
    const handlerOf =
      (member: string) =>
      async ({ partition, offset, value }: Incoming) => {
        const place = `${member} on ${partition}:${offset}`
        const busy = working.get(partition)
        if (busy !== undefined) problems.push(`${place} while ${busy} was at work there`)
        const owner = owners.get(partition)
        if (owner === 'second' && member === 'first') problems.push(`${place} after second had it`)
        owners.set(partition, member)
        working.set(partition, member)
        await delay(handlerMs)
        working.delete(partition)
        handled.add(value)
      }
    const options = { ...usual, bootstrapServers, topic }
    const first = await client.consume({ ...options, handler: handlerOf('first') })
    await until('the first at work', () => handled.size > 10, 20_000)
    const second = await client.consume({ ...options, handler: handlerOf('second') })
    await until('everything handled', () => handled.size === records, 60_000)
    if (![...owners.values()].includes('second')) problems.push('the second never got a partition')
    await second.close()
    await first.close()
    if (problems.length > 0) throw new Error(`${problems.length} times, first: ${problems[0]}`)
  },
}
