import { Admin } from '@ottla/admin'
import { type ApacheKafka, requires, startApacheKafka } from '@ottla-test/apache-kafka'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { adminAbilities } from './src/admin-abilities.js'

describe.runIf(requires('java', 'maven'))('administering Apache Kafka', () => {
  let kafka: ApacheKafka
  let admin: Admin

  beforeAll(async () => {
    kafka = await startApacheKafka()
    admin = new Admin({ bootstrapServers: kafka.bootstrapServers })
  })
  afterAll(async () => {
    await admin?.close()
    await kafka?.remove()
  })

  adminAbilities(() => ({ bootstrapServers: kafka.bootstrapServers, admin }))

  test('describes the quorum', async () => {
    const { leader, voters, highWatermark } = await admin.describeQuorum()
    expect(leader).toBe(1)
    expect(voters.map(({ node }) => node)).toEqual([1])
    expect(highWatermark).toBeGreaterThan(0n)
  })

  test('elects leaders and moves partitions', async () => {
    const topic = 'moved'
    await admin.createTopics([{ name: topic, partitions: 1, replicationFactor: 1 }])
    const here = { topic, partition: 0 }
    const missing = { topic: 'missing', partition: 0 }
    const unknown = 'OTTLA_BROKER_UNKNOWN_TOPIC_OR_PARTITION'
    const elected = await admin.electLeaders([here, missing])
    expect(elected.map(({ error }) => error?.code)).toEqual([undefined, unknown])
    const moved = await admin.alterPartitionReassignments([
      { ...here, replicas: [1] },
      { ...missing, replicas: [1] },
    ])
    expect(moved.map(({ error }) => error?.code)).toEqual([undefined, unknown])
    expect(await admin.listPartitionReassignments()).toEqual([])
    const [none] = await admin.alterPartitionReassignments([{ ...here, replicas: null }])
    expect(none?.error).toMatchObject({ code: 'OTTLA_BROKER_NO_REASSIGNMENT_IN_PROGRESS' })
  })
})
