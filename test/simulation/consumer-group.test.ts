import type { Consumer, ConsumerBatch } from '@ottla/consumer'
import { describe, expect, it } from 'vitest'
import { World } from './src/world.js'

const topic = 'numbers'
const partitionCount = 4
const keyCount = 12
const recordCount = 1500

/** What the run has to prove, gathered while it goes on. */
interface Ledger {
  /** Per partition: the value of each offset, as first read. */
  readonly logs: Map<number, string>[]
  /** Per partition: where the next member has to begin at the earliest, because a commit up to there was acknowledged. */
  readonly committed: number[]
  /** Per partition: the member reading it, and the offset after what it read last. */
  readonly readers: { member: string; next: number }[]
  repeated: number
}

const createLedger = (): Ledger => ({
  logs: Array.from({ length: partitionCount }, () => new Map()),
  committed: Array(partitionCount).fill(0),
  readers: Array.from({ length: partitionCount }, () => ({ member: '', next: 0 })),
  repeated: 0,
})

/** Checks one batch against what was read and committed before. */
const enter = (ledger: Ledger, member: string, batch: ConsumerBatch): void => {
  const { partition } = batch
  const log = ledger.logs[partition] as Map<number, string>
  const reader = ledger.readers[partition] as Ledger['readers'][number]
  const first = Number(batch.firstOffset)
  const place = `${member} at ${partition}:${first}`
  if (reader.member === member && first >= reader.next) {
    expect(first, `${place} goes on where it was`).toBe(reader.next)
  } else {
    expect(first, `${place} skips nothing`).toBeLessThanOrEqual(reader.next)
    expect(first, `${place} repeats nothing committed`).toBeGreaterThanOrEqual(
      ledger.committed[partition] as number,
    )
  }
  for (const record of batch) {
    const offset = Number(record.offset)
    const entry = `${record.key} ${record.value}`
    if (log.has(offset)) ledger.repeated++
    expect(log.get(offset) ?? entry, `${place}: offset ${offset} always holds the same`).toBe(entry)
    log.set(offset, entry)
  }
  ledger.readers[partition] = { member, next: Number(batch.nextOffset) }
}

/** Reads until the consumer closes, committing each batch by itself and noting which commits held. */
const read = async (
  world: World,
  ledger: Ledger,
  member: string,
  consumer: Consumer,
): Promise<void> => {
  for await (const batch of consumer.batches()) {
    const { partition, firstOffset, nextOffset } = batch
    world.note(`${member} reads ${partition}:${firstOffset}-${nextOffset}`)
    enter(ledger, member, batch)
    try {
      await consumer.commit(batch)
      ledger.committed[partition] = Number(nextOffset)
      world.note(`${member} commits ${partition}:${nextOffset}`)
    } catch (error) {
      world.note(`${member} cannot commit ${partition}:${nextOffset}: ${(error as Error).message}`)
    }
  }
}

const pause = (world: World, ms: number): Promise<void> =>
  new Promise((resolve) => world.platform.clock.setTimer(ms, () => resolve()))

/** Sends numbers, each key's in rising order, in bursts; resolves when all are acknowledged. */
const produce = async (world: World): Promise<void> => {
  const producer = world.producer('producer')
  const sends: Promise<unknown>[] = []
  for (let number = 0; number < recordCount; ) {
    for (const end = Math.min(recordCount, number + 1 + world.pick(40)); number < end; number++) {
      const record = { topic, key: `key-${number % keyCount}`, value: String(number) }
      sends.push(producer.send(record))
    }
    await pause(world, world.pick(60))
  }
  await Promise.all(sends)
  world.note('all acknowledged')
  await producer.close()
}

/** One whole life: members come and go, connections break, and all records are read. */
const live = async (seed: number): Promise<{ world: World; ledger: Ledger }> => {
  const world = await World.create(seed)
  const ledger = createLedger()
  await world.createTopic(topic, partitionCount)
  const members: { name: string; consumer: Consumer; reading: Promise<void> }[] = []
  const join = (): void => {
    const name = `member-${members.length}`
    const consumer = world.consumer(name, {
      groupId: 'group',
      topics: [topic],
      enableAutoCommit: false,
      sessionTimeoutMs: 6000,
      heartbeatIntervalMs: 200,
      maxPollRecords: 20,
      onAssigned: (partitions) => world.note(`${name} gets ${JSON.stringify(partitions)}`),
      onRevoked: (partitions) => world.note(`${name} gives ${JSON.stringify(partitions)}`),
      onLost: (partitions) => world.note(`${name} loses ${JSON.stringify(partitions)}`),
    })
    world.note(`${name} joins`)
    members.push({ name, consumer, reading: read(world, ledger, name, consumer) })
  }
  const leave = async (index: number): Promise<void> => {
    const [member] = members.splice(index, 1, members[index] as (typeof members)[number])
    world.note(`${member?.name} leaves`)
    await member?.consumer.close()
    await member?.reading
  }
  const disturb = async (): Promise<void> => {
    join()
    await pause(world, 300)
    join()
    for (let round = 0; round < 8; round++) {
      await pause(world, 50 + world.pick(300))
      const machines = ['producer', 'broker', ...members.map(({ name }) => name)]
      world.kill(machines[world.pick(machines.length)] as string)
      if (round === 2 || round === 5) join()
      if (round === 3) await leave(0)
    }
  }
  const finished = async (): Promise<void> => {
    const read = (): number => ledger.logs.reduce((sum, log) => sum + log.size, 0)
    while (read() < recordCount) await pause(world, 10)
    await Promise.all(members.slice(1).map(({ consumer }) => consumer.close()))
    await Promise.all(members.map(({ reading }) => reading))
  }
  await world.run(Promise.all([produce(world), disturb()]).then(finished))
  await world.close()
  return { world, ledger }
}

/** `OTTLA_SEEDS` runs so many seeds instead of 5; `OTTLA_SEED` replays one. */
const { OTTLA_SEED, OTTLA_SEEDS = '5' } = process.env
const seeds =
  OTTLA_SEED === undefined
    ? Array.from({ length: Number(OTTLA_SEEDS) }, (_, index) => index + 1)
    : [Number(OTTLA_SEED)]

describe('a broker, a producer and a group of consumers under a virtual clock', () => {
  it.each(seeds)(
    'lose, repeat and reorder nothing while members come and go and connections break (OTTLA_SEED=%i)',
    async (seed) => {
      const { ledger } = await live(seed)
      const values: number[] = []
      for (const log of ledger.logs) {
        expect([...log.keys()].sort((a, b) => a - b)).toEqual([...Array(log.size).keys()])
        const newest = new Map<string, number>()
        for (const [, entry] of [...log].sort(([a], [b]) => a - b)) {
          const [key = '', value = ''] = entry.split(' ')
          expect(Number(value), `${key} rises`).toBeGreaterThan(newest.get(key) ?? -1)
          newest.set(key, Number(value))
          values.push(Number(value))
        }
      }
      expect(values.sort((a, b) => a - b)).toEqual([...Array(recordCount).keys()])
    },
  )

  it('do the same with the same seed, to the microsecond', async () => {
    const seed = seeds[0] as number
    const [one, two] = [await live(seed), await live(seed)]
    const difference = one.world.events.findIndex((event, at) => event !== two.world.events[at])
    const context = [one, two].map(({ world }) =>
      world.events.slice(difference - 2, difference + 3),
    )
    expect(difference === -1 ? '' : JSON.stringify(context, null, 2)).toBe('')
    expect(one.world.hash).toBe(two.world.hash)
    expect((await live(seed + 1)).world.hash).not.toBe(one.world.hash)
  })
})
