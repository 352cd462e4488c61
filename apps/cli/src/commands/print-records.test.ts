import { once } from 'node:events'
import { Writable } from 'node:stream'
import type { ConsumerRecord } from '@ottla/consumer'
import { afterEach, expect, it, vi } from 'vitest'
import { printRecords, type RecordSource } from './print-records.js'

const bytes = Buffer.from('a value')

const record: ConsumerRecord = {
  topic: 't',
  partition: 0,
  offset: 7n,
  offsetNumber: 7,
  timestamp: 0,
  key: null,
  value: bytes,
  headers: [],
  leaderEpoch: -1,
  keyBytes: null,
  valueBytes: bytes,
  header: () => undefined,
  toJSON: () => {
    throw new Error('not asked for')
  },
}

/** One record, then silence until it is closed. */
class OneRecord implements RecordSource {
  commitError: Error | undefined
  isClosed = false
  #end = () => {}

  async *[Symbol.asyncIterator](): AsyncGenerator<ConsumerRecord> {
    const ended = new Promise<void>((resolve) => {
      this.#end = resolve
    })
    yield record
    await ended
  }

  async commit(): Promise<void> {
    if (this.commitError !== undefined) throw this.commitError
  }

  async close(): Promise<void> {
    this.isClosed = true
    this.#end()
  }
}

/** Takes what is written when its reader goes on. */
class PausedReader extends Writable {
  resume = () => {}

  constructor() {
    super({ highWaterMark: 1 })
  }

  override _write(_chunk: Buffer, _encoding: string, done: () => void): void {
    this.resume = done
    this.emit('paused')
  }
}

const { signal } = new AbortController()

afterEach(() => {
  vi.useRealTimers()
})

it('does not take a reader who pauses for silence of the topic', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  const consumer = new OneRecord()
  const output = new PausedReader()
  const paused = once(output, 'paused')
  const printing = printRecords(consumer, { format: 'value', idleTimeoutMs: 5000 }, signal, output)
  await paused
  await vi.advanceTimersByTimeAsync(60_000)
  expect(consumer.isClosed).toBe(false)
  const drained = once(output, 'drain')
  output.resume()
  await drained
  await vi.advanceTimersByTimeAsync(4999)
  expect(consumer.isClosed).toBe(false)
  await vi.advanceTimersByTimeAsync(1)
  expect(consumer.isClosed).toBe(true)
  await printing
})

it.each([
  ['that fails', new Error('not now'), { message: 'not now' }],
  [
    'that a stop interrupts',
    Object.assign(new Error('closed'), { code: 'OTTLA_CLOSED' }),
    { code: 'OTTLA_NOT_COMMITTED' },
  ],
])('fails with a last commit %s', async (_name, error, expected) => {
  const consumer = new OneRecord()
  consumer.commitError = error
  const output = new Writable({ write: (_chunk, _encoding, done) => done() })
  const flags = { format: 'value', maxRecords: 1, group: 'g' } as const
  await expect(printRecords(consumer, flags, signal, output)).rejects.toMatchObject(expected)
})
