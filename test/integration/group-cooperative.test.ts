import type { Consumer, TopicPartition } from '@ottla/consumer'
import { describe, expect, it } from 'vitest'
import { deferred, numbered, startKit } from './src/consumer-kit.js'

const options = {
  groupId: 'g',
  topics: ['t'],
  partitionAssignors: ['cooperative-sticky'],
  heartbeatIntervalMs: 20,
} as const

const numbersOf = (partitions: readonly TopicPartition[]): string =>
  partitions.map(({ partition }) => partition).join()

const readAll = async (consumer: Consumer): Promise<void> => {
  for await (const _ of consumer);
}

describe('a cooperative group', () => {
  it('moves only what has to move, and goes on reading the rest meanwhile', async () => {
    const kit = await startKit()
    await kit.createTopic('t', 4)
    const events: string[] = []
    const settled = deferred()
    const mayGive = deferred()
    const giving = deferred()
    const readMeanwhile = deferred()
    const first = kit.consumer({
      ...options,
      onAssigned: (partitions) => void events.push(`first+${numbersOf(partitions)}`),
      onRevoked: async (partitions) => {
        giving.resolve()
        await mayGive.promise
        events.push(`first-${numbersOf(partitions)}`)
      },
    })
    const reading = (async () => {
      for await (const record of first)
        if (record.value?.toString() === 'now') readMeanwhile.resolve()
    })()
    while (events.length === 0) await new Promise((resolve) => setImmediate(resolve))
    const second = kit.consumer({
      ...options,
      onAssigned: (partitions) => {
        events.push(`second+${numbersOf(partitions)}`)
        if (partitions.length > 0) settled.resolve()
      },
    })
    const readingToo = readAll(second)
    await giving.promise
    // The hook of the partitions that go is still running: those that stay are read.
    await kit.produce([0, 1].map((partition) => ({ topic: 't', partition, value: 'now' })))
    await readMeanwhile.promise
    mayGive.resolve()
    await settled.promise
    const isMove = (event: string): boolean => !event.endsWith('+')
    expect(events.filter(isMove)).toEqual(['first+0,1,2,3', 'first-2,3', 'second+2,3'])
    expect(numbersOf(first.assignment)).toBe('0,1')
    await Promise.all([first.close(), second.close()])
    await Promise.all([reading, readingToo])
  })

  it('gives up topics that are no longer subscribed to, and keeps the others', async () => {
    const kit = await startKit()
    await kit.createTopic('t', 1)
    await kit.createTopic('u', 1)
    const events: string[] = []
    const consumer = kit.consumer({
      ...options,
      topics: ['t', 'u'],
      onAssigned: (partitions) => void events.push(`+${partitions.map(({ topic }) => topic)}`),
      onRevoked: (partitions) => void events.push(`-${partitions.map(({ topic }) => topic)}`),
    })
    const reading = readAll(consumer)
    const happened = async (count: number): Promise<void> => {
      while (events.length < count) await new Promise((resolve) => setImmediate(resolve))
    }
    await happened(1)
    consumer.subscribe(['t'])
    await happened(3)
    expect(events).toEqual(['+t,u', '-u', '+'])
    expect(consumer.assignment).toEqual([{ topic: 't', partition: 0 }])
    await consumer.close()
    await reading
  })

  it('commits while the group deals out partitions anew', async () => {
    const kit = await startKit()
    await kit.createTopic('t', 4)
    await kit.produce(numbered('t', 2000))
    const consumer = kit.consumer({ ...options, enableAutoCommit: false, maxPollRecords: 5 })
    const begun = deferred()
    let commits = 0
    const reading = (async () => {
      for await (const batch of consumer.batches()) {
        await consumer.commit(batch)
        if (++commits === 10) begun.resolve()
      }
    })()
    await begun.promise
    const others = [0, 1, 2].map(() => kit.consumer({ ...options, maxPollRecords: 5 }))
    const readingToo = others.map(readAll)
    while (consumer.assignment.length !== 1) await new Promise((resolve) => setImmediate(resolve))
    await Promise.all([consumer, ...others].map((one) => one.close()))
    // No commit was refused.
    await Promise.all([reading, ...readingToo])
  })
})

