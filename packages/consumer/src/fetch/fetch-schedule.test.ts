import { describe, expect, it } from 'vitest'
import { AssignedPartition, type BufferBudget } from './assigned-partition.js'
import type { FetchLane } from './fetch-lane.js'
import { FetchSchedule } from './fetch-schedule.js'
import type { FetchedChunk } from './fetched-chunk.js'

/** A schedule over partitions whose leader is node (number mod 2), each partition's limit 1000 bytes, 8000 in all. */
const create = (count: number, { leaderless = false } = {}) => {
  const budget: BufferBudget = { usedBytes: 0 }
  const looked: number[] = []
  const schedule = new FetchSchedule({
    nodeOf: ({ partition }) => {
      looked.push(partition)
      return leaderless ? undefined : partition % 2
    },
    isSuited: () => true,
    bufferMemory: 8000,
    fetchMaxBytes: 100_000,
    maxPartitionFetchBytes: 1000,
    fetchMaxWaitMs: 500,
    bufferedBytes: () => budget.usedBytes,
  })
  const partitions = Array.from({ length: count }, (_, number) =>
    Object.assign(new AssignedPartition('t', number, budget), { fetchOffset: 0, isHeld: false }),
  )
  for (const partition of partitions) schedule.touch(partition)
  /** The answer brings so many bytes for these partitions. */
  const answer = (lane: FetchLane, bytes: Record<number, number> = {}): void => {
    lane.isQuiet = Object.keys(bytes).length === 0
    for (const [number, sizeInBytes] of Object.entries(bytes)) {
      const partition = partitions[Number(number)] as AssignedPartition
      const chunk: Partial<FetchedChunk> = { sizeInBytes, nextOffset: partition.fetchOffset ?? 0 }
      partition.addChunk(chunk as FetchedChunk)
      partition.fetchOffset = (partition.fetchOffset ?? 0) + 1
      lane.changed.add(partition)
    }
    schedule.answered(lane)
  }
  const due = (nowMs: number) =>
    schedule.due(nowMs).map(({ lane, maxBytes, maxWaitMs }) => ({
      lane,
      asks: [...lane.partitions].map(({ partition }) => partition),
      node: lane.node.id,
      index: lane.index,
      maxBytes,
      maxWaitMs,
    }))
  return { schedule, partitions, answer, due, looked, budget }
}

const shape = ({ asks, node, index }: { asks: number[]; node: number; index: number }) => ({
  asks,
  node,
  index,
})

