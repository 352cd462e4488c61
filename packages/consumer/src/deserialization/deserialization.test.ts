import { BrokerError, type Deserializer, ErrorCode } from '@ottla/protocol'
import { describe, expect, it } from 'vitest'
import { runHandlers } from '../delivery/run.js'
import type { RunOptions } from '../delivery/run-options.js'
import type { ConsumerRecord } from '../record.js'
import { createFeed } from '../testing/feed.js'
import { DeserializationError } from './deserialization-error.js'
import { openBatches, openRecords } from './deserialized-loops.js'
import { type OnDeserializationError, RecordDeserializer } from './record-deserializer.js'

interface Setup {
  readonly onError?: OnDeserializationError
  readonly isAsync?: boolean
  /** What key `k2` fails with. */
  readonly cause?: () => Error
}

/** Five records with keys `k0` to `k4`, whose keys are numbers to the application; `k2` cannot be read. */
const createFive = ({ onError = 'fail', isAsync = false, cause }: Setup = {}) => {
  const { partitions, delivery, source, feed } = createFeed(1, 5)
  const skipped: DeserializationError[] = []
  const read = (bytes: Uint8Array): number => {
    const text = Buffer.from(bytes).toString()
    if (text === 'k2') throw cause?.() ?? new Error('poison')
    return Number(text.slice(1))
  }
  const key: Deserializer<number> = {
    deserialize: isAsync ? async (bytes) => read(bytes) : read,
  }
  const deserializer = new RecordDeserializer<number, Buffer>({
    key,
    value: undefined,
    onError,
    onSkipped: (error) => skipped.push(error),
  })
  feed(0, 5, 5)
  const [partition] = partitions
  if (partition === undefined) throw new Error('one partition was asked for')
  return { partition, delivery, source: { ...source, deserializer }, skipped }
}

const keysOf = (records: Iterable<ConsumerRecord<number>>): (number | null)[] =>
  [...records].map(({ key }) => key)

/** Reads until `count` records came or the loop fails. */
const readRecords = async (
  loop: AsyncIterable<ConsumerRecord<number>>,
  count: number,
): Promise<{ keys: (number | null)[]; error: unknown }> => {
  const keys: (number | null)[] = []
  try {
    for await (const { key } of loop) if (keys.push(key) === count) break
    return { keys, error: undefined }
  } catch (error) {
    return { keys, error }
  }
}

describe.each([false, true])('deserializers, asynchronous: %s', (isAsync) => {
  it('fail before the record, which stays the next one', async () => {
    const { source, partition } = createFive({ isAsync })
    const { keys, error } = await readRecords(openRecords(source), 5)
    expect(keys).toEqual([0, 1])
    expect(error).toBeInstanceOf(DeserializationError)
    expect(error).toMatchObject({
      code: 'OTTLA_SERDE',
      topic: 't',
      partition: 0,
      offset: 2n,
      nextOffset: 3n,
      part: 'key',
      retriable: false,
      cause: { message: 'poison' },
    })
    expect(String(error)).toContain('offset 2 of t-0')
    expect(partition.committableOffset).toBe(2)
    expect(partition.readPosition).toBe(2)
    expect(await readRecords(openRecords(source), 5)).toMatchObject({
      keys: [],
      error: { offset: 2n },
    })
  })

  it('fail after the batch of what comes before', async () => {
    const { source, partition } = createFive({ isAsync })
    const loop = openBatches(source)
    const { value: batch } = await loop.next()
    expect(keysOf(batch)).toEqual([0, 1])
    expect(batch.nextOffset).toBe(2n)
    expect(partition.readPosition).toBe(2)
    await expect(loop.next()).rejects.toMatchObject({ offset: 2n })
    expect(partition.committableOffset).toBe(2)
  })

  it('pass over what they cannot read, if told to', async () => {
    const { source, partition, skipped } = createFive({ isAsync, onError: 'skip' })
    expect((await readRecords(openRecords(source), 4)).keys).toEqual([0, 1, 3, 4])
    expect(skipped).toMatchObject([{ offset: 2n }])
    expect(partition.committableOffset).toBe(4)
  })

  it('pass over it in batches, too', async () => {
    const { source, delivery, partition } = createFive({ isAsync, onError: 'skip' })
    const loop = openBatches(source)
    const { value: batch } = await loop.next()
    expect(keysOf(batch)).toEqual([0, 1, 3, 4])
    expect(batch.nextOffset).toBe(5n)
    const end = loop.next()
    delivery.close()
    expect(await end).toMatchObject({ done: true })
    expect(partition.committableOffset).toBe(5)
  })

  it('deliver it with the error and its bytes, if told to', async () => {
    const { source } = createFive({ isAsync, onError: 'deliver' })
    const { value: batch } = await openBatches(source).next()
    expect(keysOf(batch)).toEqual([0, 1, null, 3, 4])
    expect(batch[1].error).toBeUndefined()
    expect(batch[2]).toMatchObject({ error: { offset: 2n }, keyBytes: Buffer.from('k2') })
    expect(batch[2].value?.toString()).toBe('v')
    expect(JSON.parse(JSON.stringify(batch[1]))).toMatchObject({
      offset: '1',
      key: 'k1',
      value: 'v',
    })
  })

  it('never skip for an error that passes', async () => {
    const cause = () => new BrokerError(ErrorCode.COORDINATOR_NOT_AVAILABLE)
    const { source, skipped } = createFive({ isAsync, onError: 'skip', cause })
    expect(await readRecords(openRecords(source), 5)).toMatchObject({
      keys: [0, 1],
      error: { retriable: true },
    })
    expect(skipped).toEqual([])
  })
})

