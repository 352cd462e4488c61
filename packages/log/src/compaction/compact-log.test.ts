import { decodeRecords } from '@ottla/protocol'
import { describe, expect, test } from 'vitest'
import { batchOf, seeded, storageCases } from '../../test/batches.js'
import {
  type AppendOptions,
  type CompactOptions,
  faultyStorage,
  type Log,
  type LogConfig,
  openLog,
  type Storage,
  type StorageFaults,
} from '../index.js'

const config: Partial<LogConfig> = {
  cleanupCompact: true,
  cleanupDelete: false,
  segmentBytes: 600,
  indexIntervalBytes: 100,
  deleteRetentionMs: 1000,
  fileDeleteDelayMs: 0,
}
const client: AppendOptions = { leaderEpoch: 0, nowMs: 5000, origin: 'client' }

/** `offset key=value` of every record. */
function contents(log: Log): string[] {
  const found: string[] = []
  for (let at = log.logStartOffset; at < log.logEndOffset; ) {
    const slice = log.read(at, { maxBytes: 1 << 20, maxOffset: log.logEndOffset })
    if (slice.bytes.length === 0) break
    for (const batch of decodeRecords(slice.bytes)) {
      for (const { offset, key, value } of batch) found.push(`${offset} ${key}=${value}`)
    }
    at = slice.nextOffset
  }
  return found
}

const keyed = (key: string, value: string | null, compression: 'none' | 'lz4' = 'none') =>
  batchOf([{ key, value, timestamp: 1000 }], { compression })

const options = (log: Log, extra: Partial<CompactOptions> = {}): CompactOptions => ({
  highWatermark: log.logEndOffset,
  nowMs: 5000,
  maxKeyBytes: 1 << 20,
  pause: () => Promise.resolve(),
  ...extra,
})

/** What should be there: the newest of each key below `to`, all from there on. */
function newest(all: readonly string[], to: number): string[] {
  const last = new Map<string, number>()
  const keyOf = (line: string): string => line.split(' ')[1]?.split('=')[0] ?? ''
  for (const line of all) {
    const offset = Number.parseInt(line, 10)
    if (offset < to) last.set(keyOf(line), offset)
  }
  return all.filter((line) => {
    const offset = Number.parseInt(line, 10)
    return offset >= to || last.get(keyOf(line)) === offset
  })
}