describe('FetchSchedule', () => {
  it('asks each broker for all of its partitions by one request', () => {
    const { due } = create(4)
    expect(due(0).map(shape)).toEqual([
      { asks: [0, 2], node: 0, index: 0 },
      { asks: [1, 3], node: 1, index: 0 },
    ])
    expect(due(1)).toEqual([])
  })

  it('fetches on by the second lane while the first is parked', () => {
    const { schedule, partitions, due, answer } = create(3)
    const [first] = due(0)
    answer(first?.lane as FetchLane, { 0: 300 })
    // Partition 2 went along again; both have room.
    const [again] = due(1)
    expect(again?.asks.sort()).toEqual([0, 2])
    const added = partitions[2] as AssignedPartition
    added.moveTo(70)
    schedule.touch(added)
    expect(due(2)).toEqual([])
    answer(again?.lane as FetchLane)
    expect(due(3).map(shape)).toEqual([{ asks: [0, 2], node: 0, index: 0 }])
  })

  it('does not wait for an answer about a place that was left', () => {
    const { schedule, partitions, due, answer } = create(1)
    const [partition] = partitions as [AssignedPartition]
    const [parked] = due(0)
    const target = { topicId: '00000000-0000-4000-8000-000000000001', leaderEpoch: 0 }
    parked?.lane.session.build(13, parked.lane.partitions, 1000, () => target)
    partition.moveTo(70)
    schedule.touch(partition)
    const [again] = due(1)
    expect(again).toMatchObject({ asks: [0], index: 1 })
    answer(parked?.lane as FetchLane)
    expect(partition.lane).toBe(again?.lane)
  })

  it('looks only at partitions that were touched', () => {
    const { schedule, partitions, due, answer, looked } = create(1000)
    const lanes = due(0).map(({ lane }) => lane)
    looked.length = 0
    for (const lane of lanes) answer(lane)
    expect(due(500)).toHaveLength(2)
    expect(looked).toEqual([])
    schedule.touch(partitions[7] as AssignedPartition)
    due(501)
    for (const lane of lanes) answer(lane)
    due(502)
    expect(looked).toEqual([7])
  })

  it('stops at one full answer a partition and goes on when it is read', () => {
    const { schedule, partitions, due, answer } = create(1)
    const [partition] = partitions as [AssignedPartition]
    answer(due(0)[0]?.lane as FetchLane, { 0: 1000 })
    answer(due(1)[0]?.lane as FetchLane, { 0: 1000 })
    expect(due(2)).toEqual([])
    partition.removeChunk()
    schedule.touch(partition)
    expect(due(3)).toHaveLength(1)
  })

  it('keeps all partitions together within bufferMemory', () => {
    const { due, answer, budget } = create(40)
    for (let nowMs = 0; nowMs < 100; nowMs++) {
      for (const { lane, asks, maxBytes } of due(nowMs)) {
        expect(maxBytes).toBeLessThanOrEqual(1000)
        answer(lane, { [asks[0] as number]: maxBytes })
      }
    }
    expect(budget.usedBytes).toBeLessThanOrEqual(8000)
    expect(budget.usedBytes).toBeGreaterThan(7000 - 1)
  })

  it('lets paused partitions keep what they hold until others need the room', () => {
    const { schedule, partitions, due, answer, budget } = create(12)
    for (let nowMs = 0; budget.usedBytes < 8000; nowMs++) {
      for (const { lane, asks, maxBytes } of due(nowMs)) {
        answer(lane, { [asks[0] as number]: maxBytes })
      }
    }
    const holder = partitions.find(({ bufferedBytes }) => bufferedBytes > 0) as AssignedPartition
    expect(holder.chunks.length).toBeGreaterThan(0)
    holder.isPaused = true
    schedule.touch(holder)
    expect(due(1000)).not.toEqual([])
    expect(holder.bufferedBytes).toBe(0)
    expect(holder.fetchOffset).toBe(0)
  })

  it('drops from the next request what was paused or revoked meanwhile', () => {
    const { schedule, partitions, due, answer } = create(5)
    const [, , paused, , revoked] = partitions as AssignedPartition[]
    const lane = due(0)[0]?.lane as FetchLane
    Object.assign(paused as object, { isPaused: true })
    Object.assign(revoked as object, { isRevoked: true })
    schedule.touch(paused as AssignedPartition)
    schedule.touch(revoked as AssignedPartition)
    due(1)
    answer(lane)
    expect(due(2).map(({ asks }) => asks)).toEqual([[0]])
  })

  it('rests after an error until the time has come', () => {
    const { partitions, schedule, due } = create(1)
    Object.assign(partitions[0] as object, { retryAtMs: 300 })
    expect(due(0)).toEqual([])
    expect(schedule.nextWakeMs(0)).toBe(300)
    expect(due(300)).toHaveLength(1)
  })

  it('waits for a failed broker, and sends everything anew', () => {
    const { schedule, due } = create(3)
    const lane = due(0)[0]?.lane as FetchLane
    schedule.failed(lane)
    lane.node.retryAtMs = 100
    expect(due(1)).toEqual([])
    expect(schedule.nextWakeMs(1)).toBe(100)
    expect(due(100).map(shape)).toEqual([{ asks: [0, 2], node: 0, index: 0 }])
  })

  it('names partitions without leader', () => {
    const { schedule, due } = create(2, { leaderless: true })
    expect(due(0)).toEqual([])
    expect(schedule.leaderless.size).toBe(2)
  })

  it('makes one of two parked requests to a broker', () => {
    const { schedule, partitions, due, answer } = create(3)
    const late = partitions[2] as AssignedPartition
    late.isPaused = true
    const first = due(0)[0]?.lane as FetchLane
    late.isPaused = false
    schedule.touch(late)
    const second = due(200)[0]
    expect(second).toMatchObject({ index: 1, asks: [2], maxWaitMs: 500 })
    answer(first)
    // The first goes on, but only until shortly before the second ends.
    expect(due(500)[0]).toMatchObject({ index: 0, asks: [0], maxWaitMs: 187 })
    answer(first)
    expect(due(687)).toEqual([])
    answer(second?.lane as FetchLane)
    expect(due(700)[0]).toMatchObject({ index: 0, asks: [0, 2], maxWaitMs: 500 })
  })
})
