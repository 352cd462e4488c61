import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { memoryStorage } from '@ottla/log'
import { createSimulatedPlatform } from '@ottla/network/simulation'
import {
  CreateTopics,
  DeleteTopics,
  decodeRecords,
  ErrorCode,
  Fetch,
  FindCoordinator,
  ListOffsets,
  Metadata,
  OffsetCommit,
  OffsetFetch,
  Produce,
} from '@ottla/protocol'
import { afterAll, describe, expect, it } from 'vitest'
import type { Broker } from './broker.js'
import type { BrokerEvents } from './events.js'
import { startBroker } from './start-broker.js'
import { batchAt, batchOf, RawClient } from './testing/raw-client.js'
import { servicesOf } from './testing/services-of.js'

const root = mkdtempSync(join(tmpdir(), 'ottla-broker-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))

const createTopic = (client: RawClient, name: string) =>
  client.request(CreateTopics, 4, {
    topics: [{ name, numPartitions: 1, replicationFactor: 1, assignments: [], configs: [] }],
  })

const produce = async (
  client: RawClient,
  name: string,
  value: string,
  records: Uint8Array = batchOf(value),
): Promise<bigint> => {
  const partitionData = [{ index: 0, records }]
  const topicData = [{ name, partitionData }]
  const response = await client.request(Produce, 9, { acks: -1, timeoutMs: 1000, topicData })
  const answer = response.responses[0]?.partitionResponses[0]
  expect(answer?.errorCode).toBe(0)
  return answer?.baseOffset ?? -1n
}

const readAll = async (client: RawClient, topic: string): Promise<string[]> => {
  const partitions = [{ partition: 0, fetchOffset: 0n, partitionMaxBytes: 1_000_000 }]
  const response = await client.request(Fetch, 11, {
    maxWaitMs: 0,
    minBytes: 1,
    topics: [{ topic, partitions }],
    replicaState: {},
    forgottenTopicsData: [],
  })
  const values: string[] = []
  for (const batch of decodeRecords(
    response.responses[0]?.partitions[0]?.records ?? new Uint8Array(0),
  )) {
    for (const record of batch) values.push(String(record.value))
  }
  return values
}

const commit = async (client: RawClient, topic: string, committedOffset: bigint) => {
  const partitions = [{ partitionIndex: 0, committedOffset, committedMetadata: null }]
  const request = { groupId: 'g', topics: [{ name: topic, partitions }] }
  const response = await client.request(OffsetCommit, 7, request)
  return response.topics[0]?.partitions[0]?.errorCode
}

const committed = async (client: RawClient, topic: string) => {
  const topics = [{ name: topic, partitionIndexes: [0] }]
  const response = await client.request(OffsetFetch, 7, { groupId: 'g', topics })
  return response.topics[0]?.partitions[0]?.committedOffset
}

/** Writes with one broker, then asks another on the same data. */
const survives = async (open: () => Promise<Broker>, end: (broker: Broker) => Promise<void>) => {
  const first = await open()
  const writer = await RawClient.connect(first)
  await createTopic(writer, 'kept')
  await createTopic(writer, 'gone')
  await produce(writer, 'gone', 'x')
  await writer.request(DeleteTopics, 5, { topicNames: ['gone'], timeoutMs: 1000 })
  await produce(writer, 'kept', 'a')
  await produce(writer, 'kept', 'b')
  await writer.request(FindCoordinator, 2, { key: 'g', keyType: 0 })
  expect(await commit(writer, 'kept', 1n)).toBe(0)
  writer.close()
  const { clusterId } = first
  await end(first)

  const second = await open()
  expect(second.clusterId).toBe(clusterId)
  const reader = await RawClient.connect(second)
  expect(await readAll(reader, 'kept')).toEqual(['a', 'b'])
  expect(await committed(reader, 'kept')).toBe(1n)
  const { topics } = await reader.request(Metadata, 7, {
    topics: [{ name: 'kept' }, { name: 'gone' }],
    allowAutoTopicCreation: false,
  })
  expect(topics.map(({ errorCode }) => errorCode)).toEqual([
    0,
    ErrorCode.UNKNOWN_TOPIC_OR_PARTITION,
  ])
  expect(topics[0]?.partitions[0]?.leaderEpoch).toBe(1)
  expect(await produce(reader, 'kept', 'c')).toBe(2n)
  const asked = [{ partitionIndex: 0, timestamp: -1n }]
  const ends = await reader.request(ListOffsets, 5, {
    replicaId: -1,
    isolationLevel: 0,
    topics: [{ name: 'kept', partitions: asked }],
  })
  expect(ends.topics[0]?.partitions[0]).toMatchObject({ offset: 3n, leaderEpoch: 1 })
  reader.close()
  await second.close()
}

describe('startBroker', () => {
  it('is ready when it resolves, and close leaves nothing', async () => {
    const broker = await startBroker()
    const client = await RawClient.connect(broker)
    const { brokers, controllerId, clusterId } = await client.request(Metadata, 5, { topics: null })
    expect(brokers).toMatchObject([{ nodeId: 1, host: broker.host, port: broker.port }])
    expect(controllerId).toBe(1)
    expect(clusterId).toBe(broker.clusterId)
    await broker.close()
    await client.closed
    await broker.close()
    const next = await startBroker({ port: broker.port })
    expect(next.bootstrapServers).toBe(broker.bootstrapServers)
    await next.close()
  })

  it('answers what is parked before it closes', async () => {
    const broker = await startBroker()
    const client = await RawClient.connect(broker)
    await createTopic(client, 't')
    const partitions = [{ partition: 0, fetchOffset: 0n, partitionMaxBytes: 1000 }]
    const fetched = client.request(Fetch, 11, {
      maxWaitMs: 60_000,
      minBytes: 1,
      topics: [{ topic: 't', partitions }],
      replicaState: {},
      forgottenTopicsData: [],
    })
    const { purgatory } = servicesOf(broker)
    while (purgatory.stats.parked === 0) await new Promise((resolve) => setImmediate(resolve))
    const [response] = await Promise.all([fetched, broker.close()])
    expect(response.errorCode).toBe(0)
    await client.closed
  })

  it('keeps topics, records and offsets across a clean restart on disk', async () => {
    const dataDir = join(root, 'clean')
    await survives(
      () => startBroker({ dataDir }),
      (broker) => broker.close(),
    )
    const names = readdirSync(dataDir)
    expect(names).toContain('kept-0')
    expect(names).toContain('__cluster_metadata-0')
    expect(names).toContain('meta.properties')
    expect(names).toContain('.kafka_cleanshutdown')
    expect(names.filter((name) => name.includes('gone'))).toEqual([])
    expect(readdirSync(join(dataDir, '__cluster_metadata-0'))).toContain('quorum-state')
  })

  it('keeps them when it stops without a goodbye', async () => {
    const storage = memoryStorage()
    await survives(
      () => startBroker({ storage }),
      (broker) => broker.kill(),
    )
  })

  it('runs under a virtual clock and an in-memory network', async () => {
    const platform = createSimulatedPlatform(7)
    const running = async (): Promise<string[]> => {
      const broker = await startBroker({ platform })
      const client = await RawClient.connect(broker, platform.network)
      await createTopic(client, 't')
      await produce(client, 't', 'a', batchAt(platform.clock.now(), 'a'))
      const values = await readAll(client, 't')
      client.close()
      await broker.close()
      return values
    }
    expect(await platform.clock.runUntil(running())).toEqual(['a'])
  })

  it('publishes appends, high watermarks, elections and topics', async () => {
    const broker = await startBroker()
    const seen: string[] = []
    const watch = <Name extends keyof BrokerEvents>(
      name: Name,
      show: (event: BrokerEvents[Name]) => string,
    ) => broker.events.on(name, (event) => seen.push(`${name} ${show(event)}`))
    watch('append', ({ topic, firstOffset, lastOffset }) => `${topic} ${firstOffset}-${lastOffset}`)
    watch('highWatermark', ({ topic, highWatermark }) => `${topic} ${highWatermark}`)
    watch('election', ({ topic, leader, leaderEpoch }) => `${topic} ${leader} ${leaderEpoch}`)
    watch('topic', ({ topic, change }) => `${topic} ${change}`)
    const client = await RawClient.connect(broker)
    await createTopic(client, 't')
    await produce(client, 't', 'a')
    await client.request(DeleteTopics, 5, { topicNames: ['t'], timeoutMs: 1000 })
    expect(seen).toEqual([
      'election t 1 0',
      'topic t created',
      'append t 0-0',
      'highWatermark t 1',
      'topic t deleted',
    ])
    client.close()
    await broker.close()
  })

  it('refuses bad options and another cluster’s directory', async () => {
    await expect(startBroker({ listen: 'nowhere' })).rejects.toThrow(/listen must be host:port/)
    await expect(startBroker({ configs: { 'log.retention.hours': 'x' } })).rejects.toThrow(
      /Not a number/,
    )
    const dataDir = join(root, 'other')
    await (await startBroker({ dataDir })).close()
    await expect(startBroker({ dataDir, clusterId: 'AAAAAAAAAAAAAAAAAAAAAA' })).rejects.toThrow(
      /belongs to cluster/,
    )
    await expect(startBroker({ dataDir, nodeId: 7 })).rejects.toThrow(/belongs to node 1/)
  })

  it('takes numbers and booleans for configs', async () => {
    const configs = { 'num.partitions': 3, 'auto.create.topics.enable': false }
    const broker = await startBroker({ configs })
    const { config } = servicesOf(broker)
    expect(config.number('num.partitions')).toBe(3)
    expect(config.boolean('auto.create.topics.enable')).toBe(false)
    await broker.close()
  })

  it('says that a port is taken and leaves nothing behind', async () => {
    const broker = await startBroker()
    await expect(startBroker({ port: broker.port })).rejects.toMatchObject({
      code: 'OTTLA_ADDRESS_IN_USE',
    })
    await broker.close()
  })
})
