import { createVirtualClock } from '@ottla/network/simulation'
import { describe, expect, it } from 'vitest'
import { createFeed } from '../testing/feed.js'
import type { DeadLetterRecord } from './dead-letter.js'
import { runHandlers } from './run.js'
import type { RunOptions } from './run-options.js'

/** Runs five records in a virtual time; offset 2 fails until `heals` calls were made. Handlers return `returned`. */
const runFive = async (options: RunOptions, heals = Infinity, returned?: unknown) => {
  const clock = createVirtualClock()
  const { partitions, source, feed } = createFeed(1)
  feed(0, 5, 5)
  let calls = 0
  const finished: bigint[] = []
  const run = runHandlers(
    { ...source, clock, deadLetterProducer: undefined },
    {
      eachRecord: (record) => {
        if (record.offset === 2n && ++calls < heals) throw new Error('poison')
        finished.push(record.offset)
        if (record.offset === 4n) source.delivery.close()
        return returned as undefined
      },
      ...options,
    },
  )
  const outcome = await clock.runUntil(
    run.then(
      () => 'ended',
      (error: unknown) => error,
    ),
  )
  return { outcome, calls, finished, nowMs: clock.monotonic(), partition: partitions[0] }
}

describe.each(['partition', 'key', 'none'] as const)('retry, by %s', (ordering) => {
  const retry = { attempts: 4, backoffMs: 100 }

  it('calls a handler that throws again, after growing pauses', async () => {
    const { outcome, calls, finished, nowMs, partition } = await runFive({ ordering, retry }, 3)
    expect({ outcome, calls }).toEqual({ outcome: 'ended', calls: 3 })
    expect([...finished].sort()).toEqual([0n, 1n, 2n, 3n, 4n])
    expect(nowMs).toBeGreaterThanOrEqual(240)
    expect(partition?.committableOffset).toBe(5)
  })

  it('takes a record for finished whose handler returned something else than a promise', async () => {
    const { outcome, finished, partition } = await runFive({ ordering, retry }, 0, 5)
    expect(outcome).toBe('ended')
    expect([...finished].sort()).toEqual([0n, 1n, 2n, 3n, 4n])
    expect(partition?.committableOffset).toBe(5)
  })

  it('throws what the handler threw last', async () => {
    const { outcome, calls, partition } = await runFive({ ordering, retry })
    expect(outcome).toMatchObject({
      name: 'HandlerError',
      message: expect.stringContaining('t-0@2 threw: poison'),
      cause: { message: 'poison' },
      ...{ topic: 't', partition: 0, offset: 2n },
    })
    expect(calls).toBe(4)
    expect(partition?.committableOffset).toBe(2)
  })

  it('puts the record away and goes on', async () => {
    const away: [bigint, unknown, number][] = []
    const { outcome, partition } = await runFive({
      ordering,
      retry,
      deadLetter: (record, { error, attempts }) => {
        away.push([record.offset, (error as Error).message, attempts])
      },
    })
    expect(outcome).toBe('ended')
    expect(away).toEqual([[2n, 'poison', 4]])
    expect(partition?.committableOffset).toBe(5)
  })

  it('leaves the record unfinished when it cannot be put away', async () => {
    const { outcome, partition } = await runFive({
      ordering,
      deadLetter: () => Promise.reject(new Error('no such topic')),
    })
    expect(outcome).toBeInstanceOf(AggregateError)
    expect(outcome).toMatchObject({
      message: expect.stringContaining('t-0@2 could not be handled (poison)'),
    })
    expect(partition?.committableOffset).toBe(2)
  })
})

describe('dead letters', () => {
  it('go to a topic with what is known of them', async () => {
    const { source, feed } = createFeed(1)
    feed(0, 1, 1)
    const sent: DeadLetterRecord[] = []
    await runHandlers(
      {
        ...source,
        deadLetter: 'away',
        deadLetterProducer: {
          send: async (record) => {
            sent.push(record)
            source.delivery.close()
          },
        },
      },
      {
        eachRecord: () => {
          throw new TypeError('not a number')
        },
      },
    )
    expect(sent).toHaveLength(1)
    expect(sent[0]).toMatchObject({ topic: 'away', headers: expect.arrayContaining([]) })
    expect([`${sent[0]?.key}`, `${sent[0]?.value}`]).toEqual(['k0', 'v'])
    expect(Object.fromEntries(sent[0]?.headers ?? [])).toEqual({
      '__ottla.errors.topic': 't',
      '__ottla.errors.partition': '0',
      '__ottla.errors.offset': '0',
      '__ottla.errors.exception': 'TypeError',
      '__ottla.errors.message': 'not a number',
      '__ottla.errors.attempts': '1',
    })
  })

  it('need a producer to go to a topic', async () => {
    const { source } = createFeed(1)
    const run = runHandlers(source, { deadLetter: 'away', eachRecord: () => {} })
    await expect(run).rejects.toThrow('new Ottla(…).consumer(…)')
  })

  it('cannot go to a topic that the consumer reads', async () => {
    const { source, feed } = createFeed(1)
    const deadLetterProducer = { send: () => Promise.reject(new Error('must not be written')) }
    const options = {
      deadLetter: 't',
      eachRecord: () => {
        throw new Error('poison')
      },
    }
    const known = runHandlers({ ...source, deadLetterProducer, reads: () => true }, options)
    await expect(known).rejects.toThrow("reads its own dead-letter topic 't'")
    // Not known beforehand: it shows when such a record is to be put away.
    feed(0, 1)
    const later = runHandlers({ ...source, deadLetterProducer }, options)
    await expect(later).rejects.toThrow("reads its own dead-letter topic 't'")
  })

  it('replace the headers that an earlier one left', async () => {
    const { source, feed } = createFeed(1)
    feed(0, 1, 1, [
      ['trace', 'a'],
      ['__ottla.errors.topic', 'before'],
    ])
    let sent: DeadLetterRecord | undefined
    const send = async (record: DeadLetterRecord) => {
      sent = record
      source.delivery.close()
    }
    await runHandlers(
      { ...source, deadLetter: 'away', deadLetterProducer: { send } },
      { eachRecord: () => Promise.reject(new Error('poison')) },
    )
    const names = sent?.headers.map(([name, value]) => `${name}=${value}`)
    expect(names?.slice(0, 2)).toEqual(['trace=a', '__ottla.errors.topic=t'])
    expect(names).toHaveLength(7)
  })

  it('takes all records of a batch', async () => {
    const { source, feed } = createFeed(1)
    feed(0, 3)
    const away: bigint[] = []
    await runHandlers(source, {
      eachBatch: () => {
        throw new Error('poison')
      },
      deadLetter: (record) => {
        away.push(record.offset)
        if (record.offset === 2n) source.delivery.close()
      },
    })
    expect(away).toEqual([0n, 1n, 2n])
  })
})

describe('a pause before the next attempt', () => {
  it('ends when the partition goes; the record is left to whoever reads it next', async () => {
    const { partitions, source, feed } = createFeed(1)
    feed(0, 2)
    const run = runHandlers(source, {
      retry: { attempts: 5, backoffMs: 1_000_000 },
      eachRecord: (record) => {
        if (record.offset === 0n) return
        queueMicrotask(() => source.delivery.close())
        throw new Error('poison')
      },
    })
    await run
    expect(partitions[0]?.committableOffset).toBe(1)
  })
})
