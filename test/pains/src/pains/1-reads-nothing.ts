import { numbers, usual } from '../options.js'
import type { Pain } from '../pain.js'

const topic = 'quiet'
const half = 100
const recoveryMs = 30_000

/** Heartbeats go on, so the member looks alive, while one answer that never comes keeps it from fetching. */
export const readsNothing: Pain = {
  id: '1a',
  title: 'A consumer looks alive and reads nothing: the answer to a fetch never comes',
  rule: `gives the connection up and reads on within ${recoveryMs / 1000} s (request timeout 3 s)`,
  topic: { name: topic, partitions: 1 },
  async test({ client, broker, until }) {
    const sender = await client.sender(broker.bootstrapServers, usual)
    await sender.send(topic, numbers(0, half))
    const seen = new Set<string>()
    const running = await client.consume({
      ...usual,
      bootstrapServers: broker.bootstrapServers,
      topic,
      handler: async ({ value }) => void seen.add(value),
    })
    await until('the first half read', () => seen.size === half, 20_000)
    const fault = broker.faults.add({ api: 'Fetch', times: 1 }, { stop: 'answering' })
    await fault.hit()
    await sender.send(topic, numbers(half, 2 * half))
    await until('the second half read', () => seen.size === 2 * half, recoveryMs)
    fault.remove()
    await running.close()
    await sender.close()
  },
}

/** A partition's leader moves and comes back; its consumer has to notice by itself. */
export const staysAwayFromPartition: Pain = {
  id: '1b',
  title: 'A consumer stays away from a partition that had no leader for a while',
  rule: `reads on within ${recoveryMs / 1000} s of the leader being back`,
  topic: { name: topic, partitions: 1 },
  async test({ client, broker, until }) {
    const sender = await client.sender(broker.bootstrapServers, usual)
    await sender.send(topic, numbers(0, half))
    const seen = new Set<string>()
    const running = await client.consume({
      ...usual,
      bootstrapServers: broker.bootstrapServers,
      topic,
      handler: async ({ value }) => void seen.add(value),
    })
    await until('the first half read', () => seen.size === half, 20_000)
    await broker.removeLeader(topic, 0)
    await broker.waitFor.request('Metadata', undefined, { timeoutMs: 10_000 }).catch(() => {})
    await broker.electLeader(topic, 0)
    await sender.send(topic, numbers(half, 2 * half))
    await until('the second half read', () => seen.size === 2 * half, recoveryMs)
    await running.close()
    await sender.close()
  },
}
