import type { ConsumerRecord } from '../record.js'
import type { Lease } from './lease.js'

/** What a `RecordWindow` works with. */
export interface RecordWindowSetup {
  readonly lease: Lease
  /** Reads more records into the lease's batch; false when there are none. */
  readonly extend: () => boolean
  /** How far records may be ahead of the first that is not finished: bounds what a slow one keeps in memory. */
  readonly maxAhead: number
  /** Records of one key wait for each other. */
  readonly byKey: boolean
}

/** Finished records at the front are dropped when there are so many. */
const trimAt = 1024

/**
 * The records of one partition that handlers work on in any order. Records count as finished in one piece from the front
 * (`lease.index`), whatever else is finished: what is committed never passes an unfinished record. With `byKey` a record waits for
 * the one before of its key.
 *
 * A record is known by its serial number, which goes on counting when the front is dropped.
 */
export class RecordWindow {
  readonly lease: Lease
  readonly #setup: RecordWindowSetup
  /** Serial number of the batch's first record. */
  #base = 0
  /** Serial number of the next record to look at. */
  #next = 0
  #running = 0
  /** Finished, but not all before them are. */
  readonly #done = new Set<number>()
  /** Of each key at work: those that wait for it. */
  readonly #keys = new Map<string, number[]>()
  /** Their key has become free. */
  readonly #freed: number[] = []

  constructor(setup: RecordWindowSetup) {
    this.#setup = setup
    this.lease = setup.lease
  }

  recordAt(serial: number): ConsumerRecord {
    return this.lease.batch[serial - this.#base] as ConsumerRecord
  }

  /** Serial number of a record that may be started now, and counts as started then. */
  nextToStart(): number | undefined {
    if (this.lease.isStopped) return undefined
    const serial = this.#freed.shift() ?? this.#look()
    if (serial !== undefined) this.#running++
    return serial
  }

  /** The record's handler has returned. */
  finish(serial: number): void {
    this.#running--
    this.#done.add(serial)
    const { lease } = this
    while (this.#done.delete(this.#base + lease.index)) lease.index++
    if (this.#setup.byKey) this.#freeKey(this.recordAt(serial))
    if (lease.index >= trimAt && lease.index < lease.batch.length) this.#trim()
  }

  /** The record's handler has ended without finishing it. */
  leave(): void {
    this.#running--
    this.lease.stop(false)
  }

  /** Whether nothing is at work and nothing can be started; with `isEnding` nothing more will be. */
  isDone(isEnding: boolean): boolean {
    if (this.#running > 0) return false
    return isEnding || this.lease.isStopped || this.lease.index === this.lease.batch.length
  }

  /** Takes out what is finished behind an unfinished record, so that it is not handed out again. */
  close(): void {
    if (this.#done.size === 0) return
    const { index } = this.lease
    this.lease.trim((at) => !this.#done.has(this.#base + at))
    this.#base += index
    this.#done.clear()
  }

  #look(): number | undefined {
    const { lease, maxAhead, byKey, extend } = this.#setup
    for (;;) {
      if (this.#next - this.#base - lease.index >= maxAhead) return undefined
      if (this.#next - this.#base === lease.batch.length && !extend()) return undefined
      const serial = this.#next++
      const key = byKey ? keyOf(this.recordAt(serial)) : undefined
      if (key === undefined) return serial
      const waiting = this.#keys.get(key)
      if (waiting === undefined) {
        this.#keys.set(key, [])
        return serial
      }
      waiting.push(serial)
    }
  }

  #freeKey(record: ConsumerRecord): void {
    const key = keyOf(record)
    if (key === undefined) return
    const next = this.#keys.get(key)?.shift()
    if (next === undefined) this.#keys.delete(key)
    else this.#freed.push(next)
  }

  #trim(): void {
    const { index } = this.lease
    this.lease.trim()
    this.#base += index
  }
}

/** Bytes as a string of the same length: any bytes can be told apart. */
const keyOf = ({ key }: ConsumerRecord): string | undefined => key?.toString('latin1')
