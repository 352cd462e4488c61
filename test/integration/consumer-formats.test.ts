import { describe, expect, it } from 'vitest'
import { numbered, sorted, startKit, take, upTo, valuesOf } from './src/consumer-kit.js'

const codecs = ['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const

describe('records', () => {
  it.each(codecs)('compressed by %s come out as they went in', async (compression) => {
    const kit = await startKit()
    await kit.createTopic('t', 1)
    const value = (n: number): string => `${n} ${'abcdefgh'.repeat(n % 50)}`
    const records = upTo(2000).map((n) => ({
      topic: 't',
      key: n % 3 === 0 ? null : `key-${n}`,
      value: n % 5 === 0 ? null : value(n),
      headers: [
        ['n', String(n)],
        ['n', null],
      ] as const,
      timestamp: 1_700_000_000_000 + n,
    }))
    await kit.produce(records, { compression })
    const consumer = kit.consumer()
    consumer.assign([{ topic: 't', partition: 0 }])
    const read = await take(consumer, 2000, { commit: false })
    read.forEach((record, n) => {
      expect(record).toMatchObject({ offset: BigInt(n), timestamp: 1_700_000_000_000 + n })
      expect(record.key?.toString() ?? null).toBe(n % 3 === 0 ? null : `key-${n}`)
      expect(record.value?.toString() ?? null).toBe(n % 5 === 0 ? null : value(n))
      expect(record.headers.map(([name, bytes]) => [name, bytes?.toString() ?? null])).toEqual([
        ['n', String(n)],
        ['n', null],
      ])
    })
  })

  it('survive JSON.stringify and show themselves in console.log', async () => {
    const kit = await startKit()
    await kit.createTopic('t', 1)
    await kit.produce([{ topic: 't', key: 'k', value: 'v', headers: { h: '1' }, timestamp: 5 }])
    const consumer = kit.consumer()
    consumer.assign([{ topic: 't', partition: 0 }])
    const [record] = await take(consumer, 1, { commit: false })
    expect(record?.header('h')?.toString()).toBe('1')
    expect(record?.header('none')).toBeUndefined()
    const parsed = JSON.parse(JSON.stringify(record))
    expect(parsed).toMatchObject({ topic: 't', partition: 0, offset: '0', timestamp: 5 })
    expect(Buffer.from(parsed.value).toString()).toBe('v')
    const { inspect } = await import('node:util')
    expect(inspect(record)).toMatch(/ConsumerRecord \{[^}]*offset: 0n/)
  })

  it('larger than maxPartitionFetchBytes and fetchMaxBytes are still read', async () => {
    const kit = await startKit()
    await kit.createTopic('t', 2)
    const value = 'x'.repeat(300_000)
    for (const partition of [0, 1, 0, 1]) await kit.produce([{ topic: 't', partition, value }])
    const consumer = kit.consumer({ maxPartitionFetchBytes: 1000, fetchMaxBytes: 500_000 })
    consumer.assign([0, 1].map((partition) => ({ topic: 't', partition })))
    const records = await take(consumer, 4, { commit: false })
    expect(records.map(({ value: bytes }) => bytes?.length)).toEqual(Array(4).fill(300_000))
  })

  it('larger than bufferMemory come one at a time, first ones and later ones', async () => {
    const kit = await startKit()
    await kit.createTopic('t', 2)
    const large = 'x'.repeat(50_000)
    for (const value of [large, 'small', large]) {
      for (const partition of [0, 1]) await kit.produce([{ topic: 't', partition, value }])
    }
    const consumer = kit.consumer({ bufferMemory: 2000, maxPartitionFetchBytes: 1000 })
    consumer.assign([0, 1].map((partition) => ({ topic: 't', partition })))
    const records = await take(consumer, 6, { commit: false })
    const lengths = records.map(({ value }) => value?.length ?? 0)
    expect(sorted(lengths)).toEqual([5, 5, 50_000, 50_000, 50_000, 50_000])
  })

  it.each(codecs)(
    'of a topic with LogAppendTime carry the broker’s time, by %s',
    async (compression) => {
      const kit = await startKit()
      await kit.createTopic('t', 1, { 'message.timestamp.type': 'LogAppendTime' })
      const earliest = Date.now()
      const records = upTo(3).map((n) => ({ topic: 't', value: `${n}`, timestamp: 1000 + n }))
      await kit.produce(records, { compression })
      const consumer = kit.consumer()
      consumer.assign([{ topic: 't', partition: 0 }])
      const times = (await take(consumer, 3, { commit: false })).map(({ timestamp }) => timestamp)
      expect(new Set(times).size).toBe(1)
      expect(times[0]).toBeGreaterThanOrEqual(earliest)
      expect(times[0]).toBeLessThanOrEqual(Date.now())
      await consumer.seekToTimestamp(earliest)
      expect((await take(consumer, 1, { commit: false }))[0]?.offset).toBe(0n)
    },
  )

  it('of many small batches come in order over a tight memory limit', async () => {
    const kit = await startKit()
    await kit.createTopic('t', 4)
    for (let round = 0; round < 10; round++) {
      await kit.produce(numbered('t', 500, { from: round * 500, keys: 50 }), { batchSize: 200 })
    }
    const consumer = kit.consumer({ fetchMaxBytes: 8000, maxPartitionFetchBytes: 2000 })
    consumer.assign(upTo(4).map((partition) => ({ topic: 't', partition })))
    const next = [0n, 0n, 0n, 0n]
    const values: number[] = []
    for await (const batch of consumer.batches()) {
      for (const record of batch) {
        expect(record.offset).toBe(next[record.partition])
        next[record.partition] = record.offset + 1n
      }
      values.push(...valuesOf([...batch]))
      if (values.length === 5000) break
    }
    expect(sorted(values)).toEqual(upTo(5000))
  })

  it('that expand beyond the limit are refused, and reading can go on behind them', async () => {
    const kit = await startKit()
    await kit.createTopic('t', 1)
    await kit.produce([{ topic: 't', value: '0'.repeat(900_000) }], { compression: 'gzip' })
    await kit.produce([{ topic: 't', value: 'fine' }])
    const consumer = kit.consumer({ fetchMaxBytes: 100_000, maxPartitionFetchBytes: 50_000 })
    consumer.assign([{ topic: 't', partition: 0 }])
    await expect(take(consumer, 1)).rejects.toMatchObject({
      code: 'OTTLA_CORRUPT_RECORDS',
      topic: 't',
      partition: 0,
      offset: 0n,
      nextOffset: 1n,
    })
    await expect(take(consumer, 1)).rejects.toMatchObject({
      code: 'OTTLA_CORRUPT_RECORDS',
      topic: 't',
      partition: 0,
      offset: 0n,
      nextOffset: 1n,
    })
    consumer.seek({ topic: 't', partition: 0, offset: 1n })
    expect((await take(consumer, 1, { commit: false }))[0]?.value?.toString()).toBe('fine')
  })
})
