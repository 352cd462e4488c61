import { ErrorCode, Metadata, type MetadataResponse, ZERO_UUID } from '@ottla/protocol'
import { describe, expect, it } from 'vitest'
import { MetadataCache } from './metadata-cache.js'

const oneId = '11111111-1111-4111-8111-111111111111'
const otherId = '22222222-2222-4222-8222-222222222222'

interface Partition {
  readonly leader: number
  readonly epoch: number
}

const responseOf = (
  partitions: readonly Partition[],
  topicId = oneId,
  errorCode = 0,
): MetadataResponse => {
  const { response } = Metadata
  return response.at(12).decode(
    response.at(12).encode({
      brokers: [
        { nodeId: 1, host: 'a', port: 1 },
        { nodeId: 2, host: 'b', port: 2, rack: 'r' },
      ],
      clusterId: 'c',
      controllerId: 2,
      topics: [
        {
          errorCode,
          name: 't',
          topicId,
          partitions: partitions.map(({ leader, epoch }, partitionIndex) => ({
            errorCode: 0,
            partitionIndex,
            leaderId: leader,
            leaderEpoch: epoch,
            replicaNodes: [1, 2],
            isrNodes: [1],
          })),
        },
      ],
    }),
  )
}

describe('MetadataCache', () => {
  it('holds what the newest answer says', () => {
    const cache = new MetadataCache()
    expect(cache.isStale('t')).toBe(true)
    cache.apply(responseOf([{ leader: 1, epoch: 3 }]), false)
    expect(cache.isStale('t')).toBe(false)
    expect([cache.clusterId, cache.controllerId]).toEqual(['c', 2])
    expect(cache.broker(2)).toEqual({ node: 2, host: 'b', port: 2, rack: 'r' })
    expect(cache.topicById(oneId)).toBe(cache.topic('t'))
    expect(cache.topic('t')?.partitions[0]).toEqual({
      partition: 0,
      leader: 1,
      leaderEpoch: 3,
      replicas: [1, 2],
      isr: [1],
      offlineReplicas: [],
      errorCode: 0,
    })
  })

  it('keeps the brokers when an answer names none', () => {
    const cache = new MetadataCache()
    cache.apply(responseOf([]), false)
    cache.apply({ ...responseOf([]), brokers: [] }, false)
    expect(cache.brokers()).toHaveLength(2)
    cache.forgetBrokers()
    expect(cache.brokers()).toEqual([])
  })

  it('follows newer leader epochs only', () => {
    const cache = new MetadataCache()
    cache.apply(
      responseOf([
        { leader: 1, epoch: 3 },
        { leader: 1, epoch: 0 },
      ]),
      false,
    )
    cache.apply(
      responseOf([
        { leader: 2, epoch: 2 },
        { leader: 2, epoch: 1 },
      ]),
      false,
    )
    expect(cache.leaderOf('t', 0)).toEqual({ node: 1, leaderEpoch: 3 })
    expect(cache.leaderOf('t', 1)).toEqual({ node: 2, leaderEpoch: 1 })
    // Brokers before Kafka 2.3 tell no epoch: then the newest answer counts.
    cache.apply(responseOf([{ leader: 2, epoch: -1 }]), false)
    expect(cache.leaderOf('t', 0)).toEqual({ node: 2, leaderEpoch: -1 })
  })

  it('starts over with a topic that was created anew', () => {
    const cache = new MetadataCache()
    cache.apply(responseOf([{ leader: 1, epoch: 9 }]), false)
    cache.apply(responseOf([{ leader: 2, epoch: 0 }], otherId), false)
    expect(cache.leaderOf('t', 0)).toEqual({ node: 2, leaderEpoch: 0 })
    expect(cache.topicById(oneId)).toBeUndefined()
    expect(cache.topicById(otherId)?.name).toBe('t')
  })

  it('keeps partitions through a passing error, not through the end of the topic', () => {
    const cache = new MetadataCache()
    cache.apply(responseOf([{ leader: 1, epoch: 1 }]), false)
    cache.apply(responseOf([], ZERO_UUID, ErrorCode.LEADER_NOT_AVAILABLE), false)
    expect(cache.isStale('t')).toBe(true)
    expect(cache.leaderOf('t', 0)).toBeDefined()
    cache.apply(responseOf([], ZERO_UUID, ErrorCode.UNKNOWN_TOPIC_OR_PARTITION), false)
    expect(cache.leaderOf('t', 0)).toBeUndefined()
    expect(cache.topicNames()).toEqual([])
  })

  it('forgets topics that a complete answer does not name', () => {
    const cache = new MetadataCache()
    cache.apply(responseOf([{ leader: 1, epoch: 1 }]), false)
    cache.apply({ ...responseOf([]), topics: [] }, false)
    expect(cache.topic('t')).toBeDefined()
    cache.apply({ ...responseOf([]), topics: [] }, true)
    expect(cache.topic('t')).toBeUndefined()
    expect(cache.topicById(oneId)).toBeUndefined()
  })

  it('takes hints of newer leaders, and knows what was marked', () => {
    const cache = new MetadataCache()
    cache.apply(responseOf([{ leader: 1, epoch: 4 }]), false)
    expect(cache.applyLeaderHint('t', 0, { node: 2, leaderEpoch: 4 })).toBe(false)
    expect(cache.applyLeaderHint('t', 0, { node: 2, leaderEpoch: 5 })).toBe(true)
    expect(cache.applyLeaderHint('t', 9, { node: 2, leaderEpoch: 5 })).toBe(false)
    expect(cache.applyLeaderHint('u', 0, { node: 2, leaderEpoch: 5 })).toBe(false)
    expect(cache.leaderOf('t', 0)).toEqual({ node: 2, leaderEpoch: 5 })
    cache.markStale('t')
    expect(cache.isStale('t')).toBe(true)
    expect(cache.leaderOf('t', 0)).toBeDefined()
    cache.apply(responseOf([{ leader: -1, epoch: 6 }]), false)
    expect(cache.isStale('t')).toBe(false)
    expect(cache.leaderOf('t', 0)).toBeUndefined()
  })

  it('forgets topics that nobody looks at', () => {
    const cache = new MetadataCache()
    cache.apply(responseOf([{ leader: 1, epoch: 4 }]), false)
    cache.forgetUnused()
    expect(cache.leaderOf('t', 0)).toBeDefined()
    cache.forgetUnused()
    expect(cache.topicNames()).toEqual(['t'])
    cache.forgetUnused()
    expect(cache.topicNames()).toEqual([])
    expect(cache.topicById(oneId)).toBeUndefined()
  })
})
