import { type ClientOptions, Cluster, clientOptions } from '@ottla/network'
import {
  AlterClientQuotas,
  ApiVersions,
  CreateAcls,
  CreateDelegationToken,
  CreateTopics,
  ErrorCode,
  encodeRecordBatch,
  ListOffsets,
  Metadata,
  Produce,
} from '@ottla/protocol'
import {
  type ApacheKafka,
  type ApacheKafkaOptions,
  createTopic,
  LAST_3_RELEASE,
  listenerOf,
  request,
  requires,
  startApacheKafka,
  userOf,
} from '@ottla-test/apache-kafka'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

/** Numbers of KIP-140, and of ListOffsets. */
const TOPIC_RESOURCE = 2
const CREATE = 5
const ALLOW = 3
const EARLIEST = -2n

/** Starts a cluster for the tests of a block, and gives clients of its listeners. */
const useKafka = (options: ApacheKafkaOptions) => {
  let kafka: ApacheKafka
  const clusters: Cluster[] = []
  beforeAll(async () => {
    kafka = await startApacheKafka(options)
  })
  afterAll(async () => {
    await Promise.all(clusters.map((cluster) => cluster.close()))
    await kafka?.remove()
  })
  return {
    kafka: () => kafka,
    client: (listener: string, more: Partial<ClientOptions> = {}): Cluster => {
      const { bootstrapServers } = listenerOf(kafka, listener)
      const cluster = new Cluster(clientOptions.resolve({ bootstrapServers, ...more }))
      clusters.push(cluster)
      return cluster
    },
    as: (username: string, mechanism: 'PLAIN' | 'SCRAM-SHA-256' | 'SCRAM-SHA-512') => ({
      tls: { ca: kafka.certificates?.ca ?? '' },
      sasl: { mechanism, username, password: userOf(kafka, username).password },
    }),
  }
}

type Use = ReturnType<typeof useKafka>

const createError = async (cluster: Cluster, name: string): Promise<number | undefined> => {
  const topic = { name, numPartitions: 1, replicationFactor: 1, assignments: [], configs: [] }
  const { response } = await cluster.request(CreateTopics, { topics: [topic], timeoutMs: 5000 })
  return response.topics[0]?.errorCode
}

const testSecurity = ({ kafka, client, as }: Use): void => {
  test.each(['SSL', 'MUTUAL', 'SASL_PLAINTEXT', 'SASL_SSL', 'RENEWAL'])('%s', async (name) => {
    const { protocol, mechanisms } = listenerOf(kafka(), name)
    const { sasl } = as('alice', mechanisms.includes('SCRAM-SHA-512') ? 'SCRAM-SHA-512' : 'PLAIN')
    const options = {
      ...(protocol.endsWith('SSL') ? { tls: { ...kafka().certificates } } : {}),
      ...(protocol.startsWith('SASL') ? { sasl } : {}),
    }
    const { response } = await client(name, options).request(Metadata, { topics: [] })
    const address = listenerOf(kafka(), name).bootstrapServers
    expect(response.brokers.map(({ host, port }) => `${host}:${port}`)).toEqual([address])
  })

  test('ACLs hold for all but super users and the plain listener', async () => {
    const alice = client('SASL_SSL', as('alice', 'SCRAM-SHA-256'))
    const admin = client('SASL_SSL', as('admin', 'PLAIN'))
    expect(await createError(alice, 'of-alice')).toBe(ErrorCode.TOPIC_AUTHORIZATION_FAILED)
    expect(await createError(admin, 'of-admin')).toBe(ErrorCode.NONE)
    const creation = {
      resourceType: TOPIC_RESOURCE,
      resourceName: 'of-alice',
      principal: 'User:alice',
      host: '*',
      operation: CREATE,
      permissionType: ALLOW,
    }
    const { response } = await client('PLAINTEXT').request(CreateAcls, { creations: [creation] })
    expect(response.results[0]?.errorCode).toBe(ErrorCode.NONE)
    await expect.poll(() => createError(alice, 'of-alice')).toBe(ErrorCode.NONE)
  })

  test('delegation tokens are given', async () => {
    const alice = client('SASL_SSL', as('alice', 'SCRAM-SHA-512'))
    const { response } = await alice.request(CreateDelegationToken, {
      ownerPrincipalType: null,
      ownerPrincipalName: null,
      renewers: [],
      maxLifetimeMs: 60_000n,
    })
    expect(response.errorCode).toBe(ErrorCode.NONE)
    expect(response.principalName).toBe('alice')
  })
}

