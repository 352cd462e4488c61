import { Consumer } from '@ottla/consumer'
import { describe, expect, it } from 'vitest'
import { deferred, numbered, startKit, take, upTo, valuesOf } from './src/consumer-kit.js'

describe('committed offsets', () => {
  it('let the next member go on where the last one finished', async () => {
    const kit = await startKit()
    await kit.createTopic('t', 1)
    await kit.produce(numbered('t', 100))
    const first = kit.consumer({ groupId: 'g', topics: ['t'] })
    expect(valuesOf(await take(first, 40))).toEqual(upTo(40))
    await first.close()
    const second = kit.consumer({ groupId: 'g', topics: ['t'] })
    expect(valuesOf(await take(second, 60))).toEqual(upTo(100).slice(40))
  })

  it('leave out the record at hand when a loop is left', async () => {
    const kit = await startKit()
    await kit.createTopic('t', 1)
    await kit.produce(numbered('t', 10))
    const first = kit.consumer({ groupId: 'g', topics: ['t'] })
    expect(valuesOf(await take(first, 5, { commit: false }))).toEqual([0, 1, 2, 3, 4])
    expect(valuesOf(await take(first, 2, { commit: false }))).toEqual([4, 5])
    await first.close()
    const second = kit.consumer({ groupId: 'g', topics: ['t'] })
    expect(valuesOf(await take(second, 1, { commit: false }))).toEqual([5])
    expect(await second.committed()).toMatchObject([{ topic: 't', partition: 0, offset: 5n }])
  })

  it('are committed in the background while a loop runs', async () => {
    const kit = await startKit()
    await kit.createTopic('t', 1)
    await kit.produce(numbered('t', 10))
    const consumer = kit.consumer({ groupId: 'g', topics: ['t'], autoCommitIntervalMs: 10 })
    const reading = take(consumer, 11, { commit: false })
    const watcher = kit.consumer({ groupId: 'g' })
    let offset: bigint | undefined
    while (offset !== 10n) {
      const [committed] = await watcher.committed([{ topic: 't', partition: 0 }])
      offset = committed?.offset
    }
    await kit.produce(numbered('t', 1))
    await reading
  })

  it('stay as they are without automatic commits', async () => {
    const kit = await startKit()
    await kit.createTopic('t', 1)
    await kit.produce(numbered('t', 10))
    const options = { groupId: 'g', topics: ['t'], enableAutoCommit: false }
    const first = kit.consumer(options)
    await take(first, 5, { commit: false })
    await first.commit([{ topic: 't', partition: 0, offset: 3n, metadata: 'mine' }])
    await first.close()
    const second = kit.consumer(options)
    expect(valuesOf(await take(second, 1, { commit: false }))).toEqual([3])
    expect(await second.committed()).toMatchObject([{ offset: 3n, metadata: 'mine' }])
  })

  it('of a batch are committed up to where the application says', async () => {
    const kit = await startKit()
    await kit.createTopic('t', 1)
    await kit.produce(numbered('t', 10))
    const first = kit.consumer({ groupId: 'g', topics: ['t'] })
    for await (const batch of first.batches()) {
      const third = batch[2]
      if (third !== undefined) await first.commit(third)
      break
    }
    await first.close()
    const second = kit.consumer({ groupId: 'g', topics: ['t'] })
    expect(valuesOf(await take(second, 1, { commit: false }))).toEqual([3])
  })
})

describe('without a committed offset', () => {
  it('"latest" reads what comes from then on, even when nothing was read before a restart', async () => {
    const kit = await startKit()
    await kit.createTopic('t', 1)
    await kit.produce(numbered('t', 5))
    const assigned = deferred()
    const first = kit.consumer({ groupId: 'g', topics: ['t'], autoOffsetReset: 'latest' })
    const stop = new AbortController()
    const waiting = first.records({ signal: stop.signal }).next()
    while (first.position({ topic: 't', partition: 0 }) === undefined) {
      await new Promise((resolve) => setImmediate(resolve))
    }
    stop.abort(new Error('enough'))
    await expect(waiting).rejects.toThrow('enough')
    await first.close()
    assigned.resolve()
    await kit.produce(numbered('t', 3, { from: 5 }))
    const second = kit.consumer({ groupId: 'g', topics: ['t'], autoOffsetReset: 'latest' })
    expect(valuesOf(await take(second, 3))).toEqual([5, 6, 7])
  })

  it('"none" is an error that says what to do', async () => {
    const kit = await startKit()
    await kit.createTopic('t', 1)
    const consumer = kit.consumer({ groupId: 'g', topics: ['t'], autoOffsetReset: 'none' })
    await expect(take(consumer, 1)).rejects.toMatchObject({
      code: 'OTTLA_NO_OFFSET',
      topic: 't',
      partition: 0,
    })
  })

  it('a position beyond the log is an error with "none", and reset otherwise', async () => {
    const kit = await startKit()
    await kit.createTopic('t', 1)
    await kit.produce(numbered('t', 3))
    const strict = kit.consumer({ autoOffsetReset: 'none' })
    strict.assign([{ topic: 't', partition: 0, offset: 100n }])
    await expect(take(strict, 1)).rejects.toMatchObject({
      code: 'OTTLA_BROKER_OFFSET_OUT_OF_RANGE',
    })
    strict.seek({ topic: 't', partition: 0, offset: 2n })
    expect(valuesOf(await take(strict, 1, { commit: false }))).toEqual([2])

    const lenient = kit.consumer()
    lenient.assign([{ topic: 't', partition: 0, offset: 100n }])
    expect(valuesOf(await take(lenient, 1, { commit: false }))).toEqual([0])
  })
})

