import { Admin, BrokerError, orThrow } from '@ottla/admin'
import { startBroker } from '@ottla/broker'
import { Consumer } from '@ottla/consumer'
import { Producer } from '@ottla/producer'
import { describe, expect, it, onTestFinished } from 'vitest'

const start = async () => {
  const broker = await startBroker()
  const { bootstrapServers } = broker
  const admin = new Admin({ bootstrapServers })
  onTestFinished(async () => {
    await admin.close()
    await broker.close()
  })
  return { broker, bootstrapServers, admin }
}

describe('admin', () => {
  it('creates, lists, describes and deletes topics, a result per item', async () => {
    const { admin } = await start()
    const created = await admin.createTopics([
      { name: 'one', partitions: 3, replicationFactor: 1 },
      { name: 'two', configs: { 'retention.ms': '3600000' } },
      { name: 'not valid', partitions: 1, replicationFactor: 1 },
      { name: 'too-many-copies', partitions: 1, replicationFactor: 9 },
    ])
    expect(created.map(({ name, error }) => [name, error?.code])).toEqual([
      ['one', undefined],
      ['two', undefined],
      ['not valid', 'OTTLA_BROKER_INVALID_TOPIC_EXCEPTION'],
      ['too-many-copies', 'OTTLA_BROKER_INVALID_REPLICATION_FACTOR'],
    ])
    expect(created[0]).toMatchObject({ partitions: 3, replicationFactor: 1 })
    expect(Object.keys(created[2] ?? {})).toEqual(['name', 'error'])
    expect(created[0]?.topicId).toMatch(/^[\w-]{22}$/)
    const [again] = await admin.createTopics([{ name: 'one' }])
    expect(again?.error).toMatchObject({ code: 'OTTLA_BROKER_TOPIC_ALREADY_EXISTS' })

    const listed = await admin.listTopics()
    expect(listed.map(({ name, partitions }) => [name, partitions])).toEqual([
      ['one', 3],
      ['two', 1],
    ])
    expect(listed[0]?.topicId).toBe(created[0]?.topicId)

    const [one, missing] = await admin.describeTopics(['one', 'missing'])
    expect(one).toMatchObject({ name: 'one', topicId: created[0]?.topicId, isInternal: false })
    expect(one?.partitions.map(({ partition, leader, isr }) => [partition, leader, isr])).toEqual([
      [0, 1, [1]],
      [1, 1, [1]],
      [2, 1, [1]],
    ])
    expect(missing).toMatchObject({ name: 'missing', partitions: [] })
    expect(missing?.error).toMatchObject({
      code: 'OTTLA_BROKER_UNKNOWN_TOPIC_OR_PARTITION',
      retriable: false,
    })

    const deleted = await admin.deleteTopics([
      'one',
      'missing',
      { topicId: created[1]?.topicId ?? '' },
    ])
    expect(deleted.map(({ error }) => error?.code)).toEqual([
      undefined,
      'OTTLA_BROKER_UNKNOWN_TOPIC_OR_PARTITION',
      undefined,
    ])
    expect(await admin.listTopics()).toEqual([])
  })

  it('only checks when told to', async () => {
    const { admin } = await start()
    const topics = [{ name: 't', partitions: 2, replicationFactor: 1 }]
    orThrow(await admin.createTopics(topics, { validateOnly: true }))
    expect(await admin.listTopics()).toEqual([])
  })

  it('describes configurations of topics and brokers', async () => {
    const { admin } = await start()
    const configs = { 'cleanup.policy': 'compact' }
    orThrow(await admin.createTopics([{ name: 't', partitions: 1, replicationFactor: 1, configs }]))
    const [topic, broker, missing] = await admin.describeConfigs(
      [
        { type: 'topic', name: 't', keys: ['cleanup.policy', 'max.message.bytes'] },
        { type: 'broker', name: '1' },
        { type: 'topic', name: 'missing' },
      ],
      { includeSynonyms: true, includeDocumentation: true },
    )
    const byName = new Map(topic?.configs.map((config) => [config.name, config]))
    expect(byName.size).toBe(2)
    expect(byName.get('cleanup.policy')).toMatchObject({
      value: 'compact',
      source: 'dynamic-topic',
      type: 'list',
    })
    expect(byName.get('max.message.bytes')).toMatchObject({ source: 'default', type: 'int' })
    expect(byName.get('cleanup.policy')?.documentation?.length).toBeGreaterThan(10)
    expect(broker?.configs.length).toBeGreaterThan(10)
    expect(missing?.error).toBeInstanceOf(BrokerError)
  })

  it('describes the cluster', async () => {
    const { admin, broker } = await start()
    expect(await admin.describeCluster()).toEqual({
      clusterId: broker.clusterId,
      controllerId: 1,
      brokers: [{ node: 1, host: broker.host, port: broker.port, rack: null }],
    })
  })

  it('lists offsets by place and by timestamp', async () => {
    const { admin, bootstrapServers } = await start()
    orThrow(await admin.createTopics([{ name: 't', partitions: 2, replicationFactor: 1 }]))
    const producer = new Producer({ bootstrapServers })
    for (const timestamp of [1000, 3000, 2000]) {
      await producer.send({ topic: 't', partition: 1, value: 'v', timestamp })
    }
    await producer.close()
    const ends = orThrow(await admin.listOffsets([{ topic: 't' }]))
    expect(ends.map(({ partition, offset }) => [partition, offset])).toEqual([
      [0, 0n],
      [1, 3n],
    ])
    const found = await admin.listOffsets([
      { topic: 't', partition: 1, at: 'earliest' },
      { topic: 't', partition: 1, at: 1500 },
      { topic: 't', partition: 1, at: 'max-timestamp' },
      { topic: 't', partition: 1, at: 9000 },
      { topic: 't', partition: 7 },
    ])
    expect(found.map(({ offset, timestamp }) => [offset, timestamp])).toEqual([
      [0n, -1],
      [1n, 3000],
      [1n, 3000],
      [-1n, -1],
      [-1n, -1],
    ])
    expect(found[4]?.error).toMatchObject({ code: 'OTTLA_BROKER_UNKNOWN_TOPIC_OR_PARTITION' })
  })

  it('lists the offsets of topics that exist beside one that does not', async () => {
    const { admin } = await start()
    orThrow(await admin.createTopics([{ name: 't', partitions: 1, replicationFactor: 1 }]))
    // As long as the default limit: only an answer that comes by itself lets the test end in time.
    const listed = await admin.listOffsets(
      [{ topic: 'absent' }, { topic: 't' }, { topic: 'absent', partition: 2 }],
      { timeoutMs: 60_000 },
    )
    const unknown = 'OTTLA_BROKER_UNKNOWN_TOPIC_OR_PARTITION'
    expect(
      listed.map(({ topic, partition, offset, error }) => [topic, partition, offset, error?.code]),
    ).toEqual([
      ['absent', -1, -1n, unknown],
      ['t', 0, 0n, undefined],
      ['absent', 2, -1n, unknown],
    ])
    expect(listed[0]?.error?.retriable).toBe(false)
  })

  it('tells what to do about records that cannot be deleted', async () => {
    const { admin } = await start()
    orThrow(await admin.createTopics([{ name: 't', partitions: 1, replicationFactor: 1 }]))
    const [deleted] = await admin.deleteRecords([{ topic: 't', partition: 0, before: 9 }])
    expect(deleted?.error?.code).toBe('OTTLA_BROKER_OFFSET_OUT_OF_RANGE')
    expect(deleted?.error?.message).toMatch(/before lies beyond the partition's end/)
    expect(deleted?.error?.message).not.toMatch(/autoOffsetReset/)
  })

  it('tells that members of a group are in the way of altering its offsets', async () => {
    const { admin, bootstrapServers } = await start()
    orThrow(await admin.createTopics([{ name: 't', partitions: 1, replicationFactor: 1 }]))
    const producer = new Producer({ bootstrapServers })
    await producer.send({ topic: 't', value: 'v' })
    await producer.close()
    const consumer = new Consumer({
      bootstrapServers,
      groupId: 'g',
      topics: ['t'],
      autoOffsetReset: 'earliest',
    })
    onTestFinished(() => consumer.close())
    await consumer[Symbol.asyncIterator]().next()
    const [altered] = await admin.alterGroupOffsets('g', [{ topic: 't', partition: 0, offset: 0n }])
    expect(altered?.error?.code).toBe('OTTLA_BROKER_UNKNOWN_MEMBER_ID')
    expect(altered?.error?.message).toMatch(/the group has members.* stop them all/)
  })

  it('refuses what cannot be meant before asking anybody', async () => {
    const admin = new Admin({ bootstrapServers: '127.0.0.1:1' })
    onTestFinished(() => admin.close())
    await expect(admin.createTopics([{ name: '' }])).rejects.toThrow(/non-empty string/)
    await expect(admin.createTopics([{ name: 't', partitions: 0 }])).rejects.toThrow(/1 or more/)
    await expect(admin.listOffsets([{ topic: 't', partition: -1 }])).rejects.toThrow(/from 0 on/)
    expect(() => new Admin({ bootstrapServers: 'a:1', topics: [] } as never)).toThrow(/no option/)
  })

  it.each<[string, (admin: Admin) => Promise<unknown>, string]>([
    [
      'a field of another client',
      (admin) => admin.createTopics([{ name: 't', numPartitions: 6 } as never]),
      'a topic to create has no field numPartitions. Did you mean partitions?',
    ],
    [
      'another word for the name',
      (admin) => admin.createTopics([{ topic: 't' } as never]),
      'a topic to create has no field topic. Did you mean name?',
    ],
    [
      'a field that nothing resembles',
      (admin) => admin.createPartitions([{ name: 't', partitions: 2, colour: 1 } as never]),
      'has no field colour. Known are: name, partitions, assignments.',
    ],
    [
      'a misspelt option',
      (admin) => admin.listTopics({ timeout: 5 } as never),
      'listTopics has no option timeout. Did you mean timeoutMs?',
    ],
    [
      'a number for options',
      (admin) => admin.describeCluster(5 as never),
      'the options of describeCluster are an object, such as { timeoutMs: 5000 }, not 5',
    ],
    [
      'a number in quotes',
      (admin) => admin.createTopics([{ name: 't', partitions: '3' as never }]),
      "partitions must be 1 or more, not '3'",
    ],
    [
      'names instead of topics',
      (admin) => admin.createTopics(['x' as never]),
      "createTopics: what it is about looks like { name: 'trucks', partitions: 6 }, not 'x'",
    ],
    [
      'a name instead of a list',
      (admin) => admin.deleteTopics('x' as never),
      "deleteTopics takes a list, such as ['trucks'], not 'x'",
    ],
    [
      'an object instead of a list',
      (admin) => admin.deleteRecords({} as never),
      "such as [{ topic: 'trucks', partition: 0, before: 'latest' }], not an object",
    ],
    [
      'a name where an id belongs',
      (admin) => admin.deleteTopics([{ name: 'x' } as never]),
      'a topic to delete must be a name or { topicId }',
    ],
  ])('refuses %s and says what was meant', async (_what, operate, message) => {
    const admin = new Admin({ bootstrapServers: '127.0.0.1:1' })
    onTestFinished(() => admin.close())
    const refusal = operate(admin)
    await expect(refusal).rejects.toMatchObject({ code: 'OTTLA_INVALID_ARGUMENT' })
    await expect(refusal).rejects.toThrow(message)
  })

  it('gives up in time when nobody answers, and works no more when closed', async () => {
    const admin = new Admin({ bootstrapServers: '127.0.0.1:1' })
    await expect(admin.listTopics({ timeoutMs: 200 })).rejects.toMatchObject({ retriable: true })
    await expect(admin.createTopics([{ name: 't' }], { timeoutMs: 200 })).rejects.toMatchObject({
      code: 'OTTLA_TIMEOUT',
    })
    await admin.close()
    await expect(admin.listTopics()).rejects.toMatchObject({ code: 'OTTLA_CLOSED' })
  })
})
