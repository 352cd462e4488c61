import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { type Admin, orThrow } from '@ottla/admin'
import type { Broker } from '@ottla/broker'
import { brokerTest as it } from '@ottla/broker/vitest'
import { Consumer, type ConsumerOptions, type ConsumerRecord } from '@ottla/consumer'
import { Ottla } from 'ottla'
import { describe, expect, onTestFinished } from 'vitest'
import { deferred, numbered, sorted, upTo, valuesOf } from './src/consumer-kit.js'

/** A consumer, a producer and an admin of one broker; topic `t` with so many partitions and records. */
const create = async (
  { bootstrapServers }: Broker,
  { partitions = 1, count = 0 } = {},
  options: Partial<ConsumerOptions> = {},
) => {
  const kafka = new Ottla({ bootstrapServers, retryBackoffMs: 10, retryBackoffMaxMs: 100 })
  onTestFinished(() => kafka.close({ timeoutMs: 1000 }))
  const admin: Admin = kafka.admin()
  orThrow(await admin.createTopics([{ name: 't', partitions, replicationFactor: 1 }]))
  const producer = kafka.producer()
  if (count > 0) await producer.send(numbered('t', count))
  const consumer = kafka.consumer({ autoOffsetReset: 'earliest', ...options })
  return { kafka, admin, producer, consumer }
}

const inGroup = { groupId: 'g', topics: ['t'] }
const place = { topic: 't', partition: 0 }

/** Reads values until there are so many. */
const read = async (records: AsyncIterable<ConsumerRecord>, count: number): Promise<number[]> => {
  const values: ConsumerRecord[] = []
  for await (const record of records) if (values.push(record) === count) break
  return valuesOf(values)
}

describe('partitions()', () => {
  it('gives a stream for each partition, and they go on side by side', async ({ broker }) => {
    const { consumer } = await create(broker, { partitions: 4, count: 400 }, inGroup)
    const seen: number[] = []
    const all = deferred()
    const readers: Promise<void>[] = []
    const streams = (async () => {
      for await (const stream of consumer.partitions()) {
        readers.push(
          (async () => {
            let next = 0n
            for await (const record of stream) {
              expect(record).toMatchObject({ partition: stream.partition, offset: next++ })
              if (seen.push(Number(record.value)) === 400) all.resolve()
            }
          })(),
        )
      }
    })()
    await all.promise
    expect(readers).toHaveLength(4)
    await consumer.close()
    await Promise.all([streams, ...readers])
    expect(sorted(seen)).toEqual(upTo(400))
  })

  it('ends the streams of partitions that another member gets, which goes on behind them', async ({
    broker,
  }) => {
    const { kafka, consumer } = await create(broker, { partitions: 2, count: 40 }, inGroup)
    const counts = new Map<string, number>()
    const half = deferred()
    const ended = deferred()
    const reading = (async () => {
      for await (const stream of consumer.partitions()) {
        void (async () => {
          for await (const { value } of stream) {
            counts.set(String(value), (counts.get(String(value)) ?? 0) + 1)
            if (counts.size === 40) half.resolve()
          }
          ended.resolve()
        })()
      }
    })()
    await half.promise
    const other = kafka.consumer({ ...inGroup, autoOffsetReset: 'earliest' })
    const joining = other[Symbol.asyncIterator]().next()
    await ended.promise
    await Promise.all([consumer.close(), other.close()])
    expect((await joining).done).toBe(true)
    await reading
    expect([...counts.values()].every((count) => count === 1)).toBe(true)
  })
})

describe('two loops over one consumer', () => {
  it('are refused', async ({ broker }) => {
    const { consumer } = await create(broker, { count: 3 }, inGroup)
    const first = consumer[Symbol.asyncIterator]()
    await first.next()
    await expect(read(consumer, 1)).rejects.toMatchObject({ code: 'OTTLA_CONCURRENT_READ' })
    await first.return?.()
    expect(await read(consumer, 1)).toEqual([0])
  })
})

