import { Admin, orThrow } from '@ottla/admin'
import type { Broker, FaultAction, FaultMatch } from '@ottla/broker'
import { brokerTest as it } from '@ottla/broker/vitest'
import { Producer } from '@ottla/producer'
import { describe, expect, onTestFinished } from 'vitest'

const adminOf = ({ bootstrapServers }: Broker): Admin => {
  const admin = new Admin({
    bootstrapServers,
    requestTimeoutMs: 1000,
    retryBackoffMs: 10,
    retryBackoffMaxMs: 100,
  })
  onTestFinished(() => admin.close({ timeoutMs: 500 }))
  return admin
}

const create = async (admin: Admin, ...names: string[]) =>
  orThrow(
    await admin.createTopics(names.map((name) => ({ name, partitions: 1, replicationFactor: 1 }))),
  )

const cut = ['before', 'after', 'halfway'] as const

describe('an admin', () => {
  it.for(cut)('asks again over a connection that ended %s an answer', async (drop, { broker }) => {
    const admin = adminOf(broker)
    await create(admin, 't')
    for (const api of ['Metadata', 'DescribeConfigs', 'ListOffsets'] as const) {
      broker.faults.add({ api, times: 1 }, { drop })
    }
    expect(orThrow(await admin.describeTopics(['t']))[0]?.name).toBe('t')
    expect(orThrow(await admin.listOffsets([{ topic: 't' }]))[0]?.offset).toBe(0n)
    expect(orThrow(await admin.describeConfigs([{ type: 'topic', name: 't' }]))).toHaveLength(1)
  })

  const retried: [string, FaultMatch, FaultAction][] = [
    ['NOT_CONTROLLER', { api: 'CreateTopics', times: 2 }, { error: 'NOT_CONTROLLER' }],
    ['a cut before it', { api: 'CreateTopics', times: 2 }, { drop: 'before' }],
    ['a handshake cut off', { api: 'ApiVersions', times: 2 }, { drop: 'halfway' }],
    ['silence', { api: 'Metadata', times: 1 }, { stop: 'answering' }],
  ]

  it.for(retried)('creates a topic in spite of %s', async ([, match, action], { broker }) => {
    const fault = broker.faults.add(match, action)
    await create(adminOf(broker), 't')
    expect(fault.hits).toBeGreaterThan(0)
    await broker.waitFor.topic('t')
  })

  it('has a result per topic where one of them fails', async ({ broker }) => {
    const admin = adminOf(broker)
    broker.faults.add({ api: 'CreateTopics', topic: 'b' }, { error: 'POLICY_VIOLATION' })
    const results = await admin.createTopics(
      ['a', 'b', 'c'].map((name) => ({ name, partitions: 1, replicationFactor: 1 })),
    )
    expect(results.map(({ error }) => error?.code)).toEqual([
      undefined,
      'OTTLA_BROKER_POLICY_VIOLATION',
      undefined,
    ])
    await broker.waitFor.topic('c')
    await broker.waitFor.topicGone('b')
  })

  it('finds leaders and coordinators that move or load', async ({ broker }) => {
    const admin = adminOf(broker)
    await create(admin, 't')
    const producer = new Producer({ bootstrapServers: broker.bootstrapServers })
    await producer.send({ topic: 't', value: 'v' })
    await producer.close()
    for (const [api, error] of [
      ['ListOffsets', 'NOT_LEADER_OR_FOLLOWER'],
      ['DeleteRecords', 'NOT_LEADER_OR_FOLLOWER'],
      ['OffsetCommit', 'NOT_COORDINATOR'],
      ['OffsetFetch', 'COORDINATOR_LOAD_IN_PROGRESS'],
      ['DescribeGroups', 'COORDINATOR_NOT_AVAILABLE'],
      ['FindCoordinator', 'COORDINATOR_NOT_AVAILABLE'],
    ] as const) {
      broker.faults.add({ api, times: 1 }, { error })
    }
    expect(orThrow(await admin.listOffsets([{ topic: 't' }]))[0]?.offset).toBe(1n)
    orThrow(await admin.alterGroupOffsets('g', [{ topic: 't', partition: 0, offset: 1n }]))
    expect(orThrow(await admin.listGroupOffsets(['g']))[0]?.offsets).toMatchObject([{ offset: 1n }])
    expect(orThrow(await admin.describeGroups(['g']))[0]?.groupId).toBe('g')
    orThrow(await admin.deleteRecords([{ topic: 't', partition: 0, before: 1n }]))
    expect(broker.faults.size).toBe(0)
  })

  it('goes on after a restart', async ({ broker }) => {
    const admin = adminOf(broker)
    await create(admin, 't')
    await broker.kill()
    await broker.restart()
    await create(admin, 'u')
    expect((await admin.listTopics()).map(({ name }) => name).sort()).toEqual(['t', 'u'])
  })
})
