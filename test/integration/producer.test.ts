import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Admin, orThrow } from '@ottla/admin'
import { type Broker, type BrokerOptions, startBroker } from '@ottla/broker'
import { Consumer, type ConsumerRecord } from '@ottla/consumer'
import { Producer, type ProducerOptions, type RecordMetadata } from '@ottla/producer'
import { type CompressionName, compressionNames, partitionForKey } from '@ottla/protocol'
import { describe, expect, it, onTestFinished } from 'vitest'

interface Kit {
  readonly broker: Broker
  readonly admin: Admin
  producer(options?: Partial<ProducerOptions>): Producer
  read(topic: string): Promise<ConsumerRecord[]>
}

/** A broker in memory with topic `t` of `partitions`; everything is closed when the test ends. */
const start = async (
  partitions = 1,
  configs: Record<string, string> = {},
  brokerOptions: BrokerOptions = {},
): Promise<Kit> => {
  const broker = await startBroker(brokerOptions)
  const { bootstrapServers } = broker
  const admin = new Admin({ bootstrapServers })
  onTestFinished(async () => {
    await admin.close()
    await broker.close()
  })
  orThrow(await admin.createTopics([{ name: 't', partitions, replicationFactor: 1, configs }]))
  return {
    broker,
    admin,
    producer(options = {}) {
      const producer = new Producer({ bootstrapServers, ...options })
      onTestFinished(() => producer.close({ timeoutMs: 500 }).catch(() => {}))
      return producer
    },
    read: (topic) => readAll(bootstrapServers, topic),
  }
}

/** Every record of a topic, partition by partition. */
const readAll = async (bootstrapServers: string, topic: string): Promise<ConsumerRecord[]> => {
  const admin = new Admin({ bootstrapServers })
  const consumer = new Consumer({ bootstrapServers })
  const records: ConsumerRecord[] = []
  try {
    for (const { partition, offset: end } of orThrow(await admin.listOffsets([{ topic }]))) {
      if (end === 0n) continue
      consumer.assign([{ topic, partition, offset: 0n }])
      for await (const record of consumer) {
        records.push(record)
        if (record.offset >= end - 1n) break
      }
    }
  } finally {
    await consumer.close()
    await admin.close()
  }
  return records
}

const texts = (records: readonly ConsumerRecord[]): string[] =>
  records.map((record) => String(record.value))

const numbers = (count: number): string[] => Array.from({ length: count }, (_, i) => String(i))

