import { type Admin, orThrow } from '@ottla/admin'
import { Consumer } from '@ottla/consumer'
import { Producer } from '@ottla/producer'
import { expect, onTestFinished, test } from 'vitest'

/** A running cluster and an admin client of it. */
export interface AdminTarget {
  readonly bootstrapServers: string
  readonly admin: Admin
}

/** The stable code of an item's error, without its prefix; undefined when it went well. */
const codes = (results: readonly { readonly error?: { readonly code: string } | undefined }[]) =>
  results.map(({ error }) => error?.code.replace('OTTLA_BROKER_', ''))

/**
 * Defines tests of what an admin client can do besides topics, to be run on any broker: what they expect is what Apache
 * Kafka 4.4 answers. Each test has topics and groups of its own.
 */
export function adminAbilities(target: () => AdminTarget): void {
  const createTopic = async (name: string, partitions = 1): Promise<void> => {
    orThrow(await target().admin.createTopics([{ name, partitions, replicationFactor: 1 }]))
  }
  const produce = async (topic: string, count: number, partition = 0): Promise<void> => {
    const producer = new Producer({ bootstrapServers: target().bootstrapServers })
    try {
      const records = Array.from({ length: count }, (_, index) => ({ value: `${index}` }))
      await producer.send(records.map((record) => ({ topic, partition, key: 'k', ...record })))
    } finally {
      await producer.close()
    }
  }
  /** A group with one member that has read a record. */
  const joinGroup = async (groupId: string, topic: string): Promise<Consumer> => {
    const { bootstrapServers } = target()
    const options = { bootstrapServers, groupId, topics: [topic], clientId: 'reader' }
    const consumer = new Consumer({ ...options, autoOffsetReset: 'earliest' })
    onTestFinished(() => consumer.close())
    for await (const record of consumer) {
      await consumer.commit(record)
      break
    }
    return consumer
  }

  test('adds partitions', async () => {
    const { admin } = target()
    await createTopic('growing', 2)
    const results = await admin.createPartitions([
      { name: 'growing', partitions: 5 },
      { name: 'missing', partitions: 5 },
    ])
    expect(codes(results)).toEqual([undefined, 'UNKNOWN_TOPIC_OR_PARTITION'])
    // The controller answers before every broker has heard of it.
    const count = async () => (await admin.describeTopics(['growing']))[0]?.partitions.length
    await expect.poll(count, { timeout: 10_000 }).toBe(5)
    const same = await admin.createPartitions([{ name: 'growing', partitions: 5 }])
    expect(codes(same)).toEqual(['INVALID_PARTITIONS'])
    orThrow(
      await admin.createPartitions([{ name: 'growing', partitions: 9 }], { validateOnly: true }),
    )
    expect(await count()).toBe(5)
  })

  test('alters configurations one by one', async () => {
    const { admin } = target()
    await createTopic('tuned')
    const named = { type: 'topic', name: 'tuned' } as const
    const configured = async (key: string) => {
      const [found] = orThrow(await admin.describeConfigs([{ ...named, keys: [key] }]))
      return found?.configs.map(({ value, source }) => [value, source])
    }
    orThrow(
      await admin.alterConfigs([
        { ...named, set: { 'retention.ms': '1234' }, append: { 'cleanup.policy': 'compact' } },
      ]),
    )
    await expect.poll(() => configured('retention.ms')).toEqual([['1234', 'dynamic-topic']])
    await expect
      .poll(() => configured('cleanup.policy'))
      .toEqual([['delete,compact', 'dynamic-topic']])
    orThrow(
      await admin.alterConfigs([
        { ...named, delete: ['retention.ms'], subtract: { 'cleanup.policy': 'delete' } },
      ]),
    )
    await expect.poll(() => configured('retention.ms')).toEqual([['604800000', 'default']])
    await expect.poll(() => configured('cleanup.policy')).toEqual([['compact', 'dynamic-topic']])

    const refused = await admin.alterConfigs([
      { ...named, set: { 'retention.ms': 'soon' } },
      { type: 'topic', name: 'missing', set: { 'retention.ms': '1' } },
    ])
    expect(codes(refused)).toEqual(['INVALID_CONFIG', 'UNKNOWN_TOPIC_OR_PARTITION'])
    const only = { validateOnly: true }
    orThrow(await admin.alterConfigs([{ ...named, set: { 'retention.ms': '7' } }], only))
    await expect.poll(() => configured('retention.ms')).toEqual([['604800000', 'default']])
  })

  test('deletes records', async () => {
    const { admin } = target()
    await createTopic('shortened', 2)
    await produce('shortened', 10)
    const results = await admin.deleteRecords([
      { topic: 'shortened', partition: 0, before: 4n },
      { topic: 'shortened', partition: 1, before: 4 },
      { topic: 'shortened', partition: 2, before: 'latest' },
      { topic: 'missing', partition: 0, before: 'latest' },
    ])
    expect(codes(results)).toEqual([
      undefined,
      'OFFSET_OUT_OF_RANGE',
      'UNKNOWN_TOPIC_OR_PARTITION',
      'UNKNOWN_TOPIC_OR_PARTITION',
    ])
    expect(results[0]?.lowWatermark).toBe(4n)
    const [first] = await admin.listOffsets([{ topic: 'shortened', partition: 0, at: 'earliest' }])
    expect(first?.offset).toBe(4n)
    const [all] = orThrow(
      await admin.deleteRecords([{ topic: 'shortened', partition: 0, before: 'latest' }]),
    )
    expect(all?.lowWatermark).toBe(10n)
  })

  test('lists, describes and deletes groups', async () => {
    const { admin } = target()
    await createTopic('grouped', 3)
    await produce('grouped', 1)
    const consumer = await joinGroup('readers', 'grouped')

    const listed = await admin.listGroups({ states: ['Stable'], types: ['classic'] })
    const group = { groupId: 'readers', protocolType: 'consumer', state: 'Stable', type: 'classic' }
    expect(listed).toContainEqual(group)
    const empty = await admin.listGroups({ states: ['Empty'] })
    expect(empty.map(({ groupId }) => groupId)).not.toContain('readers')

    const [readers, missing] = await admin.describeGroups(['readers', 'missing'])
    expect(readers).toMatchObject({ ...group, assignor: 'range', coordinator: 1 })
    const member = { clientId: 'reader', groupInstanceId: null, subscribedTopics: ['grouped'] }
    const assignment = [{ topic: 'grouped', partitions: [0, 1, 2] }]
    expect(readers?.members).toMatchObject([{ ...member, assignment }])
    expect(codes([missing ?? {}])).toEqual(['GROUP_ID_NOT_FOUND'])

    const refused = await admin.deleteGroups(['readers', 'missing'])
    expect(codes(refused)).toEqual(['NON_EMPTY_GROUP', 'GROUP_ID_NOT_FOUND'])
    await consumer.close()
    const [left] = await admin.describeGroups(['readers'])
    expect(left).toMatchObject({ state: 'Empty', members: [] })
    orThrow(await admin.deleteGroups(['readers']))
    expect(codes(await admin.describeGroups(['readers']))).toEqual(['GROUP_ID_NOT_FOUND'])
  })

  test('lists, alters and deletes the offsets of a group', async () => {
    const { admin } = target()
    await createTopic('tracked', 2)
    await produce('tracked', 1)
    const one = { topic: 'tracked', partition: 0 }
    const other = { topic: 'tracked', partition: 1 }
    const consumer = await joinGroup('trackers', 'tracked')
    const live = await admin.alterGroupOffsets('trackers', [{ ...one, offset: 0n }])
    expect(codes(live)).toEqual(['UNKNOWN_MEMBER_ID'])
    const held = await admin.deleteGroupOffsets('trackers', [one])
    expect(codes(held)).toEqual(['GROUP_SUBSCRIBED_TO_TOPIC'])
    await consumer.close()

    const altered = await admin.alterGroupOffsets('trackers', [
      { ...other, offset: 7n, metadata: 'here' },
      { topic: 'missing', partition: 0, offset: 0 },
    ])
    expect(codes(altered)).toEqual([undefined, 'UNKNOWN_TOPIC_OR_PARTITION'])
    const partitions = [other, { topic: 'tracked', partition: 9 }]
    const [all, some, none] = orThrow(
      await admin.listGroupOffsets(['trackers', { groupId: 'trackers', partitions }, 'missing']),
    )
    expect(all?.offsets).toMatchObject([
      { ...one, offset: 1n },
      { ...other, offset: 7n, metadata: 'here' },
    ])
    expect(some?.offsets).toMatchObject([{ offset: 7n }, { partition: 9, offset: -1n }])
    expect(none?.offsets).toEqual([])

    orThrow(await admin.deleteGroupOffsets('trackers', [one]))
    const [rest] = orThrow(await admin.listGroupOffsets(['trackers']))
    expect(rest?.offsets.map(({ partition }) => partition)).toEqual([1])
    const unknown = await admin.deleteGroupOffsets('missing', [one])
    expect(codes(unknown)).toEqual(['GROUP_ID_NOT_FOUND'])
  })

  test('commits offsets for a group that does not exist yet', async () => {
    const { admin } = target()
    await createTopic('prepared')
    const offsets = [{ topic: 'prepared', partition: 0, offset: 3 }]
    orThrow(await admin.alterGroupOffsets('prepared-group', offsets))
    const [group] = orThrow(await admin.listGroupOffsets(['prepared-group']))
    expect(group?.offsets).toMatchObject([{ topic: 'prepared', partition: 0, offset: 3n }])
  })

  test('removes members of a group', async () => {
    const { admin } = target()
    await createTopic('crowded')
    await produce('crowded', 1)
    await joinGroup('crowd', 'crowded')
    const members = [{ memberId: 'nobody' }, { groupInstanceId: 'nobody' }]
    const unknown = await admin.removeGroupMembers('crowd', { members })
    expect(codes(unknown)).toEqual(['UNKNOWN_MEMBER_ID', 'UNKNOWN_MEMBER_ID'])
    const [described] = await admin.describeGroups(['crowd'])
    const removed = orThrow(await admin.removeGroupMembers('crowd'))
    expect(removed.map(({ memberId }) => memberId)).toEqual(
      described?.members.map(({ memberId }) => memberId),
    )
  })

  test('describes log directories', async () => {
    const { admin } = target()
    await createTopic('stored', 2)
    await produce('stored', 10, 1)
    const [broker] = orThrow(await admin.describeLogDirs({ topics: ['stored'] }))
    expect(broker?.node).toBe(1)
    const replicas = broker?.logDirs.flatMap(({ replicas }) => replicas) ?? []
    const sizes = new Map(replicas.map(({ partition, sizeBytes }) => [partition, sizeBytes]))
    expect(sizes.get(0)).toBe(0n)
    expect(sizes.get(1)).toBeGreaterThan(0n)
    expect(replicas.every(({ isFuture, offsetLag }) => !isFuture && offsetLag === 0n)).toBe(true)
  })

  test('describes producers', async () => {
    const { admin } = target()
    await createTopic('written', 2)
    await produce('written', 10, 1)
    const [none, one, missing] = await admin.describeProducers([
      { topic: 'written', partition: 0 },
      { topic: 'written', partition: 1 },
      { topic: 'missing', partition: 0 },
    ])
    expect(none).toEqual({ topic: 'written', partition: 0, producers: [] })
    expect(one?.producers).toMatchObject([
      { producerEpoch: 0, lastSequence: 9, coordinatorEpoch: -1 },
    ])
    expect(codes([missing ?? {}])).toEqual(['UNKNOWN_TOPIC_OR_PARTITION'])
  })

  test('sets, describes and deletes SCRAM credentials', async () => {
    const { admin } = target()
    const mechanism = 'SCRAM-SHA-256'
    const altered = await admin.alterUserScramCredentials([
      { user: 'anna', mechanism, password: 'secret', iterations: 8192 },
      { user: 'nobody', mechanism: 'SCRAM-SHA-512', delete: true },
    ])
    expect(codes(altered)).toEqual([undefined, 'RESOURCE_NOT_FOUND'])
    const credentials = [{ mechanism, iterations: 8192 }]
    const users = () => admin.describeUserScramCredentials()
    await expect.poll(users).toContainEqual({ user: 'anna', credentials })
    const [anna, nobody] = await admin.describeUserScramCredentials(['anna', 'nobody'])
    expect(anna?.credentials).toEqual(credentials)
    expect(codes([nobody ?? {}])).toEqual(['RESOURCE_NOT_FOUND'])
    orThrow(await admin.alterUserScramCredentials([{ user: 'anna', mechanism, delete: true }]))
    const gone = async () => codes(await admin.describeUserScramCredentials(['anna']))
    await expect.poll(gone).toEqual(['RESOURCE_NOT_FOUND'])
  })

  test('describes the features of the cluster', async () => {
    const { finalized, supported } = await target().admin.describeFeatures()
    expect(finalized['metadata.version']).toBeGreaterThan(0)
    expect(supported['metadata.version']?.max).toBeGreaterThanOrEqual(
      finalized['metadata.version'] ?? Infinity,
    )
  })
}

/** Defines the test of what brokers before 4.1 do not know (KIP-1142). */
export function listsConfigResources(target: () => AdminTarget): void {
  test('lists the resources that have configurations', async () => {
    const { admin } = target()
    const name = 'has-configs'
    orThrow(await admin.createTopics([{ name, partitions: 1, replicationFactor: 1 }]))
    const topics = () => admin.listConfigResources({ types: ['topic'] })
    await expect.poll(topics).toContainEqual({ type: 'topic', name })
  })
}