for (const { name, make } of storageCases) {
  describe(`compaction on ${name}`, () => {
    const open = (storage: Storage, clean = false): Log =>
      openLog({ storage, directory: 'p-0', config, nowMs: 0, cleanShutdown: clean })

    test('keeps the newest record of each key, with its offset', async () => {
      const { storage, remove } = make()
      const pick = seeded(3)
      let log = open(storage)
      let cleanedTo = 0
      for (let round = 0; round < 4; round++) {
        for (let index = 0; index < 60; index++) {
          const codec = index % 2 === 0 ? 'none' : 'lz4'
          log.append(keyed(`k${pick(9)}`, `v${round}-${index}`, codec), client)
        }
        const before = contents(log)
        const active = log.segments.at(-1)?.baseOffset ?? 0
        const done = await log.compact(options(log, { cleanedTo }))
        expect(done?.cleanedTo).toBe(active)
        expect(done?.bytesAfter).toBeLessThan(done?.bytesBefore ?? 0)
        cleanedTo = done?.cleanedTo ?? 0
        const kept = contents(log)
        expect(kept).toEqual(newest(before, active))
        expect(await log.compact(options(log, { cleanedTo }))).toBeUndefined()
        log.close()
        log = open(storage, round % 2 === 0)
        expect(contents(log)).toEqual(kept)
      }
      log.close()
      remove()
    })

    test('keeps tombstones until their delete horizon', async () => {
      const { storage, remove } = make()
      const log = open(storage)
      log.append(keyed('a', 'x'), client)
      log.append(keyed('a', null), client)
      log.append(keyed('b', 'y'), client)
      log.roll(5000)
      await log.compact(options(log, { nowMs: 10_000 }))
      expect(contents(log)).toEqual(['1 a=null', '2 b=y'])
      for (const [nowMs, expected] of [
        [10_999, ['1 a=null', '2 b=y']],
        [11_000, ['2 b=y']],
      ] as const) {
        log.append(keyed('c', String(nowMs)), client)
        log.roll(5000)
        await log.compact(options(log, { nowMs }))
        expect(contents(log).slice(0, expected.length)).toEqual(expected)
      }
      log.close()
      remove()
    })

    test('keeps the last batch of a producer though it is empty: its sequences go on', async () => {
      const { storage, remove } = make()
      const log = open(storage)
      const from = (sequence: number, key: string): Uint8Array =>
        batchOf([{ key, value: `v${sequence}`, timestamp: 1000 }], {
          producerId: 7n,
          producerEpoch: 0,
          baseSequence: sequence,
        })
      log.append(from(0, 'a'), client)
      log.append(from(1, 'a'), client)
      log.append(keyed('a', 'other'), client)
      log.roll(5000)
      await log.compact(options(log))
      expect(contents(log)).toEqual(['2 a=other'])
      const bytes = log.read(0, { maxBytes: 1000, maxOffset: 9 }).bytes
      expect(
        [...decodeRecords(bytes)].map(({ baseSequence, count }) => [baseSequence, count]),
      ).toEqual([
        [1, 0],
        [-1, 1],
      ])
      for (const file of storage.list('p-0')) {
        if (file.endsWith('.snapshot')) storage.remove(`p-0/${file}`)
      }
      const again = open(storage)
      expect(again.append(from(1, 'a'), client)).toMatchObject({ duplicate: true, firstOffset: 1 })
      expect(again.append(from(2, 'a'), client)).toMatchObject({ firstOffset: 3 })
      again.close()
      remove()
    })

    test('leaves what the memory for keys has no room for to the next time', async () => {
      const { storage, remove } = make()
      const log = open(storage)
      for (let index = 0; index < 40; index++) log.append(keyed(`k${index % 20}`, 'x'), client)
      log.roll(5000)
      const whole = contents(log)
      let cleanedTo = 0
      let times = 0
      for (; cleanedTo < 40; times++) {
        const done = await log.compact(options(log, { cleanedTo, maxKeyBytes: 500 }))
        cleanedTo = done?.cleanedTo ?? 99
      }
      expect(times).toBeGreaterThan(3)
      expect(contents(log)).toEqual(newest(whole, 40))
      log.close()
      remove()
    })

    test('stops below the high watermark, young records and the active segment', async () => {
      const { storage, remove } = make()
      const log = open(storage)
      for (let index = 0; index < 6; index++) {
        log.append(keyed('k', String(index)), client)
        if (index % 2 === 1) log.roll(5000)
      }
      expect(await log.compact(options(log, { highWatermark: 1 }))).toBeUndefined()
      expect(await log.compact(options(log, { highWatermark: 3 }))).toMatchObject({ cleanedTo: 2 })
      log.updateConfig({ minCompactionLagMs: 9000 })
      const place = { cleanedTo: 2, highWatermark: 6, nowMs: 5000 }
      expect(log.cleanable(place)).toMatchObject({ dirtyRatio: 0, changesMs: 10_000 })
      log.updateConfig({ minCompactionLagMs: 0, maxCompactionLagMs: 4000 })
      expect(log.cleanable(place)).toMatchObject({ isOverdue: true, firstUncleanableOffset: 6 })
      log.close()
      remove()
    })

    test('gives way to truncation', async () => {
      const { storage, remove } = make()
      const log = open(storage)
      const value = 'x'.repeat(300_000)
      log.updateConfig({ segmentBytes: 1 << 20, maxMessageBytes: 1 << 20 })
      for (let index = 0; index < 20; index++) log.append(keyed('k', `${index}${value}`), client)
      log.roll(5000)
      let turns = 0
      const pause = async (): Promise<void> => {
        turns += 1
        if (turns === 4) log.truncateTo(3, 5000)
      }
      expect(await log.compact(options(log, { pause }))).toBeUndefined()
      expect(contents(log)).toHaveLength(3)
      expect(storage.list('p-0').filter((file) => file.includes('cleaned'))).toEqual([])
      log.close()
      remove()
    })
  })
}

test('a stop at any write of a compaction leaves the old log or the new one', async () => {
  const [memory] = storageCases
  for (let stopAt = 1, isDone = false; !isDone; stopAt++) {
    const { storage, remove } = (memory as (typeof storageCases)[number]).make()
    const faults: StorageFaults = {}
    const log = openLog({
      storage: faultyStorage(storage, faults),
      directory: 'p-0',
      config: { ...config, fileDeleteDelayMs: 60_000 },
      nowMs: 0,
    })
    for (let index = 0; index < 30; index++)
      log.append(keyed(`k${index % 4}`, String(index)), client)
    log.roll(5000)
    const before = contents(log)
    let writes = 0
    faults.failWrite = () => {
      writes += 1
      return writes >= stopAt ? 'EIO' : undefined
    }
    try {
      await log.compact(options(log))
      isDone = writes < stopAt
    } catch {
      // The process is thought of as gone: what counts is what the next one finds.
    }
    const next = openLog({ storage, directory: 'p-0', config, nowMs: 0 })
    const after = contents(next)
    const wanted = newest(before, 30)
    // Segments are replaced one group after the other.
    for (const line of wanted) expect(after, `stop at ${stopAt}`).toContain(line)
    for (const line of after) expect(before).toContain(line)
    expect(next.logEndOffset).toBe(30)
    if (isDone) expect(after).toEqual(wanted)
    next.close()
    remove()
  }
})