describe('an assignor of one’s own', () => {
  it('decides who reads what', async () => {
    const kit = await startKit()
    await kit.createTopic('t', 3)
    const assigned = deferred<readonly TopicPartition[]>()
    const consumer = kit.consumer({
      groupId: 'g',
      topics: ['t'],
      partitionAssignors: [
        {
          name: 'only-the-last',
          assign: ([member]) =>
            new Map(
              member === undefined ? [] : [[member.memberId, [{ topic: 't', partition: 2 }]]],
            ),
        },
      ],
      onAssigned: (partitions) => assigned.resolve(partitions),
    })
    const reading = readAll(consumer)
    expect(await assigned.promise).toEqual([{ topic: 't', partition: 2 }])
    await consumer.close()
    await reading
  })

  it('ends the consumer with its error when it throws', async () => {
    const kit = await startKit()
    await kit.createTopic('t', 1)
    const assign = () => {
      throw new Error('no idea')
    }
    const partitionAssignors = [{ name: 'broken', assign }]
    const consumer = kit.consumer({ groupId: 'g', topics: ['t'], partitionAssignors })
    await expect(readAll(consumer)).rejects.toThrow('no idea')
  })

  it('needs a protocol in common with the others', async () => {
    const kit = await startKit()
    const mine = { name: 'mine', protocols: ['cooperative'] as const, assign: () => new Map() }
    expect(() =>
      kit.consumer({ groupId: 'g', topics: ['t'], partitionAssignors: ['range', mine] }),
    ).toThrow('have no rebalance protocol in common')
  })
})

describe('a static member', () => {
  it('is told when another one took its groupInstanceId', async () => {
    const kit = await startKit()
    await kit.createTopic('t', 1)
    const lost = deferred()
    const joined = deferred()
    const member = { ...options, groupInstanceId: 'twin' }
    const first = kit.consumer({
      ...member,
      onAssigned: () => joined.resolve(),
      onLost: () => lost.resolve(),
    })
    const reading = readAll(first)
    reading.catch(() => {})
    await joined.promise
    const second = kit.consumer(member)
    const readingToo = readAll(second)
    await expect(reading).rejects.toMatchObject({ code: 'OTTLA_FENCED' })
    await lost.promise
    await Promise.all([first.close(), second.close()])
    await readingToo
  })
})

describe('the leader', () => {
  it('notices new partitions for the whole group, which rebalances once for them', async () => {
    const kit = await startKit()
    await kit.createTopic('t', 2)
    await kit.createTopic('u', 1)
    const events: string[] = []
    const start = (name: string, topics: readonly string[]) => {
      const consumer = kit.consumer({
        ...options,
        topics,
        metadataMaxAgeMs: 30,
        onAssigned: (partitions) =>
          void events.push(...partitions.map((one) => `${name} ${one.topic}${one.partition}`)),
      })
      return { consumer, reading: readAll(consumer) }
    }
    const happened = async (...expected: readonly string[]): Promise<void> => {
      while (!expected.every((event) => events.includes(event))) {
        await new Promise((resolve) => setImmediate(resolve))
      }
    }
    // The first one leads, and does not want the topic that grows.
    const leader = start('leader', ['u'])
    await happened('leader u0')
    const other = start('other', ['t'])
    await happened('other t0', 'other t1')
    const before = other.consumer.groupMetadata()?.generationId ?? 0
    await kit.growTopic('t', 3)
    await happened('other t2')
    expect(other.consumer.groupMetadata()?.generationId).toBe(before + 1)
    expect(events).toHaveLength(4)
    await Promise.all([leader.consumer.close(), other.consumer.close()])
    await Promise.all([leader.reading, other.reading])
  })
})
