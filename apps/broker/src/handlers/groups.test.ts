import {
  ErrorCode,
  FindCoordinator,
  Heartbeat,
  JoinGroup,
  type JoinGroupResponse,
  LeaveGroup,
  SyncGroup,
} from '@ottla/protocol'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Broker } from '../broker.js'
import { startBroker } from '../start-broker.js'
import { RawClient } from '../testing/raw-client.js'

const groupId = 'dispatch'
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)

describe('a classic group', () => {
  let broker: Broker
  let a: RawClient
  let b: RawClient

  beforeEach(async () => {
    broker = await startBroker()
    a = await RawClient.connect(broker)
    b = await RawClient.connect(broker)
  })

  afterEach(async () => {
    a.close()
    b.close()
    await broker.close()
  })

  const join = (client: RawClient, memberId = ''): Promise<JoinGroupResponse> =>
    client.request(JoinGroup, 5, {
      groupId,
      sessionTimeoutMs: 10_000,
      rebalanceTimeoutMs: 10_000,
      memberId,
      protocolType: 'consumer',
      protocols: [{ name: 'range', metadata: bytes('m') }],
    })

  const joinTwice = async (client: RawClient): Promise<JoinGroupResponse> => {
    const first = await join(client)
    expect(first.errorCode).toBe(ErrorCode.MEMBER_ID_REQUIRED)
    return join(client, first.memberId)
  }

  it('is found, joined, synced, kept alive and left', async () => {
    const found = await a.request(FindCoordinator, 4, { keyType: 0, coordinatorKeys: [groupId] })
    expect(found.coordinators).toMatchObject([
      { key: groupId, nodeId: 1, errorCode: 0, port: broker.port },
    ])
    const states: string[] = []
    broker.events.on('group', ({ from, to }) => states.push(`${from}-${to}`))

    const joined = await joinTwice(a)
    expect(joined).toMatchObject({ errorCode: 0, generationId: 1, leader: joined.memberId })
    const member = { groupId, generationId: 1, memberId: joined.memberId }
    const assignments = [{ memberId: joined.memberId, assignment: bytes('mine') }]
    const synced = await a.request(SyncGroup, 3, { ...member, assignments })
    expect(Buffer.from(synced.assignment).toString()).toBe('mine')
    expect(await a.request(Heartbeat, 3, member)).toMatchObject({ errorCode: 0 })

    const waiting = joinTwice(b)
    const beat = async (): Promise<number> => (await a.request(Heartbeat, 3, member)).errorCode
    while ((await beat()) !== ErrorCode.REBALANCE_IN_PROGRESS)
      await new Promise((resolve) => setImmediate(resolve))
    const again = await join(a, joined.memberId)
    const other = await waiting
    expect([again.generationId, other.generationId]).toEqual([2, 2])
    expect(again.members).toHaveLength(2)

    const left = await b.request(LeaveGroup, 3, {
      groupId,
      members: [{ memberId: other.memberId, groupInstanceId: null }],
    })
    expect(left).toMatchObject({ errorCode: 0, members: [{ errorCode: 0 }] })
    expect(states[0]).toBe('Empty-PreparingRebalance')
    expect(states).toContain('CompletingRebalance-Stable')
  })

  it('is told to a transactional client that there is no coordinator for it', async () => {
    const found = await a.request(FindCoordinator, 4, { keyType: 1, coordinatorKeys: ['tx'] })
    expect(found.coordinators[0]?.errorCode).toBe(ErrorCode.INVALID_REQUEST)
  })

  it('refuses unknown members', async () => {
    await a.request(FindCoordinator, 4, { keyType: 0, coordinatorKeys: [groupId] })
    const member = { groupId, generationId: 1, memberId: 'nobody' }
    expect((await a.request(Heartbeat, 3, member)).errorCode).toBe(ErrorCode.UNKNOWN_MEMBER_ID)
  })
})
