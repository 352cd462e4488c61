import { partitionForKey } from '@ottla/protocol'
import { usual } from '../options.js'
import type { Pain } from '../pain.js'

const topic = 'keys'
const partitions = 7
const keys = Array.from({ length: 500 }, (_, index) => `key-${index * 7919}`)

/** Java's hash is held by vectors in the protocol's own tests; here the client's default has to agree with it. */
export const keysMove: Pain = {
  id: '6',
  title: 'Keys are put on other partitions than the Java client puts them',
  rule: 'hashes with murmur2 and drops the sign bit, by default',
  topic: { name: topic, partitions: partitions },
  async test({ client, broker, until }) {
    const { bootstrapServers } = broker
    const sender = await client.sender(bootstrapServers, usual)
    await sender.send(
      topic,
      keys.map((key) => ({ key, value: key })),
    )
    await sender.close()
    const { ottla } = await import('../clients/ottla.js')
    const found = new Map<string, number>()
    const running = await ottla.consume({
      ...usual,
      bootstrapServers,
      topic,
      handler: async ({ value, partition }) => void found.set(value, partition),
    })
    await until('all read', () => found.size === keys.length, 20_000)
    await running.close()
    const moved = keys.filter(
      (key) => found.get(key) !== partitionForKey(Buffer.from(key), partitions),
    )
    if (moved.length > 0)
      throw new Error(`${moved.length} of ${keys.length} keys, such as ${moved[0]}`)
  },
}