const produce = async (address: string, topic: string): Promise<number> => {
  const records = encodeRecordBatch({
    records: [{ key: null, value: 'x'.repeat(1000), timestamp: Date.now() }],
  })
  const partitionData = [{ index: 0, records }]
  const body = { acks: 1, timeoutMs: 5000, topicData: [{ name: topic, partitionData }] }
  const { throttleTimeMs } = await request(address, Produce, 9, body)
  return throttleTimeMs
}

const logStart = async (address: string, topic: string): Promise<bigint | undefined> => {
  const partitions = [{ partitionIndex: 0, timestamp: EARLIEST }]
  const body = { replicaId: -1, isolationLevel: 0, topics: [{ name: topic, partitions }] }
  return (await request(address, ListOffsets, 5, body)).topics[0]?.partitions[0]?.offset
}

const transactionVersion = async (address: string): Promise<number | undefined> => {
  const answer = await request(address, ApiVersions, 3, {
    clientSoftwareName: 'ottla',
    clientSoftwareVersion: '1',
  })
  const found = answer.finalizedFeatures.find(({ name }) => name === 'transaction.version')
  return found?.maxVersionLevel
}

describe.runIf(requires('java', 'maven'))('Apache Kafka with security and short times', () => {
  const used = useKafka({ profile: ['security', 'short-retention', 'quotas'] })
  const address = () => used.kafka().bootstrapServers

  testSecurity(used)

  test('says what it provides', async () => {
    expect(used.kafka().name).toBe('apache-kafka-4.4.0')
    expect(used.kafka().release).toBe('4.4')
    expect(used.kafka().provides).toContain('acls')
    expect(used.kafka().provides).toContain('transaction-version-2')
    expect(await transactionVersion(address())).toBe(2)
  })

  test('old segments go soon', async () => {
    await createTopic(address(), 'short', 1, { 'retention.ms': '1', 'segment.ms': '1' })
    await produce(address(), 'short')
    await expect.poll(() => logStart(address(), 'short'), { timeout: 20_000 }).toBe(1n)
  })

  test('quotas throttle', async () => {
    await createTopic(address(), 'limited', 1)
    const entity = [{ entityType: 'client-id', entityName: 'ottla-test' }]
    const ops = [{ key: 'producer_byte_rate', value: 10, remove: false }]
    const body = { entries: [{ entity, ops }], validateOnly: false }
    const { entries } = await request(address(), AlterClientQuotas, 1, body)
    expect(entries[0]?.errorCode).toBe(ErrorCode.NONE)
    await expect.poll(() => produce(address(), 'limited'), { timeout: 20_000 }).toBeGreaterThan(0)
  })
})

describe.runIf(requires('java', 'maven'))('Apache Kafka with the old transactions', () => {
  const { kafka } = useKafka({ profile: 'transaction-version-1' })

  test('has the feature at level 1', async () => {
    expect(kafka().provides).toContain('transaction-version-1')
    expect(await transactionVersion(kafka().bootstrapServers)).toBe(1)
  })
})

describe.runIf(requires('java', 'maven'))('Apache Kafka 3.9 with security', () => {
  const profile = ['security', 'transaction-version-1'] as const
  const used = useKafka({ version: LAST_3_RELEASE, profile })

  testSecurity(used)

  test('has the old transactions', async () => {
    expect(used.kafka().provides).toContain('transaction-version-1')
    expect((await transactionVersion(used.kafka().bootstrapServers)) ?? 0).toBe(0)
  })
})

describe.runIf(requires('java', 'maven'))('three nodes of Apache Kafka', () => {
  const { kafka } = useKafka({ profile: 'three-nodes' })

  const isr = async (): Promise<readonly number[]> => {
    const topics = [{ name: 'replicated' }]
    const [node] = kafka().nodes
    const answer = await request(node?.address ?? '', Metadata, 9, { topics })
    return [...(answer.topics[0]?.partitions[0]?.isrNodes ?? [])].sort()
  }

  test('a broker that dies leaves the ISR, and comes back', async () => {
    const [, , third] = kafka().nodes
    expect(kafka().provides).toContain('three-nodes')
    await createTopic(kafka().nodes[0]?.address ?? '', 'replicated', 1, {}, 3)
    expect(await isr()).toEqual([1, 2, 3])
    await third?.kill()
    await expect.poll(isr, { timeout: 30_000 }).toEqual([1, 2])
    await third?.start()
    await expect.poll(isr, { timeout: 30_000 }).toEqual([1, 2, 3])
  })
})
