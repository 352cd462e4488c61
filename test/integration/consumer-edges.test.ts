// What an application does that examples do not: leaving loops half-way, changing its mind, asking with limits.
import { Admin, orThrow } from '@ottla/admin'
import type { Broker } from '@ottla/broker'
import { brokerTest as it } from '@ottla/broker/vitest'
import {
  Consumer,
  type ConsumerBatch,
  type ConsumerOptions,
  type ConsumerRecord,
} from '@ottla/consumer'
import { Producer } from '@ottla/producer'
import { describe, expect, onTestFinished } from 'vitest'

/** Topic `t` with so many records in each of its partitions. */
const fill = async ({ bootstrapServers }: Broker, partitions: number, count: number) => {
  const admin = new Admin({ bootstrapServers })
  orThrow(await admin.createTopics([{ name: 't', partitions }]))
  await admin.close()
  await produce(bootstrapServers, partitions, count)
}

const produce = async (bootstrapServers: string, partitions: number, count: number) => {
  const producer = new Producer({ bootstrapServers })
  const records = Array.from({ length: partitions * count }, (_, index) => ({
    topic: 't',
    partition: index % partitions,
    key: `k${index}`,
    value: `${index}`,
  }))
  if (records.length > 0) await producer.send(records)
  await producer.close()
}

const consumerOf = ({ bootstrapServers }: Broker, options: Partial<ConsumerOptions> = {}) => {
  const consumer = new Consumer({
    bootstrapServers,
    groupId: 'g',
    autoOffsetReset: 'earliest',
    retryBackoffMs: 10,
    heartbeatIntervalMs: 100,
    ...options,
  })
  onTestFinished(() => consumer.close({ timeoutMs: 500 }))
  return consumer
}

/** What the group has committed of partition 0. */
const committed = async ({ bootstrapServers }: Broker): Promise<bigint | undefined> => {
  const asker = new Consumer({ bootstrapServers, groupId: 'g' })
  const [first] = await asker.committed([place])
  await asker.close()
  return first?.offset
}