describe('run', () => {
  it('works by key, retries, and puts away what cannot be handled', async ({ broker }) => {
    const { kafka, consumer } = await create(broker, { partitions: 3, count: 300 }, inGroup)
    const newest = new Map<string, number>()
    const done = deferred()
    const tries = new Map<number, number>()
    let left = 300 - 3
    const run = consumer.run({
      ordering: 'key',
      concurrency: 16,
      retry: { attempts: 2, backoffMs: 1 },
      deadLetter: 't.dead',
      eachRecord: async ({ key, value }) => {
        const number = Number(value)
        tries.set(number, (tries.get(number) ?? 0) + 1)
        if (number % 100 === 50) throw new RangeError(`cannot take ${number}`)
        await new Promise((resolve) => setImmediate(resolve))
        expect(number).toBeGreaterThan(newest.get(String(key)) ?? -1)
        newest.set(String(key), number)
        if (--left === 0) done.resolve()
      },
    })
    const away = kafka.consumer({
      ...inGroup,
      groupId: 'dead',
      topics: ['t.dead'],
      autoOffsetReset: 'earliest',
    })
    const dead: ConsumerRecord[] = []
    for await (const record of away) if (dead.push(record) === 3) break
    await done.promise
    await consumer.close()
    await run
    expect(sorted(valuesOf(dead))).toEqual([50, 150, 250])
    expect([50, 150, 250].map((number) => tries.get(number))).toEqual([2, 2, 2])
    expect(String(dead[0]?.header('__ottla.errors.message'))).toMatch(/^cannot take/)
    // Everything counts as finished, the dead letters too.
    const next = kafka.consumer({ ...inGroup })
    const assigned = next.committed([0, 1, 2].map((partition) => ({ topic: 't', partition })))
    const total = (await assigned).reduce((sum, { offset = 0n }) => sum + Number(offset), 0)
    expect(total).toBe(300)
  })
})

describe('positions', () => {
  it('go to the beginning, to the end, and to a time', async ({ broker }) => {
    const { consumer, producer } = await create(broker, { count: 10 })
    consumer.assign([place])
    await consumer.seekToEnd()
    expect(consumer.position(place)).toBe(10n)
    await consumer.seekToBeginning({ partitions: [place] })
    expect(await read(consumer, 10)).toEqual(upTo(10))
    const later = Date.now() + 600_000
    await producer.send({ topic: 't', value: '10', timestamp: later })
    await consumer.seekToTimestamp(later)
    expect(await read(consumer, 1)).toEqual([10])
  })

  it('begin with the records of a duration, or at the end where there are none', async ({
    broker,
  }) => {
    const { kafka, producer } = await create(broker)
    const old = Date.now() - 7_200_000
    await producer.send({ topic: 't', value: '0', timestamp: old })
    await producer.send({ topic: 't', value: '1' })
    const hour = kafka.consumer({ autoOffsetReset: 'by_duration:PT1H' })
    hour.assign([place])
    expect(await read(hour, 1)).toEqual([1])
    await hour.close()
    const { bootstrapServers } = broker
    const clientId = 'none'
    const none = new Consumer({ bootstrapServers, clientId, autoOffsetReset: 'by_duration:PT0S' })
    onTestFinished(() => none.close({ timeoutMs: 1000 }))
    none.assign([place])
    const fetched = broker.faults.add({ api: 'Fetch', clientId, times: 1 }, { delayMs: 0 })
    const reading = read(none, 1)
    await fetched.hit()
    await producer.send({ topic: 't', value: '2', timestamp: old })
    expect(await reading).toEqual([2])
  })

  it('know their lag from fetching, without asking', async ({ broker }) => {
    const { consumer } = await create(broker, { count: 10 })
    consumer.assign([place])
    expect(consumer.currentLag(place)).toBeUndefined()
    const records = consumer[Symbol.asyncIterator]()
    await records.next()
    expect(consumer.currentLag(place)).toBe(9n)
    await records.next()
    expect(consumer.currentLag(place)).toBe(8n)
  })

  it('are committed with words beside them', async ({ broker }) => {
    const { consumer } = await create(broker, { count: 3 }, inGroup)
    await read(consumer, 1)
    await consumer.commit({ ...place, offset: 2n, metadata: 'by hand' })
    expect(await consumer.committed([place])).toEqual([
      { ...place, offset: 2n, metadata: 'by hand' },
    ])
  })
})

