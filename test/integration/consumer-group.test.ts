import type { Consumer, ConsumerRecord, TopicPartition } from '@ottla/consumer'
import { describe, expect, it } from 'vitest'
import { deferred, numbered, sorted, startKit, take, upTo } from './src/consumer-kit.js'

/** What members of a group read, by value; a value read twice is there twice. */
interface Ledger {
  readonly values: number[]
  readonly byKey: Map<string, number[]>
  readonly done: Promise<void>
}

/** Reads with a member until it closes; resolves `done` when `total` different values were finished. */
function createLedger(total: number) {
  const { promise, resolve } = deferred()
  const ledger: Ledger = { values: [], byKey: new Map(), done: promise }
  const distinct = new Set<number>()
  const read = async (consumer: Consumer): Promise<void> => {
    for await (const record of consumer) {
      const value = Number(record.value)
      ledger.values.push(value)
      const key = String(record.key)
      ledger.byKey.set(key, [...(ledger.byKey.get(key) ?? []), value])
      if (distinct.add(value).size === total) resolve()
      // Some work, so that members share it.
      if (value % 10 === 0) await new Promise((next) => setImmediate(next))
    }
  }
  return { ledger, read }
}

const isRising = (values: readonly number[]): boolean =>
  values.every((value, index) => index === 0 || value > (values[index - 1] as number))

