import { seededRandom } from '@ottla/network/simulation'
import { describe, expect, it } from 'vitest'
import type { AssignedPartition } from '../fetch/assigned-partition.js'
import type { ConsumerRecord } from '../record.js'
import { createFeed, offsetOf } from '../testing/feed.js'
import { BatchLoop, RecordLoop } from './loops.js'
import { runHandlers } from './run.js'
import type { RunOptions } from './run-options.js'

describe('RecordLoop', () => {
  it('finishes a record when the next one is asked for', async () => {
    const { partitions, source, feed } = createFeed(1)
    feed(0, 3)
    const [partition] = partitions
    const loop = new RecordLoop(source)
    await loop.next()
    expect(partition?.committableOffset).toBeUndefined()
    await loop.next()
    expect(partition?.committableOffset).toBe(1)
    await loop.next()
    const waiting = loop.next()
    expect(partition?.committableOffset).toBe(3)
    source.delivery.close()
    expect(await waiting).toEqual({ done: true, value: undefined })
  })

  it('brings the record at hand again after break', async () => {
    const { partitions, source, feed } = createFeed(1)
    feed(0, 3)
    for await (const record of new RecordLoop(source)) if (offsetOf(record) === 1) break
    expect(partitions[0]?.committableOffset).toBe(1)
    const { value } = await new RecordLoop(source).next()
    expect(value?.offset).toBe(1n)
  })

  it('does not bring again what was committed before break', async () => {
    const { partitions, source, feed } = createFeed(1)
    feed(0, 3)
    for await (const record of new RecordLoop(source)) {
      if (offsetOf(record) !== 1) continue
      partitions[0]?.markFinished(2)
      break
    }
    const { value } = await new RecordLoop(source).next()
    expect(value?.offset).toBe(2n)
  })

  it('keeps what was prefetched through pause and resume', async () => {
    const { partitions, source, feed } = createFeed(2)
    const [paused] = partitions as [AssignedPartition]
    feed(0, 4)
    const loop = new RecordLoop(source)
    await loop.next()
    paused.isPaused = true
    paused.lease?.stop(false)
    feed(1, 1)
    expect((await loop.next()).value).toMatchObject({ partition: 1, offset: 0n })
    paused.isPaused = false
    source.delivery.offer(paused)
    for (const offset of [1n, 2n, 3n]) {
      expect((await loop.next()).value).toMatchObject({ partition: 0, offset })
    }
  })

  it('never delivers what was buffered of a revoked partition', async () => {
    const { partitions, source, feed } = createFeed(2)
    const [revoked] = partitions as [AssignedPartition]
    feed(0, 10)
    const loop = new RecordLoop(source)
    await loop.next()
    revoked.isRevoking = true
    revoked.lease?.stop(true)
    feed(1, 1)
    expect((await loop.next()).value).toMatchObject({ partition: 1 })
    expect(revoked.committableOffset).toBe(1)
  })

  it('forgets the record at hand after a seek', async () => {
    const { partitions, source, feed } = createFeed(1)
    const [partition] = partitions as [AssignedPartition]
    feed(0, 4)
    const loop = new RecordLoop(source)
    await loop.next()
    partition.seekTo(50)
    feed(0, 1)
    expect((await loop.next()).value?.offset).toBe(50n)
    expect(partition.committableOffset).toBe(50)
  })

  it('rejects with an error once and goes on', async () => {
    const { source, feed } = createFeed(1)
    source.delivery.fail(new Error('said once'))
    const loop = new RecordLoop(source)
    await expect(loop.next()).rejects.toThrow('said once')
    feed(0, 1)
    expect((await loop.next()).done).toBe(false)
  })

  it('stops waiting when its signal fires', async () => {
    const { source } = createFeed(1)
    const controller = new AbortController()
    const waiting = new RecordLoop({ ...source, signal: controller.signal }).next()
    controller.abort(new Error('enough'))
    await expect(waiting).rejects.toThrow('enough')
  })
})

describe('BatchLoop', () => {
  it('hands out arrays of at most maxPollRecords and finishes them whole', async () => {
    const { partitions, source, feed } = createFeed(1)
    feed(0, 7)
    const loop = new BatchLoop(source)
    const { value: batch } = await loop.next()
    expect(batch).toMatchObject({ length: 5, topic: 't', partition: 0, nextOffset: 5n })
    expect(batch[4]?.offset).toBe(4n)
    expect(batch.map(offsetOf)).toEqual([0, 1, 2, 3, 4])
    expect(JSON.parse(JSON.stringify(batch))[0]).toMatchObject({ offset: '0', key: null })
    expect(partitions[0]?.committableOffset).toBeUndefined()
    await loop.next()
    expect(partitions[0]?.committableOffset).toBe(5)
    await loop.return()
    expect((await new BatchLoop(source).next()).value?.firstOffset).toBe(5n)
  })
})

