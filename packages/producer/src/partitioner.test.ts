import { seededRandom } from '@ottla/network/simulation'
import { describe, expect, it } from 'vitest'
import { chooseSticky, createPartitioner } from './partitioner.js'

const always = () => true

describe('partitioners', () => {
  it('puts keys where librdkafka puts them by default', () => {
    const crc32 = createPartitioner('consistent_random', always)
    const partition = (key: string | Uint8Array) => crc32({ topic: 't', key, value: null }, 1000)
    // CRC-32 of '123456789' is 0xcbf43926, its check value.
    expect(partition('123456789')).toBe(0xcbf43926 % 1000)
    expect(partition(Buffer.from('123456789'))).toBe(0xcbf43926 % 1000)
    expect(partition('ž')).toBe(partition(Buffer.from('ž')))
    expect(partition('')).toBeUndefined()
  })

  it('puts keys where the Java client puts them', () => {
    const murmur2 = createPartitioner('murmur2', always)
    const partition = (key: string | Uint8Array) => murmur2({ topic: 't', key, value: null }, 1000)
    // toPositive(murmur2(key)) % 1000, as org.apache.kafka.clients.producer computes it.
    expect(partition('')).toBe(681)
    expect(partition('a')).toBe(524)
    expect(partition('ab')).toBe(434)
    expect(partition('abc')).toBe(107)
    expect(partition('123456789')).toBe(566)
    expect(partition(Uint8Array.of(0x00, 0x20))).toBe(742)
  })

  it('have no preference without a key', () => {
    for (const name of ['murmur2', 'sticky'] as const) {
      expect(
        createPartitioner(name, always)({ topic: 't', key: null, value: 'v' }, 10),
      ).toBeUndefined()
      expect(createPartitioner(name, always)({ topic: 't', value: 'v' }, 10)).toBeUndefined()
    }
  })

  it('take turns per topic', () => {
    const roundRobin = createPartitioner('round-robin', always)
    const turns = (topic: string) =>
      Array.from({ length: 4 }, () => roundRobin({ topic, value: 'v' }, 3))
    expect(turns('one')).toEqual([0, 1, 2, 0])
    expect(turns('other')).toEqual([0, 1, 2, 0])
  })
})

describe('a partitioner of the application', () => {
  it('may have no preference and must otherwise name a partition', () => {
    const record = { topic: 't', value: 'v' }
    const give = (answer: number | undefined) => () =>
      createPartitioner(() => answer, always)(record, 3)
    expect(give(undefined)()).toBeUndefined()
    expect(give(2)()).toBe(2)
    for (const answer of [-1, Number.NaN, 0.5]) expect(give(answer)).toThrow(/the partitioner gave/)
  })

  it('may look at the bytes of the key and at the partitions that have a leader', () => {
    const chosen = createPartitioner(
      (_, __, context) => context.availablePartitions()[context.keyBytes()?.length ?? 0],
      (topic, partition) => topic === 't' && partition % 2 === 1,
    )
    expect(chosen({ topic: 't', key: 'ž', value: 'v' }, 8)).toBe(5)
    expect(chosen({ topic: 't', value: 'v' }, 8)).toBe(1)
    expect(chosen({ topic: 'other', value: 'v' }, 8)).toBeUndefined()
  })
})

describe('sticky choice', () => {
  interface Given {
    readonly queues: readonly number[]
    readonly isAvailable?: (partition: number) => boolean
  }
  const candidatesOf = ({ queues, isAvailable = () => true }: Given) => ({
    partitionCount: queues.length,
    isAvailable,
    queuedBatches: (partition: number) => queues[partition] as number,
    longestQueue: () => Math.max(...queues),
  })
  const draws = 40_000
  /** The share of the draws that each partition got. */
  const shares = (given: Given, seed = 7): number[] => {
    const random = seededRandom(seed)
    const candidates = candidatesOf(given)
    const counts = given.queues.map(() => 0)
    for (let draw = 0; draw < draws; draw++) {
      const partition = chooseSticky(candidates, () => random.next())
      counts[partition] = (counts[partition] as number) + 1
    }
    return counts.map((count) => count / draws)
  }
  /** What KIP-794 asks for: weights of longest + 1 - own. */
  const expectedShares = (queues: readonly number[]): number[] => {
    const weights = queues.map((length) => Math.max(...queues) + 1 - length)
    const total = weights.reduce((sum, weight) => sum + weight, 0)
    return weights.map((weight) => weight / total)
  }

  it('is even among partitions alike', () => {
    for (const length of [0, 5]) {
      for (const share of shares({ queues: [length, length, length, length] })) {
        expect(share).toBeCloseTo(0.25, 1)
      }
    }
  })

  it('gives each partition the share that KIP-794 weighs by queue lengths', () => {
    for (const queues of [
      [0, 3, 1],
      [0, 0, 0, 9],
      [40, 40, 40, 40, 40, 0],
      [100, 99, 98, 97, 96, 95, 94, 93],
    ]) {
      const got = shares({ queues })
      for (const [partition, share] of expectedShares(queues).entries()) {
        expect(Math.abs((got[partition] as number) - share), `${queues}`).toBeLessThan(0.012)
      }
    }
  })

  it('gives queues that outgrew what was known the least share, not none', () => {
    const candidates = { ...candidatesOf({ queues: [0, 90, 0] }), longestQueue: () => 4 }
    const random = seededRandom(5)
    const chosen = Array.from({ length: draws }, () =>
      chooseSticky(candidates, () => random.next()),
    )
    const share = chosen.filter((partition) => partition === 1).length / draws
    expect(Math.abs(share - 1 / 11)).toBeLessThan(0.01)
  })

  it('passes over partitions without a leader, unless none has one', () => {
    const isAvailable = (partition: number) => partition === 2
    expect(shares({ queues: [0, 0, 0, 0], isAvailable })).toEqual([0, 0, 1, 0])
    expect(shares({ queues: [0, 0, 50, 0], isAvailable })).toEqual([0, 0, 1, 0])
    const none = candidatesOf({ queues: [0, 0, 50, 0], isAvailable: () => false })
    const random = seededRandom(3)
    for (let draw = 0; draw < 50; draw++) {
      expect(chooseSticky(none, () => random.next())).toBeLessThan(4)
    }
  })
})