describe('a group', () => {
  it('shares partitions, takes members in and lets them go without losing or repeating a record', async () => {
    const kit = await startKit()
    await kit.createTopic('t', 6)
    const { ledger, read } = createLedger(3000)
    const options = { groupId: 'g', topics: ['t'], sessionTimeoutMs: 6000, heartbeatIntervalMs: 20 }
    const assignments: string[] = []
    const member = (name: string) => {
      const joined = deferred<readonly TopicPartition[]>()
      const consumer = kit.consumer({
        ...options,
        clientId: name,
        onAssigned: (partitions) => {
          assignments.push(`${name}+${partitions.length}`)
          joined.resolve(partitions)
        },
        onRevoked: (partitions) => void assignments.push(`${name}-${partitions.length}`),
        onLost: () => void assignments.push(`${name} lost`),
      })
      return { consumer, running: read(consumer), joined: joined.promise }
    }
    const a = member('a')
    expect(await a.joined).toHaveLength(6)
    await kit.produce(numbered('t', 1000))
    const b = member('b')
    expect(await b.joined).toHaveLength(3)
    await kit.produce(numbered('t', 1000, { from: 1000 }))
    const c = member('c')
    expect(await c.joined).toHaveLength(2)
    await a.consumer.close()
    await kit.produce(numbered('t', 1000, { from: 2000 }))
    await ledger.done
    await Promise.all([b.consumer.close(), c.consumer.close()])
    await Promise.all([a.running, b.running, c.running])
    expect(sorted(ledger.values)).toEqual(upTo(3000))
    for (const values of ledger.byKey.values()) expect(isRising(values)).toBe(true)
    expect(assignments.filter((entry) => entry.endsWith('lost'))).toEqual([])
    expect(assignments[0]).toBe('a+6')
  })

  it('waits for the record at hand and commits it before a partition changes hands', async () => {
    const kit = await startKit()
    await kit.createTopic('t', 2)
    for (const partition of [0, 1]) await kit.produce([{ topic: 't', partition, value: '0' }])
    const events: string[] = []
    const options = { groupId: 'g', topics: ['t'], heartbeatIntervalMs: 20 }
    const first = kit.consumer({ ...options, onRevoked: () => void events.push('revoked') })
    const working = deferred()
    const release = deferred()
    const running = first.run({
      concurrency: 2,
      eachRecord: async (record, { signal }) => {
        if (record.partition === 0) return
        working.resolve()
        await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()))
        events.push('told')
        await release.promise
        events.push('finished')
      },
    })
    await working.promise
    const assigned = deferred()
    const second = kit.consumer({
      ...options,
      onAssigned: () => {
        events.push('assigned elsewhere')
        assigned.resolve()
      },
    })
    const loop = second[Symbol.asyncIterator]()
    const waiting = loop.next()
    while (!events.includes('told')) await new Promise((resolve) => setImmediate(resolve))
    release.resolve()
    await assigned.promise
    expect(events).toEqual(['told', 'finished', 'revoked', 'assigned elsewhere'])
    const committed = await second.committed([0, 1].map((partition) => ({ topic: 't', partition })))
    expect(committed.map(({ offset }) => offset)).toEqual([1n, 1n])
    await Promise.all([first.close(), second.close()])
    await Promise.all([running, waiting])
  })

  it('refuses commits of a handler whose partition is someone else’s by now', async () => {
    const kit = await startKit()
    await kit.createTopic('t', 2)
    for (const partition of [0, 1]) {
      await kit.produce([0, 1, 2].map((value) => ({ topic: 't', partition, value: `${value}` })))
    }
    const options = { groupId: 'g', topics: ['t'], heartbeatIntervalMs: 20 }
    const first = kit.consumer(options)
    const early: ConsumerRecord[] = []
    const all = deferred()
    let count = 0
    const running = first.run({
      eachRecord: (record) => {
        if (record.offset === 0n) early.push(record)
        if (++count === 6) all.resolve()
      },
    })
    await all.promise
    const assigned = deferred()
    const second = kit.consumer({ ...options, onAssigned: () => assigned.resolve() })
    const waiting = second[Symbol.asyncIterator]().next()
    await assigned.promise
    while (first.assignment.length !== 1) await new Promise((resolve) => setImmediate(resolve))
    const [lost] = second.assignment
    const stale = early.find(({ partition }) => partition === lost?.partition)
    if (stale === undefined) throw new Error('no record of the partition that moved')
    await expect(first.commit(stale)).rejects.toMatchObject({
      code: 'OTTLA_NOT_ASSIGNED',
      partition: lost?.partition,
    })
    expect(await second.committed()).toMatchObject([{ ...lost, offset: 3n }])
    await Promise.all([first.close(), second.close()])
    await Promise.all([running, waiting])
  })

  it('lets a seek in onAssigned decide where to start', async () => {
    const kit = await startKit()
    await kit.createTopic('t', 1)
    await kit.produce(numbered('t', 10))
    const consumer = kit.consumer({
      groupId: 'g',
      topics: ['t'],
      onAssigned: async (partitions) => {
        await Promise.resolve()
        consumer.seek(partitions.map((partition) => ({ ...partition, offset: 7n })))
      },
    })
    const records = await take(consumer, 1, { commit: false })
    expect(records[0]?.offset).toBe(7n)
  })

  it('gives an error of a rebalance listener to the loop, and goes on', async () => {
    const kit = await startKit()
    await kit.createTopic('t', 1)
    await kit.produce(numbered('t', 1))
    const consumer = kit.consumer({
      groupId: 'g',
      topics: ['t'],
      onAssigned: () => {
        throw new Error('in the listener')
      },
    })
    await expect(take(consumer, 1)).rejects.toThrow('in the listener')
    expect(await take(consumer, 1)).toHaveLength(1)
  })

  it('finds topics by expression, also later ones, and reads partitions that are added', async () => {
    const kit = await startKit()
    await kit.createTopic('log-a', 1)
    await kit.createTopic('other', 1)
    const seen = new Set<string>()
    const consumer = kit.consumer({
      groupId: 'g',
      topics: [/^log-/],
      metadataMaxAgeMs: 30,
      heartbeatIntervalMs: 20,
    })
    await kit.produce([
      { topic: 'log-a', value: 'a' },
      { topic: 'other', value: 'b' },
    ])
    for await (const record of consumer) {
      seen.add(`${record.topic} ${record.value}`)
      if (seen.size === 1) {
        await kit.createTopic('log-b', 1)
        await kit.produce([{ topic: 'log-b', value: 'c' }])
      }
      if (seen.size === 2) break
    }
    expect([...seen]).toEqual(['log-a a', 'log-b c'])
  })

  it('changes topics on subscribe', async () => {
    const kit = await startKit()
    await kit.createTopic('s', 1)
    await kit.createTopic('t', 1)
    await kit.produce([
      { topic: 's', value: '1' },
      { topic: 't', value: '2' },
    ])
    const consumer = kit.consumer({ groupId: 'g', topics: ['s'] })
    const topics: string[] = []
    for await (const record of consumer) {
      topics.push(record.topic)
      if (topics.length === 1) consumer.subscribe(['t'])
      else break
    }
    expect(topics).toEqual(['s', 't'])
    expect(consumer.assignment).toEqual([{ topic: 't', partition: 0 }])
  })

  it('hands the partitions of a stuck member to others, and takes it back when it asks again', async () => {
    const kit = await startKit()
    await kit.createTopic('t', 1)
    await kit.produce(numbered('t', 2))
    const options = { groupId: 'g', topics: ['t'], heartbeatIntervalMs: 20 }
    const lost = deferred()
    const stuck = kit.consumer({
      ...options,
      maxPollIntervalMs: 150,
      onLost: () => lost.resolve(),
    })
    const loop = stuck[Symbol.asyncIterator]()
    await loop.next()
    await lost.promise
    const other = kit.consumer(options)
    expect((await take(other, 2)).map(({ offset }) => offset)).toEqual([0n, 1n])
    await other.close()
    await kit.produce(numbered('t', 1, { from: 2 }))
    expect((await loop.next()).value?.offset).toBe(2n)
    await loop.return?.()
  })

  it('keeps a static member’s partitions through a restart', async () => {
    const kit = await startKit()
    await kit.createTopic('t', 2)
    const options = { groupId: 'g', topics: ['t'], heartbeatIntervalMs: 20 }
    const rebalances: string[] = []
    const start = (name: string) => {
      const consumer = kit.consumer({
        ...options,
        groupInstanceId: name,
        onAssigned: (partitions) => void rebalances.push(`${name}+${partitions.length}`),
        onRevoked: (partitions) => void rebalances.push(`${name}-${partitions.length}`),
      })
      const reading = (async () => {
        for await (const _record of consumer);
      })()
      return { consumer, reading }
    }
    const happened = async (...events: string[]): Promise<void> => {
      while (!events.every((event) => rebalances.includes(event))) {
        await new Promise((resolve) => setImmediate(resolve))
      }
      rebalances.length = 0
    }
    const one = start('one')
    await happened('one+2')
    const two = start('two')
    await happened('one-2', 'one+1', 'two+1')
    await one.consumer.close()
    const again = start('one')
    await happened('one-1', 'one+1')
    await Promise.all([again.consumer.close(), two.consumer.close()])
    await Promise.all([one.reading, two.reading, again.reading])
    // Neither was asked to give up anything before it closed.
    expect(rebalances.sort()).toEqual(['one-1', 'two-1'])
  })
})