describe('runHandlers', () => {
  it('works on several partitions at a time, on each in order', async () => {
    const { partitions, source, feed } = createFeed(3)
    for (const number of [0, 1, 2]) feed(number, 20)
    const seen: number[][] = [[], [], []]
    const busy = new Set<number>()
    let most = 0
    let left = 60
    await runHandlers(source, {
      concurrency: 3,
      eachRecord: async (record) => {
        expect(busy.has(record.partition)).toBe(false)
        busy.add(record.partition)
        most = Math.max(most, busy.size)
        await new Promise((resolve) => setImmediate(resolve))
        busy.delete(record.partition)
        seen[record.partition]?.push(offsetOf(record))
        if (--left === 0) source.delivery.close()
      },
    })
    expect(most).toBe(3)
    for (const offsets of seen) expect(offsets).toEqual([...Array(20).keys()])
    expect(partitions.map(({ committableOffset }) => committableOffset)).toEqual([20, 20, 20])
  })

  it('rejects with what a handler throws and leaves its record unfinished', async () => {
    const { partitions, source, feed } = createFeed(1)
    feed(0, 5)
    const failing = runHandlers(source, {
      eachRecord: (record) => {
        if (record.offset === 2n) throw new Error('poison')
      },
    })
    await expect(failing).rejects.toThrow('poison')
    expect(partitions[0]?.committableOffset).toBe(2)
    expect((await new RecordLoop(source).next()).value?.offset).toBe(2n)
  })

  it('tells handlers when their partition goes', async () => {
    const { partitions, source, feed } = createFeed(1)
    feed(0, 1)
    const partition = partitions[0] as AssignedPartition
    await runHandlers(source, {
      eachBatch: (_batch, { signal }) =>
        new Promise((resolve) => {
          signal.addEventListener('abort', () => resolve())
          source.delivery.close()
        }),
    })
    expect(partition.committableOffset).toBe(1)
  })

  it('leaves a record unfinished whose handler gives up when told to', async () => {
    const { partitions, source, feed } = createFeed(1)
    feed(0, 3)
    await runHandlers(source, {
      eachRecord: (record, { signal }) => {
        if (record.offset < 1n) return
        source.delivery.close()
        signal.throwIfAborted()
      },
    })
    expect(partitions[0]?.committableOffset).toBe(1)
  })

  it('refuses options that make no sense', async () => {
    const { source } = createFeed(1)
    await expect(runHandlers(source, {})).rejects.toThrow('either eachRecord or eachBatch')
    const options = { concurrency: 0, eachRecord: () => {} }
    await expect(runHandlers(source, options)).rejects.toThrow('concurrency must be')
  })

  it.each([
    [{ eachMessage: () => {} }, 'run() has no option eachMessage. Did you mean eachRecord?'],
    [{ partitionsConsumedConcurrently: 2 }, 'Did you mean concurrency?'],
    [{ eachrecord: () => {} }, 'Did you mean eachRecord?'],
    [{ eachRecord: 'print' }, 'eachRecord must be a function (record, { signal }) =>'],
    [{ concurrency: '8' }, "concurrency must be an integer of at least 1, not '8'."],
    [{ ordering: 'keys' }, "ordering must be one of 'partition', 'key', 'none', not 'keys'."],
    [{ retry: { attempts: '3' } }, "attempts must be an integer of at least 1, not '3'."],
    [{ retry: { retries: 3 } }, 'run() retry has no option retries. Did you mean attempts?'],
    [{ retry: 3 }, 'run() retry takes an object'],
    [{ deadLetter: 7 }, 'deadLetter must be a topic name or a function'],
    [{ signal: new AbortController() }, 'signal must be an AbortSignal, not an object.'],
    [undefined, 'run() takes an object of options'],
  ])('refuses %o and says what would be right', async (options, message) => {
    const { source } = createFeed(1)
    const given = (options && { eachRecord: () => {}, ...options }) as RunOptions
    await expect(runHandlers(source, given)).rejects.toThrow(message)
  })
})

describe('a random run', () => {
  const seed = Number(process.env.OTTLA_SEED ?? Math.floor(Math.random() * 2 ** 31))

  it(`delivers every record in order, whatever happens around it (OTTLA_SEED=${seed})`, async () => {
    const random = seededRandom(seed)
    const pick = (count: number): number => Math.floor(random.next() * count)
    const { partitions, delivery, source, feed } = createFeed(4, 7)
    const expected = [0, 0, 0, 0]
    let loop = new RecordLoop(source)
    const check = (record: ConsumerRecord): void => {
      expect(record.offset, `partition ${record.partition}`).toBe(
        BigInt(expected[record.partition] as number),
      )
      expected[record.partition] = Number(record.offset) + 1
    }
    const actions: ((number: number, partition: AssignedPartition) => void | Promise<void>)[] = [
      (number) => feed(number, 1 + pick(12)),
      (_number, partition) => {
        partition.isPaused = true
        partition.lease?.stop(false)
      },
      (_number, partition) => {
        partition.isPaused = false
        delivery.offer(partition)
      },
      (number, partition) => {
        const offset = pick(Math.max(1, partition.fetchOffset ?? 0))
        partition.seekTo(offset)
        expected[number] = offset
      },
      async () => {
        const { lease } = [...delivery.leases][0] ? { lease: [...delivery.leases][0] } : {}
        await loop.return()
        if (lease?.epoch === lease?.partition.epoch && lease !== undefined) {
          expected[lease.partition.partition] = lease.batch[lease.finished]?.offsetNumber as number
        }
        loop = new RecordLoop(source)
      },
    ]
    for (let step = 0; step < 3000; step++) {
      const number = pick(4)
      const partition = partitions[number] as AssignedPartition
      if (pick(3) === 0) await actions[pick(actions.length)]?.(number, partition)
      const isReady = [...delivery.leases].length > 0 || partitions.some((one) => one.isQueued)
      if (!isReady) continue
      const controller = new AbortController()
      const next = loop.next()
      const result = await Promise.race([next, settle()])
      if (result === undefined) {
        feed(0, 1)
        partitions[0]!.isPaused = false
        delivery.offer(partitions[0] as AssignedPartition)
        const { value } = await next
        if (value !== undefined) check(value)
      } else if (result.value !== undefined) check(result.value)
      controller.abort()
    }
    for (const partition of partitions) {
      expect(partition.committableOffset ?? 0).toBeLessThanOrEqual(partition.position ?? 0)
    }
  })
})

/** Resolves when everything that can happen without news has happened. */
const settle = async (): Promise<undefined> => {
  for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve))
  return undefined
}