describe('fetching', () => {
  it('names partitions once, then nothing while there is no news', async ({ broker }) => {
    const { consumer } = await create(broker, { partitions: 3 }, { fetchMaxWaitMs: 20 })
    const named: number[] = []
    const enough = deferred()
    broker.faults.add(
      {
        api: 'Fetch',
        when: ({ body }) => {
          named.push(body.topics.reduce((sum, { partitions }) => sum + partitions.length, 0))
          if (named.length === 5) enough.resolve()
          return false
        },
      },
      { delayMs: 0 },
    )
    consumer.assign([0, 1, 2].map((partition) => ({ topic: 't', partition, offset: 0n })))
    const reading = read(consumer, 1)
    await enough.promise
    expect(named.slice(0, 5)).toEqual([3, 0, 0, 0, 0])
    await consumer.close()
    await reading
  })

  it('goes back to where the logs part when a new leader lacks what was read', async ({
    broker,
  }) => {
    const { consumer, producer } = await create(broker, { count: 10 })
    consumer.assign([place])
    expect(await read(consumer, 10)).toEqual(upTo(10))
    consumer.seek({ ...place, offset: 10n })
    const records = consumer[Symbol.asyncIterator]()
    await producer.send({ topic: 't', value: '10' })
    expect((await records.next()).value?.offset).toBe(10n)
    const asked = broker.faults.add(
      { api: 'OffsetForLeaderEpoch', times: 1 },
      {
        patch: (response) => {
          for (const { partitions } of response.topics)
            for (const one of partitions) one.endOffset = 4n
        },
      },
    )
    await broker.electLeader('t', 0)
    await asked.hit()
    expect((await records.next()).value).toMatchObject({ offset: 4n })
  })

  it('says so when a new leader lacks what was read and there is no policy', async ({ broker }) => {
    const { consumer, producer } = await create(broker, {}, { autoOffsetReset: 'none' })
    consumer.assign([{ ...place, offset: 0n }])
    const records = consumer[Symbol.asyncIterator]()
    await producer.send({ topic: 't', value: '0' })
    await records.next()
    broker.faults.add(
      { api: 'OffsetForLeaderEpoch', times: 1 },
      {
        patch: (response) => {
          for (const { partitions } of response.topics)
            for (const one of partitions) one.endOffset = 0n
        },
      },
    )
    await broker.electLeader('t', 0)
    await expect(records.next()).rejects.toMatchObject({
      code: 'OTTLA_BROKER_OFFSET_OUT_OF_RANGE',
      message: expect.stringContaining('goes back to offset 0'),
    })
  })

  it('hands an error over for damaged records, and goes on behind them', async ({ broker }) => {
    const { consumer, producer } = await create(broker, { count: 5 })
    await producer.send({ topic: 't', value: '5' })
    broker.faults.add(
      { api: 'Fetch', times: 2, topic: 't' },
      {
        patch: (response) => {
          for (const { partitions } of response.responses) {
            for (const one of partitions) {
              if (one.records === null || one.records.length === 0) continue
              one.records = Uint8Array.from(one.records)
              const at = 70
              one.records[at] = (one.records[at] as number) ^ 1
            }
          }
        },
      },
    )
    consumer.assign([{ ...place, offset: 0n }])
    const damaged = { code: 'OTTLA_CORRUPT_RECORDS', ...place, offset: 0n, nextOffset: 5n }
    await expect(read(consumer, 1)).rejects.toMatchObject(damaged)
    consumer.seek({ ...place, offset: 5n })
    expect(await read(consumer, 1)).toEqual([5])
  })
})

describe('a partition that nobody answers for', () => {
  const patient = { stallTimeoutMs: 200 }
  const stalls = (): { partition: number; idleMs: number }[] => {
    const seen: { partition: number; idleMs: number }[] = []
    const listen = (message: unknown) => void seen.push(message as (typeof seen)[number])
    subscribe('ottla:consumer:stalled', listen)
    onTestFinished(() => void unsubscribe('ottla:consumer:stalled', listen))
    return seen
  }

  it('is told of and read over a new connection', async ({ broker }) => {
    const { consumer } = await create(broker, { count: 5 }, patient)
    const seen = stalls()
    broker.faults.add({ api: 'Fetch', times: 1 }, { stop: 'answering' })
    consumer.assign([{ ...place, offset: 0n }])
    expect(await read(consumer, 5)).toEqual(upTo(5))
    expect(seen[0]).toMatchObject({ partition: 0, idleMs: expect.any(Number) })
  })

  it('becomes an error when that does not help, and reading can go on', async ({ broker }) => {
    const { consumer } = await create(broker, { count: 5 }, patient)
    const fault = broker.faults.add({ api: 'Fetch' }, { stop: 'answering' })
    consumer.assign([{ ...place, offset: 0n }])
    await expect(read(consumer, 5)).rejects.toMatchObject({
      code: 'OTTLA_STALLED',
      retriable: true,
      ...place,
    })
    fault.remove()
    expect(await read(consumer, 5)).toEqual(upTo(5))
  })
})