describe('asynchronous deserializers', () => {
  it('do not hand over what was revoked meanwhile', async () => {
    const { source, delivery, partition } = createFive({ isAsync: true })
    const next = openRecords(source).next()
    partition.isRevoking = true
    await delivery.drain([partition], new Promise(() => {}))
    delivery.close()
    expect(await next).toMatchObject({ done: true })
    expect(partition.committableOffset).toBeUndefined()
    expect(partition.readPosition).toBe(0)
  })
})

describe('run with deserializers', () => {
  /** Runs until record 4 came, or the run fails. */
  const runFive = async (setup: Setup, options: RunOptions<number>) => {
    const { source, delivery, partition, skipped } = createFive(setup)
    const keys: (number | null)[] = []
    const handle = ({ key, offset }: ConsumerRecord<number>): void => {
      keys.push(key)
      if (offset === 4n) delivery.close()
    }
    const handlers =
      options.eachBatch === undefined ? { eachRecord: handle } : { eachBatch: options.eachBatch }
    const error: unknown = await runHandlers(source, { ...handlers, ...options }).catch(
      (error: unknown) => error,
    )
    return { keys, error, committed: partition.committableOffset, skipped, delivery }
  }

  it.each(['partition', 'key', 'none'] as const)('fails at the record, by %s', async (ordering) => {
    for (const isAsync of [false, true]) {
      const { error, committed } = await runFive({ isAsync }, { ordering })
      expect(error).toMatchObject({ offset: 2n, part: 'key' })
      expect(committed).toBe(2)
    }
  })

  it.each(['partition', 'key', 'none'] as const)(
    'puts it away at once, by %s',
    async (ordering) => {
      for (const isAsync of [false, true]) {
        const away: unknown[] = []
        const { keys, error, committed } = await runFive(
          { isAsync },
          {
            ordering,
            retry: { attempts: 5, backoffMs: 60_000 },
            deadLetter: (record, { error, attempts }) =>
              away.push([record.key?.toString(), (error as Error).name, attempts]),
          },
        )
        expect(keys).toEqual([0, 1, 3, 4])
        expect([error, committed]).toEqual([undefined, 5])
        expect(away).toEqual([['k2', 'DeserializationError', 1]])
      }
    },
  )

  it('tries again what may pass', async () => {
    let failures = 0
    const cause = () => {
      failures++
      return new BrokerError(ErrorCode.COORDINATOR_NOT_AVAILABLE)
    }
    const { error } = await runFive({ cause }, { retry: { attempts: 3, backoffMs: 1 } })
    expect(failures).toBe(3)
    expect(error).toMatchObject({ offset: 2n, retriable: true })
  })

  it('gives batches before and behind a record that is put away', async () => {
    const batches: (number | null)[][] = []
    const away: bigint[] = []
    const { source, delivery, partition } = createFive()
    await runHandlers(source, {
      eachBatch: (batch) => {
        batches.push(keysOf(batch))
        if (batch.lastOffset === 4n) delivery.close()
      },
      deadLetter: ({ offset }) => away.push(offset),
    })
    expect(batches).toEqual([
      [0, 1],
      [3, 4],
    ])
    expect(away).toEqual([2n])
    expect(partition.committableOffset).toBe(5)
  })

  it('passes over it, or delivers it', async () => {
    expect(await runFive({ onError: 'skip' }, {})).toMatchObject({
      keys: [0, 1, 3, 4],
      committed: 5,
      skipped: [{ offset: 2n }],
    })
    expect((await runFive({ onError: 'deliver', isAsync: true }, {})).keys).toEqual([
      0,
      1,
      null,
      3,
      4,
    ])
  })
})
