import { describe, expect, test } from 'vitest'
import { batchOf, readBack, seeded, storageCases } from '../test/batches.js'
import {
  type AppendOptions,
  faultyStorage,
  type Log,
  LogError,
  openLog,
  type Storage,
} from './index.js'

/** What a log should hold, kept in the simplest way. */
interface Model {
  /** Batches with the offset of their first record. */
  batches: {
    readonly offset: number
    readonly values: readonly string[]
    readonly timestamp: number
  }[]
  start: number
  end: number
}

const directory = 'p-0'
const config = { segmentBytes: 700, indexIntervalBytes: 150, retentionMs: -1 }

/** One life of a log next to its model: appends, reads, truncations, restarts clean and unclean. */
class Life {
  private readonly pick: (below: number) => number
  private readonly storage: Storage
  private readonly model: Model = { batches: [], start: 0, end: 0 }
  private log: Log
  private nowMs = 1000
  private counter = 0

  constructor(seed: number, storage: Storage) {
    this.pick = seeded(seed)
    this.storage = storage
    this.log = this.open(false)
  }

  step(): void {
    const dice = this.pick(100)
    this.nowMs += this.pick(50)
    if (dice < 45) this.append()
    else if (dice < 75) this.read()
    else if (dice < 85) this.findByTime()
    else if (dice < 89) this.truncate()
    else if (dice < 92) this.log.roll(this.nowMs)
    else if (dice < 94) this.moveStart()
    else if (dice < 96) this.log.retain(this.nowMs)
    else this.restart(dice < 98)
    expect([this.log.logStartOffset, this.log.logEndOffset]).toEqual([
      this.model.start,
      this.model.end,
    ])
  }

  close(): void {
    this.log.close()
  }

  private open(cleanShutdown: boolean): Log {
    const { storage, model } = this
    const logStartOffset = model.start
    return openLog({ storage, directory, config, nowMs: this.nowMs, cleanShutdown, logStartOffset })
  }

  private append(): void {
    const values = Array.from({ length: 1 + this.pick(4) }, () => `v${this.counter++}`)
    // Timestamps rise on the whole, but not from batch to batch.
    const timestamp = this.nowMs - this.pick(200)
    const options: AppendOptions = { leaderEpoch: 0, nowMs: this.nowMs, origin: 'client' }
    const records = values.map((value) => ({ value, timestamp }))
    const info = this.log.append(batchOf(records), options)
    expect(info.firstOffset).toBe(this.model.end)
    this.model.batches.push({ offset: this.model.end, values, timestamp })
    this.model.end += values.length
  }

  private read(): void {
    const { model } = this
    const offset = model.start + this.pick(model.end - model.start + 1)
    const maxBytes = 1 + this.pick(2000)
    const slice = this.log.read(offset, { maxBytes, maxOffset: model.end })
    const first = model.batches.findIndex(({ offset: at, values }) => at + values.length > offset)
    const expected = first < 0 ? [] : model.batches.slice(first)
    const found = readBack(slice)
    const whole = expected.flatMap(({ offset: at, values }) =>
      values.map((v, i) => `${at + i}:${v}`),
    )
    expect(found).toEqual(whole.slice(0, found.length))
    if (expected.length > 0) expect(found.length).toBeGreaterThan(0)
    expect(slice.nextOffset).toBe(found.length === 0 ? offset : slice.firstOffset + found.length)
  }

  private findByTime(): void {
    const timestamp = this.nowMs - this.pick(1000)
    const { start } = this.model
    const batch = this.model.batches.find(
      (one) => one.timestamp >= timestamp && one.offset + one.values.length > start,
    )
    const expected = batch === undefined ? undefined : Math.max(batch.offset, start)
    expect(this.log.offsetForTimestamp(timestamp)?.offset).toBe(expected)
  }

  private truncate(): void {
    const { model } = this
    const batch = model.batches[this.pick(model.batches.length + 1)]
    if (batch === undefined || batch.offset < model.start) return
    this.log.truncateTo(batch.offset, this.nowMs)
    model.batches = model.batches.filter(({ offset }) => offset < batch.offset)
    model.end = batch.offset
  }

  private moveStart(): void {
    this.model.start += this.pick(Math.min(5, this.model.end - this.model.start + 1))
    this.log.advanceLogStart(this.model.start)
  }

  private restart(isClean: boolean): void {
    // An unclean stop loses what was in memory only: index entries, snapshots. Batches are in the file.
    if (isClean) this.log.close()
    this.log = this.open(isClean)
  }
}

for (const { name, make } of storageCases) {
  describe(`a log on ${name}`, () => {
    test('does what its model does', () => {
      const seeds = name === 'memory' ? 25 : 4
      for (let seed = 1; seed <= seeds; seed++) {
        const { storage, remove } = make()
        const life = new Life(seed, faultyStorage(storage, { ignoreSync: true }))
        try {
          for (let step = 0; step < 200; step++) life.step()
          life.close()
        } catch (error) {
          const said = error instanceof Error ? error.message : String(error)
          throw new Error(`seed ${seed}: ${said}`, { cause: error })
        } finally {
          remove()
        }
      }
    })

    test('is as it was when the storage refuses a write', () => {
      const { storage, remove } = make()
      const faults: Parameters<typeof faultyStorage>[1] = {}
      const log = openLog({ storage: faultyStorage(storage, faults), directory, nowMs: 0 })
      const options: AppendOptions = { leaderEpoch: 0, nowMs: 5000, origin: 'client' }
      log.append(batchOf(['a']), options)
      faults.failWrite = () => 'ENOSPC'
      expect(() => log.append(batchOf(['b']), options)).toThrow(
        expect.objectContaining({ errorName: 'KAFKA_STORAGE_ERROR' }),
      )
      faults.failWrite = undefined
      expect(log.append(batchOf(['c']), options).firstOffset).toBe(1)
      faults.failRead = () => 'EIO'
      expect(() => log.read(0, { maxBytes: 100, maxOffset: 9 })).toThrow(LogError)
      faults.failRead = undefined
      expect(readBack(log.read(0, { maxBytes: 1000, maxOffset: 9 }))).toEqual(['0:a', '1:c'])
      log.close()
      remove()
    })
  })
}
