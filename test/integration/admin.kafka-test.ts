import { Admin, orThrow } from '@ottla/admin'
import { Producer } from '@ottla/producer'
import { type ApacheKafka, requires, startApacheKafka } from '@ottla-test/apache-kafka'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

/** Kafka's text form of a topic id. */
const TOPIC_ID = /^[\w-]{22}$/

describe.runIf(requires('java', 'maven'))('our admin client on Apache Kafka', () => {
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

  test('creates topics, and says of each what became of it', async () => {
    const topics = [
      { name: 'plain' },
      { name: 'wide', partitions: 12, configs: { 'retention.ms': '3600000' } },
      { name: 'too many copies', replicationFactor: 3 },
    ]
    const [plain, wide, refused] = await admin.createTopics(topics)
    expect(plain).toMatchObject({ name: 'plain', partitions: 1, replicationFactor: 1 })
    expect(wide).toMatchObject({ name: 'wide', partitions: 12, replicationFactor: 1 })
    expect(plain?.topicId).toMatch(TOPIC_ID)
    expect(refused?.error).toMatchObject({ code: 'OTTLA_BROKER_INVALID_TOPIC_EXCEPTION' })
    const [again] = await admin.createTopics([{ name: 'plain' }])
    expect(again?.error).toMatchObject({ code: 'OTTLA_BROKER_TOPIC_ALREADY_EXISTS' })
  })

  test('only validates when asked to', async () => {
    orThrow(await admin.createTopics([{ name: 'imagined' }], { validateOnly: true }))
    expect((await admin.listTopics()).map(({ name }) => name)).not.toContain('imagined')
  })

  test("lists them as Kafka's own tool does", async () => {
    const { stdout } = await kafka.tool('topics', ['--list'])
    const names = (await admin.listTopics({ includeInternal: true })).map(({ name }) => name)
    expect(names).toEqual(stdout.trim().split('\n').sort())
  })

  test('describes them', async () => {
    const [wide, missing] = await admin.describeTopics(['wide', 'missing'])
    expect(wide?.partitions.map(({ partition }) => partition)).toEqual(
      Array.from({ length: 12 }, (_, index) => index),
    )
    for (const partition of wide?.partitions ?? []) {
      expect(partition).toMatchObject({ leader: 1, replicas: [1], isr: [1], offlineReplicas: [] })
    }
    expect(missing?.error).toMatchObject({ code: 'OTTLA_BROKER_UNKNOWN_TOPIC_OR_PARTITION' })
  })

  test('describes the cluster', async () => {
    const { brokers, clusterId } = await admin.describeCluster()
    const [host, port] = kafka.bootstrapServers.split(':')
    expect(brokers).toEqual([expect.objectContaining({ node: 1, host, port: Number(port) })])
    expect(clusterId).toMatch(TOPIC_ID)
  })

  test('describes configurations', async () => {
    const [found] = await admin.describeConfigs([{ type: 'topic', name: 'wide' }])
    const retention = found?.configs.find(({ name }) => name === 'retention.ms')
    expect(retention).toMatchObject({ value: '3600000' })
  })

  test("lists offsets as Kafka's own tool does", async () => {
    const producer = new Producer({ bootstrapServers: kafka.bootstrapServers })
    try {
      await producer.send(
        Array.from({ length: 100 }, (_, index) => ({
          topic: 'wide',
          key: `${index}`,
          value: 'x',
        })),
      )
    } finally {
      await producer.close()
    }
    const { stdout } = await kafka.tool('get-offsets', ['--topic', 'wide'])
    const ends = await admin.listOffsets(
      Array.from({ length: 12 }, (_, partition) => ({ topic: 'wide', partition, at: 'latest' })),
    )
    const lines = ends.map(({ topic, partition, offset }) => `${topic}:${partition}:${offset}`)
    expect(lines.sort()).toEqual(stdout.trim().split('\n').sort())
  })

  test('deletes topics by name and by id', async () => {
    const [plain] = await admin.describeTopics(['plain'])
    const results = await admin.deleteTopics(['wide', { topicId: plain?.topicId ?? '' }, 'missing'])
    const errors = results.map(({ error }) => error?.code)
    expect(errors).toEqual([undefined, undefined, 'OTTLA_BROKER_UNKNOWN_TOPIC_OR_PARTITION'])
    expect(await admin.listTopics()).toEqual([])
  })
})
