import { encodeRecordBatch } from '@ottla/protocol'
import { describe, expect, it } from 'vitest'
import { AssignedPartition } from './assigned-partition.js'
import { FetchedChunk } from './fetched-chunk.js'
import { type PlanContext, planFetches } from './plan-fetches.js'

const partition = (number: number, fields: Partial<AssignedPartition> = {}): AssignedPartition =>
  Object.assign(new AssignedPartition('t', number), { fetchOffset: 0, isHeld: false }, fields)

const holding = (number: number, sizeInBytes: number, fields: Partial<AssignedPartition> = {}) => {
  const bytes = encodeRecordBatch({ records: [{ value: 'v' }] })
  const chunk = new FetchedChunk(
    { topic: 't', partition: number, bytes, fetchOffset: 0, highWatermark: 1 },
    { checkCrcs: true, maxDecompressedBytes: 1000 },
  )
  const held = partition(number, { fetchOffset: 1, bufferedBytes: sizeInBytes, ...fields })
  held.chunks.push(chunk)
  return held
}

const plan = (partitions: AssignedPartition[], context: Partial<PlanContext> = {}) =>
  planFetches(partitions, {
    nowMs: 1000,
    nodeOf: ({ partition: number }) => number % 2,
    isReady: () => true,
    maxBytes: 8000,
    maxPartitionBytes: 1000,
    bytesInFlight: 0,
    ...context,
  })

describe('planFetches', () => {
  it('asks every broker for all its partitions at once', () => {
    const { fetches } = plan([partition(0), partition(1), partition(2)])
    expect(fetches.map(({ node, partitions }) => [node, partitions.length])).toEqual([
      [0, 2],
      [1, 1],
    ])
  })

  it('fetches ahead up to about two answers per partition', () => {
    expect(plan([holding(0, 1000)]).fetches).toHaveLength(1)
    expect(plan([holding(0, 1001)]).fetches).toHaveLength(0)
  })

  it('leaves out what is not to be read', () => {
    const idle = [
      partition(0, { fetchOffset: undefined }),
      partition(0, { isPaused: true }),
      partition(0, { isRevoking: true }),
      partition(0, { isRevoked: true }),
      partition(0, { isHeld: true }),
      partition(0, { fetchId: 7 }),
    ]
    expect(plan(idle).fetches).toEqual([])
  })

  it('tells when a partition in trouble may be asked again, and which have no leader', () => {
    const { fetches, leaderless, retryAtMs } = plan(
      [partition(0, { retryAtMs: 1500 }), partition(2, { retryAtMs: 1200 }), partition(4)],
      { nodeOf: () => undefined },
    )
    expect(fetches).toEqual([])
    expect(retryAtMs).toBe(1200)
    expect(leaderless).toHaveLength(1)
  })

  it('keeps within the budget over all brokers', () => {
    const holders = [2, 4, 6, 8, 10, 12, 14].map((number) => holding(number, 1001))
    const { fetches } = plan([...holders, partition(0), partition(1)])
    expect(fetches).toEqual([])
    expect(plan([partition(0)], { bytesInFlight: 7500 }).fetches).toEqual([])
    const granted = plan([partition(0), partition(1)], { bytesInFlight: 6500 }).fetches
    expect(granted.map(({ maxBytes }) => maxBytes)).toEqual([1000])
  })

  it('takes memory from paused partitions rather than let others starve', () => {
    const paused = [2, 4, 6, 8].map((number) => holding(number, 2000, { isPaused: true }))
    const { fetches } = plan([...paused, partition(1)])
    expect(fetches).toHaveLength(1)
    expect(paused[0]).toMatchObject({ fetchOffset: 0, bufferedBytes: 0 })
    expect(paused[3]).toMatchObject({ bufferedBytes: 2000 })
  })

  it('grants one fetch even if a single batch is larger than the whole budget', () => {
    const { fetches } = plan([partition(0)], { maxBytes: 100 })
    expect(fetches[0]?.maxBytes).toBe(100)
  })
})
