import {
  ConsumerProtocolAssignment,
  ConsumerProtocolSubscription,
  CreateTopics,
  FindCoordinator,
  JoinGroup,
  SyncGroup,
} from '@ottla/protocol'
import { expect, it, onTestFinished } from 'vitest'
import { startBroker } from '../start-broker.js'
import { RawClient } from '../testing/raw-client.js'

/** Version 1, then the body. */
const versioned = (body: Uint8Array): Uint8Array => Uint8Array.of(0, 1, ...body)

it('waits until a cooperative group has handed over what one of its rebalances took away', async () => {
  const broker = await startBroker()
  onTestFinished(() => broker.close({ timeoutMs: 0 }))
  const client = await RawClient.connect(broker)
  await client.request(CreateTopics, 7, {
    topics: [{ name: 't', numPartitions: 2, replicationFactor: 1, assignments: [], configs: [] }],
  })
  await client.request(FindCoordinator, 3, { key: 'g' })
  const metadata = versioned(
    ConsumerProtocolSubscription.at(1).encode({ topics: ['t'], userData: null }),
  )
  const rebalance = async (memberId: string, partitions: number[]): Promise<string> => {
    const joined = await client.request(JoinGroup, 3, {
      groupId: 'g',
      sessionTimeoutMs: 10_000,
      rebalanceTimeoutMs: 60_000,
      memberId,
      protocolType: 'consumer',
      protocols: [{ name: 'cooperative-sticky', metadata }],
    })
    const assignment = versioned(
      ConsumerProtocolAssignment.at(1).encode({
        assignedPartitions: [{ topic: 't', partitions }],
        userData: null,
      }),
    )
    await client.request(SyncGroup, 3, {
      groupId: 'g',
      generationId: joined.generationId,
      memberId: joined.memberId,
      assignments: [{ memberId: joined.memberId, assignment }],
    })
    return joined.memberId
  }
  const memberId = await rebalance('', [0])
  await expect(broker.waitFor.groupStable('g', { timeoutMs: 1 })).rejects.toThrow(
    'group g stable with its members: not within 1 ms; it is Stable with 1 members; nobody has t-1',
  )
  const stable = broker.waitFor.groupStable('g', { members: 1 })
  await rebalance(memberId, [0, 1])
  expect(await stable).toEqual({ memberIds: [memberId] })
})
