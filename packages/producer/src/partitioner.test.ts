import { seededRandom } from '@ottla/network/simulation'
import { describe, expect, it } from 'vitest'
import { chooseSticky, createPartitioner } from './partitioner.js'

const context = { keyBytes: () => null, availablePartitions: () => [] }

describe('partitioners', () => {
  it('puts keys where librdkafka puts them by default', () => {
    const crc32 = createPartitioner('consistent_random')
    const partition = (key: string | Uint8Array) =>
      crc32({ topic: 't', key, value: null }, 1000, context)
    // CRC-32 of '123456789' is 0xcbf43926, its check value.
    expect(partition('123456789')).toBe(0xcbf43926 % 1000)
    expect(partition(Buffer.from('123456789'))).toBe(0xcbf43926 % 1000)
    expect(partition('ž')).toBe(partition(Buffer.from('ž')))
    expect(partition('')).toBeUndefined()
  })

  it('puts keys where the Java client puts them', () => {
    const murmur2 = createPartitioner('murmur2')
    const partition = (key: string | Uint8Array) =>
      murmur2({ topic: 't', key, value: null }, 1000, context)
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
        createPartitioner(name)({ topic: 't', key: null, value: 'v' }, 10, context),
      ).toBeUndefined()
      expect(createPartitioner(name)({ topic: 't', value: 'v' }, 10, context)).toBeUndefined()
    }
  })

  it('take turns per topic', () => {
    const roundRobin = createPartitioner('round-robin')
    const turns = (topic: string) =>
      Array.from({ length: 4 }, () => roundRobin({ topic, value: 'v' }, 3, context))
    expect(turns('one')).toEqual([0, 1, 2, 0])
    expect(turns('other')).toEqual([0, 1, 2, 0])
  })
})

describe('a partitioner of the application', () => {
  it('may have no preference and must otherwise name a partition', () => {
    const record = { topic: 't', value: 'v' }
    const give = (answer: number | undefined) => () =>
      createPartitioner(() => answer)(record, 3, context)
    expect(give(undefined)()).toBeUndefined()
    expect(give(2)()).toBe(2)
    for (const answer of [-1, Number.NaN, 0.5]) expect(give(answer)).toThrow(/the partitioner gave/)
  })
})

describe('sticky choice', () => {
  const choose = (candidates: Partial<Parameters<typeof chooseSticky>[0]>, seed: number) => {
    const random = seededRandom(seed)
    return chooseSticky(
      { partitionCount: 4, isAvailable: () => true, queuedBatches: () => 0, ...candidates },
      () => random.next(),
    )
  }
  const counts = (candidates: Partial<Parameters<typeof chooseSticky>[0]>) => {
    const chosen = [0, 0, 0, 0]
    for (let seed = 0; seed < 4000; seed++) {
      const partition = choose(candidates, seed)
      chosen[partition] = (chosen[partition] as number) + 1
    }
    return chosen
  }

  it('is even among partitions alike', () => {
    for (const count of counts({})) expect(count).toBeGreaterThan(850)
  })

  it('gives less to a partition whose queue is long', () => {
    const [, , , slow] = counts({ queuedBatches: (partition) => (partition === 3 ? 9 : 0) })
    expect(slow).toBeLessThan(400)
    expect(slow).toBeGreaterThan(100)
  })

  it('passes over partitions without a leader, unless none has one', () => {
    expect(counts({ isAvailable: (partition) => partition === 2 })).toEqual([0, 0, 4000, 0])
    for (let seed = 0; seed < 50; seed++) {
      expect(choose({ isAvailable: () => false }, seed)).toBeLessThan(4)
    }
  })
})
