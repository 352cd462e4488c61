import { setTimeout as delay } from 'node:timers/promises'
import { commitOffset, committedOffset } from '../group-offsets.js'
import { numbers, usual } from '../options.js'
import type { Pain } from '../pain.js'

const topic = 'careful'
const records = 200
const finished = 5
const commitsMs = 3000

/** A handler is at its sixth record when the process would die: what it committed by then is what nobody reads again. */
export const commitsUnfinished: Pain = {
  id: '2a',
  title: 'Records that no handler has finished are committed, and lost when the process dies',
  rule: 'commits by itself, and never beyond the last record whose handler returned',
  topic: { name: topic, partitions: 1 },
  async test({ client, broker, until }) {
    const { bootstrapServers } = broker
    const sender = await client.sender(bootstrapServers, usual)
    await sender.send(topic, numbers(0, records))
    await sender.close()
    let count = 0
    let release = (): void => {}
    const running = await client.consume({
      ...usual,
      bootstrapServers,
      topic,
      handler: async () => {
        if (++count <= finished) return
        await new Promise<void>((resolve) => {
          release = resolve
        })
      },
    })
    await until('the sixth record handed over', () => count > finished, 20_000)
    await delay(commitsMs)
    const committed = await committedOffset(bootstrapServers, usual.groupId, topic)
    release()
    if (committed > finished) {
      throw new Error(`${finished} records were finished, and offset ${committed} is committed`)
    }
    await running.close()
  },
}

/** While the coordinator moves, the look-up of the committed offset fails; that is no reason to start elsewhere. */
export const startsElsewhere: Pain = {
  id: '2b',
  title: 'The look-up of the committed offset fails, and the consumer starts somewhere else',
  rule: 'asks again, and starts where the group was',
  topic: { name: topic, partitions: 1 },
  async test({ client, broker, until }) {
    const { bootstrapServers } = broker
    const sender = await client.sender(bootstrapServers, usual)
    await sender.send(topic, numbers(0, records))
    await commitOffset(bootstrapServers, usual.groupId, topic, finished)
    const error = 'COORDINATOR_LOAD_IN_PROGRESS'
    const fault = broker.faults.add({ api: 'OffsetFetch', times: 3 }, { error })
    const seen: number[] = []
    const running = await client.consume({
      ...usual,
      bootstrapServers,
      topic,
      from: 'latest',
      handler: async ({ offset }) => void seen.push(offset),
    })
    await fault.hit(3, { timeoutMs: 20_000 }).catch(() => {})
    fault.remove()
    await until('the rest read', () => seen.length >= records - finished, 30_000)
    if (seen[0] !== finished) throw new Error(`offset ${finished} was next, ${seen[0]} came first`)
    await running.close()
    await sender.close()
  },
}