/** The state of the group, as brokers tell it. */
const states = async ({ bootstrapServers }: Broker): Promise<unknown[]> => {
  const admin = new Admin({ bootstrapServers })
  const groups = orThrow(await admin.describeGroups(['g']))
  await admin.close()
  return groups.map(({ state }) => state)
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

const topics = ['t']
const place = { topic: 't', partition: 0 }
const enough = new Error('enough')

/** Reads so many records, without leaving. */
const take = async (records: AsyncIterator<ConsumerRecord>, count: number): Promise<string[]> => {
  const places: string[] = []
  while (places.length < count) {
    const { value } = await records.next()
    places.push(`${value.partition}@${value.offset}`)
  }
  return places
}

describe('a commit after the loop was left', () => {
  it('finishes the record, which does not come again and is not taken back by close', async ({
    broker,
  }) => {
    await fill(broker, 1, 10)
    const consumer = consumerOf(broker, { topics, maxPollRecords: 4 })
    let last: ConsumerRecord | undefined
    for await (const record of consumer) {
      last = record
      if (record.offset === 5n) break
    }
    await consumer.commit(last as ConsumerRecord)
    expect(await committed(broker)).toBe(6n)
    expect(consumer.position(place)).toBe(6n)
    const records = consumer.records()
    expect(await take(records, 1)).toEqual(['0@6'])
    await records.return?.()
    await consumer.close()
    expect(await committed(broker)).toBe(6n)
  })

  it('finishes a whole batch', async ({ broker }) => {
    await fill(broker, 1, 10)
    const consumer = consumerOf(broker, { topics, maxPollRecords: 4 })
    let last: ConsumerBatch | undefined
    for await (const batch of consumer.batches()) {
      last = batch
      break
    }
    await consumer.commit(last as ConsumerBatch)
    const records = consumer.records()
    expect(await take(records, 2)).toEqual(['0@4', '0@5'])
    await records.return?.()
    await consumer.close()
    expect(await committed(broker)).toBe(5n)
  })

  it('is not taken back either when it goes beyond what was read; a seek does', async ({
    broker,
  }) => {
    await fill(broker, 1, 10)
    const consumer = consumerOf(broker, { topics, maxPollRecords: 4 })
    const records = consumer.records()
    await take(records, 3)
    await consumer.commit({ ...place, offset: 9n })
    await take(records, 1)
    await consumer.commit()
    expect(await committed(broker)).toBe(9n)
    consumer.seek({ ...place, offset: 2n })
    await consumer.commit()
    expect(await committed(broker)).toBe(2n)
  })
})

describe('a loop that is left while it waits', () => {
  for (const kind of ['records', 'batches', 'partitions'] as const) {
    it(`takes nothing away from the next one: ${kind}()`, async ({ broker }) => {
      await fill(broker, 1, 0)
      const consumer = consumerOf(broker, { topics })
      const left = consumer[kind]()
      const pending = left.next()
      if (kind === 'partitions') await pending
      const waiting = kind === 'partitions' ? left.next() : pending
      await broker.waitFor.groupStable('g', { members: 1 })
      await left.return?.()
      expect(await waiting).toEqual({ done: true, value: undefined })
      expect(await left.next()).toEqual({ done: true, value: undefined })
      await produce(broker.bootstrapServers, 1, 2)
      const records = consumer.records()
      expect(await take(records, 2)).toEqual(['0@0', '0@1'])
      await records.return?.()
      await consumer.close()
      expect(await committed(broker)).toBe(1n)
    })
  }
})

describe('a signal', () => {
  for (const ordering of ['partition', 'key', 'none'] as const) {
    it(`ends a run after the records at hand: ${ordering}`, async ({ broker }) => {
      await fill(broker, 2, 50)
      const consumer = consumerOf(broker, { topics })
      const stop = new AbortController()
      let handled = 0
      let late = 0
      const eachRecord = async (): Promise<void> => {
        if (stop.signal.aborted) late++
        await pause(1)
        if (++handled === 5) stop.abort(enough)
      }
      await consumer.run({ ordering, concurrency: 2, signal: stop.signal, eachRecord })
      expect(late).toBe(0)
      expect(handled).toBeLessThanOrEqual(6)
    })
  }

  it('ends a run in which one of several handlers fails', async ({ broker }) => {
    await fill(broker, 2, 50)
    const consumer = consumerOf(broker, { topics })
    let hasFailed = false
    let late = 0
    const run = consumer.run({
      concurrency: 2,
      eachRecord: async ({ partition, offset }) => {
        if (hasFailed) late++
        await pause(1)
        if (partition === 0 && offset === 3n) {
          hasFailed = true
          throw enough
        }
      },
    })
    await expect(run).rejects.toMatchObject({ cause: enough, offset: 3n })
    expect(late).toBe(0)
  })

  it('ends a loop at the next record, whatever was fetched', async ({ broker }) => {
    await fill(broker, 1, 50)
    const consumer = consumerOf(broker, { topics })
    const stop = new AbortController()
    const seen: bigint[] = []
    const loop = async (): Promise<void> => {
      for await (const record of consumer.records({ signal: stop.signal })) {
        if (seen.push(record.offset) === 5) stop.abort(enough)
      }
    }
    await expect(loop()).rejects.toBe(enough)
    expect(seen).toHaveLength(5)
    expect(await take(consumer.records(), 1)).toEqual(['0@5'])
  })

  it('of a run with many idle workers has few listeners', async ({ broker }) => {
    await fill(broker, 1, 0)
    const consumer = consumerOf(broker, { topics })
    const warnings: string[] = []
    const onWarning = ({ name }: Error): void => void warnings.push(name)
    process.on('warning', onWarning)
    onTestFinished(() => void process.off('warning', onWarning))
    const run = consumer.run({ concurrency: 32, eachRecord: () => {} })
    await broker.waitFor.groupStable('g', { members: 1 })
    await consumer.close()
    await run
    expect(warnings).toEqual([])
  })
})

describe('limits of a commit', () => {
  it('count while it waits for the commit before it', async ({ broker }) => {
    await fill(broker, 1, 10)
    const consumer = consumerOf(broker, { topics, enableAutoCommit: false })
    await take(consumer.records(), 3)
    broker.faults.add({ api: 'OffsetCommit' }, { stop: 'answering' })
    const hung = consumer.commit().catch(() => {})
    const limited = consumer.commit(undefined, { timeoutMs: 50 })
    await expect(limited).rejects.toMatchObject({ code: 'OTTLA_TIMEOUT' })
    const aborted = consumer.commit(undefined, { signal: AbortSignal.abort(enough) })
    await expect(aborted).rejects.toBe(enough)
    await consumer.close({ timeoutMs: 100 })
    await hung
  })
})

describe('a busy partition', () => {
  for (const ordering of ['key', 'none'] as const) {
    it(`leaves the others their share: ${ordering}`, async ({ broker }) => {
      await fill(broker, 3, 300)
      const consumer = consumerOf(broker, { topics, maxPollRecords: 20 })
      const stop = new AbortController()
      const seen: number[] = []
      const eachRecord = async ({ partition }: ConsumerRecord): Promise<void> => {
        await pause(0)
        if (seen.push(partition) === 400) stop.abort()
      }
      await consumer.run({ ordering, concurrency: 2, signal: stop.signal, eachRecord })
      for (const partition of [0, 1, 2]) {
        expect(seen.filter((one) => one === partition).length).toBeGreaterThan(50)
      }
    })
  }
})

describe('assign() again', () => {
  for (const groupId of [undefined, 'g']) {
    it(`keeps the place of partitions it names again, ${groupId ?? 'without a group'}`, async ({
      broker,
    }) => {
      await fill(broker, 3, 20)
      const consumer = consumerOf(broker, { groupId, autoOffsetReset: 'latest', maxPollRecords: 3 })
      consumer.assign([{ ...place, offset: 0 }])
      for await (const record of consumer) if (record.offset === 7n) break
      consumer.assign([place, { topic: 't', partition: 1, offset: 18 }])
      const records = consumer.records()
      const both = await take(records, 15)
      expect(both.filter((one) => one.startsWith('0@'))).toHaveLength(13)
      expect(both).toEqual(expect.arrayContaining(['0@7', '0@19', '1@18', '1@19']))
      await records.return?.()
      consumer.assign([{ ...place, offset: 4 }])
      expect(await take(consumer.records(), 1)).toEqual(['0@4'])
    })
  }

  it('commits what was finished of those it drops', async ({ broker }) => {
    await fill(broker, 2, 20)
    const consumer = consumerOf(broker)
    consumer.assign([{ ...place, offset: 0 }])
    for await (const record of consumer) if (record.offset === 7n) break
    consumer.assign([{ topic: 't', partition: 1 }])
    await expect.poll(() => committed(broker)).toBe(7n)
  })
})

describe('subscribe([])', () => {
  it('commits, leaves the group, and lets assign() or another subscription follow', async ({
    broker,
  }) => {
    await fill(broker, 1, 20)
    const revoked: number[] = []
    const onRevoked = ({ length }: readonly unknown[]): void => void revoked.push(length)
    const consumer = consumerOf(broker, { topics, onRevoked })
    for await (const record of consumer) if (record.offset === 7n) break
    consumer.subscribe([])
    expect(() => consumer.assign([place])).toThrow(/still a member of the group g/)
    await expect.poll(() => states(broker)).toEqual(['Empty'])
    expect(revoked).toEqual([1])
    expect(consumer.assignment).toEqual([])
    expect(await committed(broker)).toBe(7n)
    consumer.subscribe('t')
    const records = consumer.records()
    expect(await take(records, 1)).toEqual(['0@7'])
    await records.return?.()
    consumer.subscribe([])
    await expect.poll(() => states(broker)).toEqual(['Empty'])
    consumer.assign([{ ...place, offset: 15 }])
    expect(await take(consumer.records(), 1)).toEqual(['0@15'])
  })

  it('while a loop waits: the next subscription wakes it', async ({ broker }) => {
    await fill(broker, 1, 3)
    const consumer = consumerOf(broker, { topics })
    const records = consumer.records()
    await take(records, 3)
    const next = records.next()
    consumer.subscribe([])
    await expect.poll(() => states(broker)).toEqual(['Empty'])
    consumer.subscribe(['t'])
    await broker.waitFor.groupStable('g', { members: 1 })
    await produce(broker.bootstrapServers, 1, 1)
    expect((await next).value).toMatchObject({ offset: 3n })
  })
})

describe("autoOffsetReset: 'none'", () => {
  it('says so once, and not again after a seek', async ({ broker }) => {
    await fill(broker, 2, 5)
    const consumer = consumerOf(broker, { topics, autoOffsetReset: 'none' })
    await expect(consumer.records().next()).rejects.toMatchObject({ code: 'OTTLA_NO_OFFSET' })
    // The application looks the offsets up somewhere; meanwhile the consumer has looked again, and has its answer before ours.
    const asked = () => broker.requests.list('OffsetFetch').length
    await expect.poll(asked).toBeGreaterThan(1)
    await consumer.committed()
    consumer.seek(consumer.assignment.map((one) => ({ ...one, offset: 0n })))
    expect(await take(consumer.records(), 10)).toHaveLength(10)
  })
})

describe('what is no offset', () => {
  for (const offset of [null, '', '3', [], true, -1, 1.5, 2n ** 63n, undefined]) {
    it(`is refused by commit and seek: ${JSON.stringify(offset, (_, one) => (typeof one === 'bigint' ? `${one}n` : one))}`, async ({
      broker,
    }) => {
      await fill(broker, 1, 3)
      const consumer = consumerOf(broker, { topics })
      await take(consumer.records(), 1)
      const target = { ...place, offset } as never
      await expect(consumer.commit(target)).rejects.toMatchObject({
        code: 'OTTLA_INVALID_ARGUMENT',
      })
      expect(() => consumer.seek(target)).toThrow(/offset/)
    })
  }

  it('and neither are other things', async ({ broker }) => {
    await fill(broker, 1, 3)
    const consumer = consumerOf(broker, { topics })
    await take(consumer.records(), 1)
    for (const what of [null, 'x', 5]) {
      await expect(consumer.commit(what as never)).rejects.toThrow(/commit\(\) takes/)
      expect(() => consumer.seek(what as never)).toThrow(/seek\(\)/)
      const at = what === 5 ? NaN : what
      await expect(consumer.seekToTimestamp(at as never)).rejects.toThrow(
        /seekToTimestamp\(\) takes/,
      )
    }
  })
})
