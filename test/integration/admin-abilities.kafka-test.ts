import { Admin } from '@ottla/admin'
import {
  type ApacheKafka,
  CURRENT_RELEASE,
  LAST_3_RELEASE,
  requires,
  startApacheKafka,
} from '@ottla-test/apache-kafka'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { adminAbilities, listsConfigResources } from './src/admin-abilities.js'

const isPossible = requires('java', 'maven')

describe.runIf(isPossible).each([CURRENT_RELEASE, LAST_3_RELEASE])(
  'administering Apache Kafka %s',
  (version) => {
    let kafka: ApacheKafka
    let admin: Admin

    beforeAll(async () => {
      kafka = await startApacheKafka({ version })
      admin = new Admin({ bootstrapServers: kafka.bootstrapServers })
    })
    afterAll(async () => {
      await admin?.close()
      await kafka?.remove()
    })

    const target = () => ({ bootstrapServers: kafka.bootstrapServers, admin })
    adminAbilities(target)
    if (version === CURRENT_RELEASE) listsConfigResources(target)

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
  },
)
