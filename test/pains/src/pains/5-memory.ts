import { setTimeout as delay } from 'node:timers/promises'
import type { Outgoing } from '../client.js'
import { usual } from '../options.js'
import type { Pain } from '../pain.js'

const topic = 'large'
const mebibyte = 1024 * 1024
const recordBytes = 10_000
const watchMs = 8000
const mostMegabytes = 150

/** The most that resident memory rises over what it was, in MB, while waiting. */
async function highestRise(forMs: number): Promise<number> {
  const before = process.memoryUsage().rss
  let highest = before
  for (const end = performance.now() + forMs; performance.now() < end; ) {
    await delay(20)
    highest = Math.max(highest, process.memoryUsage().rss)
  }
  return Math.round((highest - before) / mebibyte)
}

function* large(count: number, goesOn = (): boolean => true): Generator<Outgoing> {
  for (let index = 0; index < count && goesOn(); index++) {
    yield { key: `key-${index % 100}`, value: Buffer.alloc(recordBytes, index % 256) }
  }
}

/** The broker takes nothing for a while; a gigabyte wants to go out. */
export const producerMemory: Pain = {
  id: '5a',
  title: 'A producer fills the memory while the broker takes nothing',
  rule: `grows by at most ${mostMegabytes} MB, whatever it is given`,
  topic: { name: topic, partitions: 4 },
  async test({ client, broker }) {
    const sender = await client.sender(broker.bootstrapServers, { requestTimeoutMs: 60_000 })
    await sender.send(topic, [{ value: 'first' }])
    const fault = broker.faults.add({ api: 'Produce' }, { stop: 'answering' })
    let isWatching = true
    const sending = sender.sendMany(
      topic,
      large(100_000, () => isWatching),
    )
    const rise = await highestRise(watchMs)
    isWatching = false
    fault.remove()
    await sending
    await sender.close()
    if (rise > mostMegabytes) throw new Error(`it grew by ${rise} MB`)
  },
}

/** The handler is at its first record; everything else is waiting in the topic. */
export const consumerMemory: Pain = {
  id: '5b',
  title: 'A consumer fills the memory while its handler is busy',
  rule: `grows by at most ${mostMegabytes} MB over a topic of 400 MB`,
  topic: { name: topic, partitions: 8 },
  async test({ client, broker, until }) {
    const { bootstrapServers } = broker
    const { ottla } = await import('../clients/ottla.js')
    const sender = await ottla.sender(bootstrapServers, usual)
    await sender.sendMany(topic, large(40_000))
    await sender.close()
    let isBusy = false
    let release = (): void => {}
    const running = await client.consume({
      ...usual,
      bootstrapServers,
      topic,
      handler: async () => {
        if (isBusy) return
        isBusy = true
        await new Promise<void>((resolve) => {
          release = resolve
        })
      },
    })
    const rise = await highestRise(watchMs)
    await until('a record handed over', () => isBusy, 10_000)
    const closing = running.close()
    release()
    await closing
    if (rise > mostMegabytes) throw new Error(`it grew by ${rise} MB`)
  },
}
