import { seededRandom } from '@ottla/network/simulation'
import { describe, expect, it } from 'vitest'
import type { AssignedPartition } from '../fetch/assigned-partition.js'
import { createFeed, offsetOf } from '../testing/feed.js'
import { RecordLoop } from './loops.js'
import { runHandlers } from './run.js'

/** Handlers that end when they are told to. */
const createGate = () => {
  const open = new Map<number, () => void>()
  const started: number[] = []
  let onStart = (): void => {}
  return {
    started,
    handle: (offset: number): Promise<void> => {
      started.push(offset)
      onStart()
      return new Promise((resolve) => open.set(offset, resolve))
    },
    finish: (offset: number): void => open.get(offset)?.(),
    /** Resolves when so many have been started. */
    async until(count: number): Promise<void> {
      while (started.length < count) {
        await new Promise<void>((resolve) => {
          onStart = resolve
        })
      }
    },
  }
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

describe('run without order', () => {
  it('works on records of one partition at a time, and commits only up to the first unfinished', async () => {
    const { partitions, source, feed } = createFeed(1)
    const [partition] = partitions as [AssignedPartition]
    feed(0, 4)
    const gate = createGate()
    const run = runHandlers(source, {
      concurrency: 3,
      ordering: 'none',
      eachRecord: (record) => gate.handle(offsetOf(record)),
    })
    await gate.until(3)
    expect(gate.started).toEqual([0, 1, 2])
    gate.finish(1)
    await gate.until(4)
    gate.finish(2)
    await turn()
    expect(partition.committableOffset).toBeUndefined()
    gate.finish(0)
    await turn()
    expect(partition.committableOffset).toBe(3)
    gate.finish(3)
    await turn()
    expect(partition.committableOffset).toBe(4)
    source.delivery.close()
    await run
  })

  it('goes on with records that come while others are at work, but only so far ahead', async () => {
    const { partitions, source, feed } = createFeed(1, 5)
    const [partition] = partitions as [AssignedPartition]
    feed(0, 5)
    const gate = createGate()
    const run = runHandlers(source, {
      concurrency: 2,
      ordering: 'none',
      eachRecord: (record) => {
        const offset = offsetOf(record)
        return offset === 0 ? gate.handle(0) : void gate.started.push(offset)
      },
    })
    await turn()
    feed(0, 5)
    await turn()
    // One slow record is overtaken by maxPollRecords others at most.
    expect(gate.started).toEqual([0, 1, 2, 3, 4])
    gate.finish(0)
    await turn()
    await turn()
    expect(gate.started).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
    expect(partition.committableOffset).toBe(10)
    source.delivery.close()
    await run
  })

  it('does not repeat what was finished out of order when a handler throws', async () => {
    const { partitions, source, feed } = createFeed(1)
    feed(0, 5)
    const run = runHandlers(source, {
      concurrency: 5,
      ordering: 'none',
      eachRecord: async (record) => {
        await turn()
        if (record.offset === 2n) throw new Error('poison')
      },
    })
    await expect(run).rejects.toThrow('poison')
    expect(partitions[0]?.committableOffset).toBe(2)
    const loop = new RecordLoop(source)
    expect((await loop.next()).value?.offset).toBe(2n)
    feed(0, 1)
    expect((await loop.next()).value?.offset).toBe(5n)
    expect(partitions[0]?.committableOffset).toBe(5)
  })

  it('waits for handlers at work when partitions go, and starts no more', async () => {
    const { partitions, source, feed } = createFeed(1)
    const [partition] = partitions as [AssignedPartition]
    feed(0, 5)
    const gate = createGate()
    const signals: AbortSignal[] = []
    const run = runHandlers(source, {
      concurrency: 2,
      ordering: 'none',
      eachRecord: (record, { signal }) => {
        signals.push(signal)
        return gate.handle(offsetOf(record))
      },
    })
    await gate.until(2)
    partition.isRevoking = true
    let isDrained = false
    const draining = source.delivery.drain(partitions, new Promise(() => {})).then(() => {
      isDrained = true
    })
    expect(signals.every(({ aborted }) => aborted)).toBe(true)
    gate.finish(0)
    await turn()
    expect(isDrained).toBe(false)
    gate.finish(1)
    await draining
    expect(gate.started).toEqual([0, 1])
    expect(partition.committableOffset).toBe(2)
    source.delivery.close()
    await run
  })

  it('gives a waiting window back when its partition is paused', async () => {
    const { partitions, source, feed } = createFeed(2)
    const [, paused] = partitions as [AssignedPartition, AssignedPartition]
    const gate = createGate()
    const seen: string[] = []
    const run = runHandlers(source, {
      concurrency: 1,
      ordering: 'none',
      eachRecord: (record) => {
        seen.push(`${record.partition}:${record.offset}`)
        return gate.handle(seen.length)
      },
    })
    feed(0, 1)
    await gate.until(1)
    feed(1, 2)
    paused.isPaused = true
    paused.lease?.stop(false)
    gate.finish(1)
    await turn()
    expect(seen).toEqual(['0:0'])
    paused.isPaused = false
    source.delivery.offer(paused)
    await gate.until(2)
    expect(seen).toEqual(['0:0', '1:0'])
    gate.finish(2)
    await gate.until(3)
    gate.finish(3)
    source.delivery.close()
    await run
  })
})

describe('run by key', () => {
  const seed = Number(process.env.OTTLA_SEED ?? Math.floor(Math.random() * 2 ** 31))

  it(`keeps the order of each key and works on several keys at a time (OTTLA_SEED=${seed})`, async () => {
    const random = seededRandom(seed)
    const pick = (count: number): number => Math.floor(random.next() * count)
    const { partitions, source, feed } = createFeed(3, 50)
    const newest = new Map<string, number>()
    const busy = new Set<string>()
    let most = 0
    let left = 0
    let all: () => void = () => {}
    const done = new Promise<void>((resolve) => {
      all = resolve
    })
    const add = (): void => {
      for (const partition of [0, 1, 2]) {
        const count = 1 + pick(60)
        left += count
        feed(partition, count, 7)
      }
    }
    add()
    const run = runHandlers(source, {
      concurrency: 8,
      ordering: 'key',
      eachRecord: async (record) => {
        const key = `${record.partition} ${record.key}`
        expect(busy.has(key)).toBe(false)
        busy.add(key)
        most = Math.max(most, busy.size)
        for (let turns = pick(4); turns > 0; turns--) await turn()
        expect(offsetOf(record)).toBeGreaterThan(newest.get(key) ?? -1)
        newest.set(key, offsetOf(record))
        busy.delete(key)
        for (const { committableOffset = 0, partition } of partitions) {
          for (const one of busy) {
            if (one.startsWith(`${partition} `)) {
              expect(committableOffset).toBeLessThanOrEqual(partitions[partition]?.position ?? 0)
            }
          }
        }
        if (--left === 0) all()
      },
    })
    for (let round = 0; round < 10; round++) {
      await turn()
      add()
    }
    await done
    await turn()
    expect(most).toBe(8)
    expect(partitions.map(({ committableOffset }) => committableOffset)).toEqual(
      partitions.map(({ fetchOffset }) => fetchOffset),
    )
    source.delivery.close()
    await run
  })
})
