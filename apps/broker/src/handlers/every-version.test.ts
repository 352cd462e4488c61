import {
  type Api,
  ApiVersions,
  CreateTopics,
  DescribeQuorum,
  encodeRequest,
  Produce,
} from '@ottla/protocol'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Broker } from '../broker.js'
import { startBroker } from '../start-broker.js'
import { RawClient } from '../testing/raw-client.js'
import { allHandlers } from './index.js'

/** What Kafka 4.4.0 advertises, of the APIs that are for clients. */
const kafka44: Record<string, readonly [number, number]> = {
  Produce: [0, 13],
  Fetch: [4, 18],
  ListOffsets: [1, 11],
  Metadata: [0, 13],
  OffsetCommit: [2, 10],
  OffsetFetch: [1, 10],
  FindCoordinator: [0, 6],
  JoinGroup: [0, 9],
  Heartbeat: [0, 4],
  LeaveGroup: [0, 5],
  SyncGroup: [0, 5],
  DescribeGroups: [0, 6],
  ListGroups: [0, 5],
  SaslHandshake: [0, 1],
  ApiVersions: [0, 5],
  CreateTopics: [2, 7],
  DeleteTopics: [1, 6],
  DeleteRecords: [0, 2],
  InitProducerId: [0, 5],
  OffsetForLeaderEpoch: [2, 4],
  DescribeConfigs: [1, 4],
  AlterConfigs: [0, 2],
  DescribeLogDirs: [1, 5],
  SaslAuthenticate: [0, 2],
  CreatePartitions: [0, 3],
  DeleteGroups: [0, 3],
  ElectLeaders: [0, 2],
  IncrementalAlterConfigs: [0, 1],
  AlterPartitionReassignments: [0, 1],
  ListPartitionReassignments: [0, 0],
  OffsetDelete: [0, 0],
  DescribeClientQuotas: [0, 1],
  AlterClientQuotas: [0, 1],
  DescribeUserScramCredentials: [0, 0],
  AlterUserScramCredentials: [0, 0],
  DescribeQuorum: [0, 2],
  UpdateFeatures: [0, 2],
  DescribeCluster: [0, 2],
  DescribeProducers: [0, 0],
  ListConfigResources: [0, 1],
  DescribeTopicPartitions: [0, 0],
}

const cases = allHandlers.flatMap(({ api, versions }) =>
  Array.from({ length: versions.max - versions.min + 1 }, (_, step) => ({
    name: api.name,
    api,
    version: versions.min + step,
  })),
)

describe('every API at every version', () => {
  let broker: Broker
  let client: RawClient

  beforeAll(async () => {
    broker = await startBroker()
    client = await RawClient.connect(broker)
  })

  afterAll(async () => {
    client.close()
    await broker.close()
  })

  it('is what Kafka 4.4 advertises, and nothing else', async () => {
    for (const version of [0, 1, 2, 3, 4, 5]) {
      const software = version < 3 ? {} : { clientSoftwareName: 'raw', clientSoftwareVersion: '1' }
      const { apiKeys } = await client.request(ApiVersions, version, software)
      const names = new Map(allHandlers.map(({ api }) => [api.key, api.name]))
      const advertised = apiKeys.map(({ apiKey, minVersion, maxVersion }) => [
        names.get(apiKey),
        [minVersion, maxVersion],
      ])
      const expected = [...names.values()].map((name) => [name, kafka44[name]])
      expect(Object.fromEntries(advertised)).toEqual(Object.fromEntries(expected))
    }
  })

  it.each(cases)('$name v$version answers a request of defaults', async ({ api, version }) => {
    await client.request(api, version, defaultsOf(api))
  })

  it.each([0, 1, 2])(
    'describes the quorum at version %i, with nodes from 2 on',
    async (version) => {
      const topics = [{ topicName: '__cluster_metadata', partitions: [{ partitionIndex: 0 }] }]
      const { errorCode, nodes } = await client.request(DescribeQuorum, version, { topics })
      expect([errorCode, nodes.length]).toEqual([0, version < 2 ? 0 : 1])
    },
  )

  it('closes the connection on a Produce version that is advertised but not accepted', async () => {
    const old = await RawClient.connect(broker)
    const header = { correlationId: 1, clientId: 'old' }
    old.sendBytes(encodeRequest(Produce, 2, header, { acks: 1, timeoutMs: 1, topicData: [] }))
    await old.closed
  })

  it('closes the connection on a version above the highest', async () => {
    const other = await RawClient.connect(broker)
    const frame = encodeRequest(CreateTopics, 7, { correlationId: 1, clientId: '' }, { topics: [] })
    frame[3] = 8
    other.sendBytes(frame)
    await other.closed
  })
})

/** The zero value of every field; JoinGroup and its like refuse that, and a refusal is an answer too. */
const defaultsOf = ({ request }: Api): unknown => {
  const zero = request.schema.zero() as object
  // acks=0 asks for no answer.
  return 'acks' in zero ? { ...zero, acks: 1 } : zero
}
