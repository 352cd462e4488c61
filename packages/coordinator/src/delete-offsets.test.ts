import { ConsumerProtocolSubscription, ErrorCode } from '@ottla/protocol'
import { describe, expect, test } from 'vitest'
import { Harness } from '../test/harness.js'
import { commit, joinTwice, offsetsOf, sync } from '../test/requests.js'

const forget = (...topics: readonly string[]) => ({
  groupId: 'g',
  topics: topics.map((name) => ({ name, partitions: [{ partitionIndex: 0 }] })),
})

/** What a Java consumer sends: the version, then the subscription. */
const subscribedTo = (...topics: readonly string[]): Uint8Array => {
  const body = ConsumerProtocolSubscription.at(1).encode({ topics, userData: null })
  return Buffer.concat([Buffer.from([0, 1]), body])
}

describe('OffsetDelete', () => {
  test('forgets offsets, after a restart too', () => {
    const harness = new Harness()
    harness.ask('offsetCommit', commit({ orders: 1n, bills: 2n }))
    const { response } = harness.ask('offsetDelete', forget('orders', 'never'))
    expect(response).toMatchObject({ errorCode: ErrorCode.NONE })
    expect(offsetsOf(harness)).toEqual({ bills: 2n })
    harness.restart()
    expect(offsetsOf(harness)).toEqual({ bills: 2n })
  })

  test('leaves topics alone that a member is subscribed to', () => {
    const harness = new Harness()
    const protocols = [{ name: 'range', metadata: subscribedTo('orders') }]
    const { memberId } = joinTwice(harness, { protocols })
    harness.advance(1)
    harness.ask('syncGroup', sync(memberId, 1, { [memberId]: 'all' }))
    const member = { memberId, generationIdOrMemberEpoch: 1 }
    harness.ask('offsetCommit', commit({ orders: 1n, bills: 2n }, member))
    const { response } = harness.ask('offsetDelete', forget('orders', 'bills'))
    const codes = response?.topics.map(({ partitions }) => partitions[0]?.errorCode)
    expect(codes).toEqual([ErrorCode.GROUP_SUBSCRIBED_TO_TOPIC, ErrorCode.NONE])
    expect(offsetsOf(harness)).toEqual({ orders: 1n })
  })

  test('does not lose a commit that comes while it is written', () => {
    const harness = new Harness()
    harness.ask('offsetCommit', commit({ orders: 1n }))
    harness.autoCommit = false
    harness.ask('offsetDelete', forget('orders'))
    harness.ask('deleteGroups', { groupsNames: ['g'] })
    const later = harness.ask('offsetCommit', commit({ orders: 9n }))
    harness.commitAppends()
    harness.autoCommit = true
    expect(later.response?.topics[0]?.partitions[0]?.errorCode).toBe(ErrorCode.NONE)
    expect(offsetsOf(harness)).toEqual({ orders: 9n })
    harness.restart()
    expect(offsetsOf(harness)).toEqual({ orders: 9n })
  })
})
