import { describe, expect, it } from 'vitest'
import { AssignedPartition } from './assigned-partition.js'
import { FetchSession } from './fetch-session.js'

const target = { topicId: '00000000-0000-4000-8000-000000000001', leaderEpoch: 0 }

const partitionAt = (fetchOffset: number): AssignedPartition => {
  const partition = new AssignedPartition('t', 0)
  partition.moveTo(fetchOffset)
  return partition
}

describe('a fetch session', () => {
  const open = (partition: AssignedPartition): FetchSession => {
    const session = new FetchSession()
    session.add(partition)
    session.build(13, new Set([partition]), 1000, () => target)
    session.accept(7)
    return session
  }

  it('makes the broker forget what was given up', () => {
    const partition = partitionAt(5)
    const session = open(partition)
    session.remove(partition)
    const { topics, forgottenTopicsData } = session.build(13, new Set(), 1000, () => target)
    expect(topics).toEqual([])
    expect(forgottenTopicsData).toMatchObject([{ topic: 't', partitions: [0] }])
  })

  it('names what was given up and came back, and does not make the broker forget it', () => {
    const before = partitionAt(5)
    const session = open(before)
    const after = partitionAt(5)
    session.remove(before)
    session.add(after)
    const body = session.build(13, new Set([after]), 1000, () => target)
    expect(body.topics).toMatchObject([{ partitions: [{ partition: 0, fetchOffset: 5n }] }])
    expect(body.forgottenTopicsData).toEqual([])
  })
})
