import { describe, expect, it } from 'vitest'
import { createFeed, offsetOf } from '../testing/feed.js'
import { BatchLoop, RecordLoop } from './loops.js'
import { PartitionStreams } from './partition-streams.js'
import { runHandlers } from './run.js'

describe('one reader at a time', () => {
  it('refuses a second loop and names the first', async () => {
    const { source, feed } = createFeed(1)
    feed(0, 3)
    const loop = new RecordLoop(source)
    await loop.next()
    const second = new BatchLoop(source)
    await expect(second.next()).rejects.toMatchObject({
      code: 'OTTLA_CONCURRENT_READ',
      message: expect.stringMatching(/a loop over batches\(\) cannot begin: a loop over records/),
    })
    await expect(runHandlers(source, { eachRecord: () => {} })).rejects.toThrow(
      'run() cannot begin',
    )
    // The first goes on, and once it is left the second may begin.
    expect((await loop.next()).value?.offset).toBe(1n)
    await loop.return()
    expect((await second.next()).value?.firstOffset).toBe(1n)
  })

  it('frees the consumer when a loop ends with an error', async () => {
    const { source, feed } = createFeed(1)
    source.delivery.fail(new Error('said once'))
    await expect(new RecordLoop(source).next()).rejects.toThrow('said once')
    feed(0, 1)
    expect((await new RecordLoop(source).next()).value?.offset).toBe(0n)
  })

  it('refuses calls of next that overlap', async () => {
    const { source, feed } = createFeed(1)
    const loop = new RecordLoop(source)
    const first = loop.next()
    await expect(loop.next()).rejects.toMatchObject({ code: 'OTTLA_CONCURRENT_READ' })
    feed(0, 1)
    expect((await first).value?.offset).toBe(0n)
  })
})

describe('PartitionStreams', () => {
  const streamsOf = ({ source, partitions }: ReturnType<typeof createFeed>) =>
    new PartitionStreams({ ...source, partitions: () => partitions })

  it('gives each partition a stream of its own, in any order of reading', async () => {
    const kit = createFeed(2)
    kit.feed(0, 3)
    kit.feed(1, 3)
    const streams = streamsOf(kit)
    const [a, b] = [(await streams.next()).value, (await streams.next()).value]
    expect([a?.partition, b?.partition]).toEqual([0, 1])
    const [first, second] = [b?.[Symbol.asyncIterator](), a?.[Symbol.asyncIterator]()]
    expect((await first?.next())?.value).toMatchObject({ partition: 1, offset: 0n })
    expect((await second?.next())?.value).toMatchObject({ partition: 0, offset: 0n })
    expect((await first?.next())?.value).toMatchObject({ partition: 1, offset: 1n })
    expect(kit.partitions.map(({ committableOffset }) => committableOffset)).toEqual([undefined, 1])
  })

  it('wakes only the stream whose partition has records', async () => {
    const kit = createFeed(2)
    const streams = streamsOf(kit)
    const [a, b] = [(await streams.next()).value, (await streams.next()).value]
    const waiting = a?.batches().next()
    const other = b?.batches().next()
    kit.feed(1, 2)
    expect((await other)?.value).toMatchObject({ partition: 1, length: 2 })
    kit.feed(0, 1)
    expect((await waiting)?.value).toMatchObject({ partition: 0, length: 1 })
  })

  it('ends a stream when its partition is revoked, and delivers nothing buffered', async () => {
    const kit = createFeed(1)
    kit.feed(0, 10)
    const stream = (await streamsOf(kit).next()).value
    const [partition] = kit.partitions
    const seen: number[] = []
    for await (const record of stream ?? []) {
      seen.push(offsetOf(record))
      if (seen.length < 2 || partition === undefined) continue
      partition.isRevoking = true
      void kit.delivery.drain([partition], new Promise(() => {}))
    }
    expect(seen).toEqual([0, 1])
    expect(partition?.committableOffset).toBe(2)
  })

  it('ends a stream that waits when its partition is revoked', async () => {
    const kit = createFeed(1)
    const stream = (await streamsOf(kit).next()).value
    const waiting = stream?.[Symbol.asyncIterator]().next()
    for (const partition of kit.partitions) partition.isRevoking = true
    await kit.delivery.drain(kit.partitions, new Promise(() => {}))
    expect(await waiting).toEqual({ done: true, value: undefined })
  })

  it('gives a stream again after it was left, from the record at hand on', async () => {
    const kit = createFeed(1)
    kit.feed(0, 3)
    const streams = streamsOf(kit)
    for await (const record of (await streams.next()).value ?? []) if (record.offset === 1n) break
    const again = (await streams.next()).value?.[Symbol.asyncIterator]()
    expect((await again?.next())?.value?.offset).toBe(1n)
  })

  it('gives everything back when the loop over streams is left', async () => {
    const kit = createFeed(2)
    kit.feed(0, 3)
    const streams = streamsOf(kit)
    const stream = (await streams.next()).value?.[Symbol.asyncIterator]()
    await stream?.next()
    await streams.return()
    expect(await stream?.next()).toEqual({ done: true, value: undefined })
    expect((await new RecordLoop(kit.source).next()).value?.offset).toBe(1n)
  })

  it('refuses a second reader of one stream', async () => {
    const kit = createFeed(1)
    const stream = (await streamsOf(kit).next()).value
    stream?.batches()
    expect(() => stream?.[Symbol.asyncIterator]()).toThrow('is being read already')
  })

  it("rejects the stream whose partition is unreadable, and not the others'", async () => {
    const kit = createFeed(2)
    kit.feed(1, 1)
    const streams = streamsOf(kit)
    const [a, b] = [(await streams.next()).value, (await streams.next()).value]
    const failing = a?.[Symbol.asyncIterator]().next()
    const failure = expect(failing).rejects.toThrow('unreadable')
    kit.delivery.fail(new Error('unreadable'), { partition: kit.partitions[0] })
    expect((await b?.[Symbol.asyncIterator]().next())?.value?.partition).toBe(1)
    await failure
  })
})