describe('seek, pause and resume', () => {
  it('seek moves back and forth, and drops what was fetched', async () => {
    const kit = await startKit()
    await kit.createTopic('t', 1)
    await kit.produce(numbered('t', 100))
    const consumer = kit.consumer()
    consumer.assign([{ topic: 't', partition: 0 }])
    const seen: number[] = []
    for await (const record of consumer) {
      seen.push(Number(record.value))
      if (seen.length === 3) consumer.seek({ topic: 't', partition: 0, offset: 90n })
      if (seen.length === 5) consumer.seek({ topic: 't', partition: 0, offset: 10n })
      if (seen.length === 7) break
    }
    expect(seen).toEqual([0, 1, 2, 90, 91, 10, 11])
  })

  it('seekToTimestamp finds the first record that is not older', async () => {
    const kit = await startKit()
    await kit.createTopic('t', 1)
    const records = upTo(20).map((n) => ({
      topic: 't',
      value: String(n),
      timestamp: 1000 + n * 10,
    }))
    await kit.produce(records)
    const consumer = kit.consumer()
    consumer.assign([{ topic: 't', partition: 0 }])
    await consumer.seekToTimestamp(1095)
    expect(consumer.position({ topic: 't', partition: 0 })).toBe(10n)
    expect(valuesOf(await take(consumer, 1, { commit: false }))).toEqual([10])
    await consumer.seekToTimestamp(new Date(999_999))
    expect(consumer.position({ topic: 't', partition: 0 })).toBe(20n)
  })

  it('paused partitions rest, others go on, nothing is skipped', async () => {
    const kit = await startKit()
    await kit.createTopic('t', 2)
    for (const partition of [0, 1]) {
      await kit.produce(upTo(50).map((n) => ({ topic: 't', partition, value: String(n) })))
    }
    const consumer = kit.consumer({ maxPollRecords: 10 })
    consumer.assign([0, 1].map((partition) => ({ topic: 't', partition })))
    const seen: number[][] = [[], []]
    let total = 0
    for await (const record of consumer) {
      seen[record.partition]?.push(Number(record.value))
      total++
      if (seen[0]?.length === 5 && total < 50) consumer.pause([{ topic: 't', partition: 0 }])
      if (seen[1]?.length === 50 && seen[0]?.length === 5) {
        expect(consumer.paused).toEqual([{ topic: 't', partition: 0 }])
        consumer.resume()
      }
      if (total === 100) break
    }
    expect(seen).toEqual([upTo(50), upTo(50)])
  })
})

describe('position and lag', () => {
  it('tell how far reading has come', async () => {
    const kit = await startKit()
    await kit.createTopic('t', 1)
    await kit.produce(numbered('t', 10))
    const consumer = kit.consumer()
    consumer.assign([{ topic: 't', partition: 0 }])
    await take(consumer, 4, { commit: false })
    expect(consumer.position({ topic: 't', partition: 0 })).toBe(3n)
    for await (const record of consumer) if (record.offset === 3n) break
    const loop = consumer[Symbol.asyncIterator]()
    await loop.next()
    expect(consumer.position({ topic: 't', partition: 0 })).toBe(4n)
    expect(await consumer.lag()).toEqual([
      { topic: 't', partition: 0, lag: 6n, position: 4n, endOffset: 10n },
    ])
    await loop.return?.()
  })
})

describe('misuse', () => {
  it('is refused with a word on what to do', async () => {
    const options = { bootstrapServers: 'localhost:1' }
    expect(() => new Consumer({ ...options, topics: ['t'] })).toThrow('needs a groupId')
    expect(() => new Consumer({ ...options, groupID: 'g' } as never)).toThrow('groupId')
    const alone = new Consumer(options)
    expect(() => alone.subscribe('t')).toThrow('groupId')
    expect(() => alone.seek({ topic: 't', partition: 0, offset: 0n })).toThrow('not assigned')
    await expect(alone.commit()).rejects.toThrow('groupId')
    await expect(alone[Symbol.asyncIterator]().next()).rejects.toThrow('nothing to read')
    alone.assign([{ topic: 't', partition: 0 }])
    expect(() => alone.seek({ topic: 't', partition: 0, offset: -1n })).toThrow('0 or more')
    await alone.close()
    expect(() => alone.assign([])).toThrow('closed')
    const member = new Consumer({ ...options, groupId: 'g', topics: ['t'] })
    expect(() => member.assign([{ topic: 't', partition: 0 }])).toThrow('exclude')
    await member.close()
  })
})