describe('producer', () => {
  it('stores what it is given and tells where', async () => {
    const { producer, read } = await start()
    const timestamp = Date.UTC(2026, 1, 3)
    const sent = await producer().send([
      { topic: 't', key: 'ž€𝄞', value: 'ž€𝄞', timestamp, headers: { a: 'b', many: ['1', null] } },
      { topic: 't', key: Uint8Array.of(1), value: Uint8Array.of(2, 3), headers: [['x', 'y']] },
      { topic: 't', key: null, value: null },
      { topic: 't', key: '', value: '' },
    ])
    expect(sent.map(({ offset }) => offset)).toEqual([0n, 1n, 2n, 3n])
    expect(sent[0]).toMatchObject({ topic: 't', partition: 0, timestamp })
    const [text, bytes, nothing, empty] = await read('t')
    expect(text).toMatchObject({ offset: 0n, timestamp })
    expect([String(text?.key), String(text?.value)]).toEqual(['ž€𝄞', 'ž€𝄞'])
    const headers = text?.headers.map(([name, value]) => [name, value && String(value)])
    expect(headers).toEqual([
      ['a', 'b'],
      ['many', '1'],
      ['many', null],
    ])
    expect([bytes?.key, bytes?.value]).toEqual([Buffer.of(1), Buffer.of(2, 3)])
    expect([nothing?.key, nothing?.value]).toEqual([null, null])
    expect([empty?.key, empty?.value]).toEqual([Buffer.of(), Buffer.of()])
  })

  it.each(compressionNames)('keeps the order of many sends, compression %s', async (codec) => {
    const { producer, read } = await start()
    const sender = producer({ compression: codec satisfies CompressionName, batchSize: 2000 })
    const values = numbers(2000)
    const sent = await Promise.all(values.map((value) => sender.send({ topic: 't', value })))
    expect(sent.map(({ offset }) => Number(offset))).toEqual(values.map(Number))
    expect(texts(await read('t'))).toEqual(values)
  })

  it('puts keys where Java puts them and spreads records without', async () => {
    const { producer, read } = await start(7)
    const sender = producer()
    const keys = numbers(100).map((number) => `key-${number}`)
    const sent = await sender.send(keys.map((key) => ({ topic: 't', key, value: key })))
    expect(sent.map(({ partition }) => partition)).toEqual(
      keys.map((key) => partitionForKey(Buffer.from(key), 7)),
    )
    const used = new Set<number>()
    for (let i = 0; i < 60; i++) used.add((await sender.send({ topic: 't', value: 'v' })).partition)
    expect(used.size).toBeGreaterThan(4)
    expect(await read('t')).toHaveLength(160)
  })

  it('goes by the record’s own partition and by a partitioner of the application', async () => {
    const { producer } = await start(4)
    const sender = producer({ partitioner: ({ value }, count) => String(value).length % count })
    expect((await sender.send({ topic: 't', value: 'xx' })).partition).toBe(2)
    expect((await sender.send({ topic: 't', value: 'xx', partition: 3 })).partition).toBe(3)
    const missing = sender.send({ topic: 't', value: 'xx', partition: 4 })
    await expect(missing).rejects.toMatchObject({ code: 'OTTLA_INVALID_ARGUMENT' })
    await expect(missing).rejects.toThrow('no partition 4: it has 4')
  })

  it('fails the records that the application’s partitioner cannot place, and no others', async () => {
    const { producer, read } = await start()
    const sender = producer({
      partitioner: ({ value }) => {
        if (value === 'bad') throw new Error('no idea')
        return 0
      },
    })
    const good = ['1', '2']
    // The first three wait for metadata; the last ones do not.
    const first = Promise.allSettled(
      ['1', 'bad', '2'].map((value) => sender.send({ topic: 't', value })),
    )
    expect((await first).map(({ status }) => status)).toEqual([
      'fulfilled',
      'rejected',
      'fulfilled',
    ])
    await expect(sender.send({ topic: 't', value: 'bad' })).rejects.toThrow('no idea')
    expect(() => sender.enqueue({ topic: 't', value: 'bad' })).toThrow('no idea')
    expect(sender.stats.bufferedBytes).toBe(0)
    expect(texts(await read('t'))).toEqual(good)
  })

  it('sends concurrent single records together without lingering', async () => {
    const { producer, broker } = await start()
    const sender = producer()
    await sender.send({ topic: 't', value: 'first' })
    let requests = 0
    const stop = broker.events.on('request', ({ api }) => {
      if (api === 'Produce') requests++
    })
    await Promise.all(numbers(500).map((value) => sender.send({ topic: 't', value })))
    stop()
    expect(requests).toBe(1)
  })

  it.each([0, 1, 'all'] as const)('waits for acks %s', async (acks) => {
    const { producer, read } = await start()
    const sender = producer({ acks })
    const sent: RecordMetadata[] = []
    for (const value of numbers(20)) sent.push(await sender.send({ topic: 't', value }))
    await sender.close()
    const offsets = numbers(20).map((value) => (acks === 0 ? -1n : BigInt(value)))
    expect(sent.map(({ offset }) => offset)).toEqual(offsets)
    // A request without answer has no moment at which the broker is known to have it.
    let stored: string[] = []
    while (stored.length < 20) stored = texts(await read('t'))
    expect(stored).toEqual(numbers(20))
  })

  it('tells of each enqueued record and of nothing twice', async () => {
    const { producer, read } = await start(3)
    const sender = producer({ bufferMemory: 200_000, batchSize: 3000 })
    const offsets = new Map<string, bigint>()
    let waits = 0
    for (const value of numbers(20_000)) {
      const isOpen = sender.enqueue({ topic: 't', key: value, value }, (error, metadata) => {
        if (error !== null || metadata === undefined || offsets.has(value)) throw error
        offsets.set(value, metadata.offset)
      })
      if (isOpen) continue
      waits++
      await sender.drained()
    }
    await sender.flush()
    expect(waits).toBeGreaterThan(2)
    expect(offsets.size).toBe(20_000)
    expect(sender.stats).toEqual({ bufferedBytes: 0, batches: 0, requestsInFlight: 0 })
    for (const { value, offset } of await read('t')) expect(offsets.get(String(value))).toBe(offset)
  })

  it('lets sends wait in line for memory, in their order', async () => {
    const { producer, read } = await start()
    const sender = producer({ bufferMemory: 5000, batchSize: 1000 })
    const values = numbers(1000).map((value) => value.padStart(40, '0'))
    await Promise.all(values.map((value) => sender.send({ topic: 't', value })))
    expect(texts(await read('t'))).toEqual(values)
  })

  it('splits batches that the topic does not take and remembers', async () => {
    const { producer, read } = await start(1, { 'max.message.bytes': '2000' })
    const sender = producer({ batchSize: 50_000 })
    const values = numbers(1000).map((value) => value.padStart(50, '0'))
    await sender.send(values.map((value) => ({ topic: 't', value })))
    expect(texts(await read('t'))).toEqual(values)
    const tooLarge = sender.send({ topic: 't', value: 'x'.repeat(5000) })
    await expect(tooLarge).rejects.toMatchObject({ code: 'OTTLA_BROKER_MESSAGE_TOO_LARGE' })
    expect((await sender.send({ topic: 't', value: 'after' })).offset).toBe(1000n)
  })

  it('lets a batch linger until it is full or its time is over', async () => {
    const { producer } = await start()
    const sender = producer({ lingerMs: 600_000, deliveryTimeoutMs: 900_000, batchSize: 1000 })
    const lingering = sender.send({ topic: 't', value: 'alone' })
    const full = await sender.send({ topic: 't', value: 'x'.repeat(2000) }).then(() => lingering)
    expect(full.offset).toBe(0n)
    const flushed = sender.send({ topic: 't', value: 'last' })
    await sender.flush()
    expect((await flushed).offset).toBe(2n)
  }, 20_000)

  it('creates topics by sending where the broker allows it, and says so where not', async () => {
    const { producer } = await start()
    const first = await producer().send({ topic: 'made-by-sending', value: 'v' })
    expect(first).toMatchObject({ topic: 'made-by-sending', offset: 0n })
    const refusing = await start(1, {}, { configs: { 'auto.create.topics.enable': 'false' } })
    const sender = refusing.producer({ deliveryTimeoutMs: 700, requestTimeoutMs: 500 })
    const failed = sender.send({ topic: 'missing', value: 'v' })
    await expect(failed).rejects.toMatchObject({ code: 'OTTLA_DELIVERY_TIMEOUT', topic: 'missing' })
    await expect(failed).rejects.toThrow(/UNKNOWN_TOPIC_OR_PARTITION/)
    const invalid = sender.send({ topic: 'no spaces', value: 'v' })
    await expect(invalid).rejects.toMatchObject({ code: 'OTTLA_BROKER_INVALID_TOPIC_EXCEPTION' })
  })

  it('stores each record once and in order through restarts of the broker', async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'ottla-producer-'))
    const first = await startBroker({ dataDir })
    const { port, bootstrapServers } = first
    let broker = first
    onTestFinished(async () => {
      await broker.close()
      await rm(dataDir, { recursive: true })
    })
    const producer = new Producer({ bootstrapServers, retryBackoffMs: 10, batchSize: 500 })
    onTestFinished(() => producer.close({ timeoutMs: 500 }).catch(() => {}))
    const values = numbers(3000)
    const sent: Promise<RecordMetadata>[] = []
    await producer.send({ topic: 'r', value: 'first' })
    for (const value of values) {
      sent.push(producer.send({ topic: 'r', value }))
      if (Number(value) % 20 === 0) await Promise.race([sent.at(-1), new Promise(setImmediate)])
      if (Number(value) % 1000 !== 999) continue
      await broker.close({ timeoutMs: 0 })
      broker = await startBroker({ dataDir, port })
    }
    await Promise.all(sent)
    expect(texts(await readAll(bootstrapServers, 'r'))).toEqual(['first', ...values])
  }, 60_000)

  it('closes with everything delivered', async () => {
    const { producer, read } = await start()
    const sender = producer({ lingerMs: 60_000 })
    for (const value of numbers(100)) sender.enqueue({ topic: 't', value })
    await sender.close()
    expect(texts(await read('t'))).toEqual(numbers(100))
  })
})
