import { MetadataCache } from '@ottla/network'
import { createVirtualClock } from '@ottla/network/simulation'
import { ErrorCode, Metadata } from '@ottla/protocol'
import { describe, expect, it } from 'vitest'
import { AssignedPartition } from './assigned-partition.js'
import { Presence } from './presence.js'

const start = (patienceMs: number) => {
  const metadata = new MetadataCache()
  const clock = createVirtualClock()
  /** The brokers answer: topic `t` has one partition without leader, or an error. */
  const answer = (errorCode: number): void => {
    const { response } = Metadata
    const partition = { errorCode: ErrorCode.LEADER_NOT_AVAILABLE, partitionIndex: 0, leaderId: -1 }
    const partitions = errorCode === 0 ? [{ ...partition, replicaNodes: [1], isrNodes: [] }] : []
    const topics = [{ errorCode, name: 't', partitions }]
    const input = { brokers: [{ nodeId: 1, host: 'a', port: 1 }], controllerId: 1, topics }
    metadata.apply(response.at(9).decode(response.at(9).encode(input)), false)
  }
  return {
    answer,
    clock,
    presence: new Presence({ metadata, clock, patienceMs: () => patienceMs }),
  }
}

describe('an assigned partition', () => {
  it('is not absent before the brokers say so, nor for want of a leader', () => {
    const { answer, presence } = start(0)
    const partition = new AssignedPartition('t', 0)
    expect(presence.absenceOf(partition)).toBeUndefined()
    for (const errorCode of [ErrorCode.NONE, ErrorCode.LEADER_NOT_AVAILABLE]) {
      answer(errorCode)
      expect(presence.absenceOf(partition)).toBeUndefined()
    }
  })

  it('may be missing for a while, counted anew each time', async () => {
    const { answer, clock, presence } = start(60_000)
    const partition = new AssignedPartition('t', 0)
    answer(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION)
    expect(presence.absenceOf(partition)?.isFinal).toBe(false)
    await clock.advance(59_999)
    expect(presence.absenceOf(partition)?.isFinal).toBe(false)
    answer(ErrorCode.NONE)
    expect(presence.absenceOf(partition)).toBeUndefined()
    answer(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION)
    expect(presence.absenceOf(partition)?.isFinal).toBe(false)
    await clock.advance(60_000)
    const absence = presence.absenceOf(partition)
    expect(absence?.isFinal).toBe(true)
    expect(absence?.error).toMatchObject({ topic: 't', partition: 0 })
    expect(absence?.error.message).toMatch(
      /does not exist; create it, or correct its name\. .* for 60 s/,
    )
  })

  it('is missing when its topic has fewer partitions', () => {
    const { answer, presence } = start(0)
    answer(ErrorCode.NONE)
    const absence = presence.absenceOf(new AssignedPartition('t', 3))
    expect(absence?.isFinal).toBe(true)
    expect(absence?.error.message).toMatch(/t-3.*has 1 partition\(s\), numbered from 0/)
  })

  it('is given up at once when the brokers refuse its topic', () => {
    const { answer, presence } = start(Infinity)
    for (const name of ['INVALID_TOPIC_EXCEPTION', 'TOPIC_AUTHORIZATION_FAILED'] as const) {
      answer(ErrorCode[name])
      const absence = presence.absenceOf(new AssignedPartition('t', 0))
      expect(absence).toMatchObject({ isFinal: true, error: { errorName: name, topic: 't' } })
    }
  })
})
