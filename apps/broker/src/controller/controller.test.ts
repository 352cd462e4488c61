import { memoryStorage, openLog } from '@ottla/log'
import { createVirtualClock, seededRandom } from '@ottla/network/simulation'
import { BrokerError, ErrorCode } from '@ottla/protocol'
import { describe, expect, it } from 'vitest'
import { BrokerConfig } from '../config/broker-config.js'
import { bootstrapFeatures } from '../features.js'
import type { ImageChanges } from '../image/delta.js'
import type { Storage } from '../platform.js'
import { featuresOf } from '../releases.js'
import { metadataDirectory } from '../storage/metadata-directory.js'
import { Controller } from './controller.js'
import type { NewTopic } from './create-topics.js'
import { MetadataLog } from './metadata-log.js'

const newTopic = (name: string, more: Partial<NewTopic> = {}): NewTopic => ({
  name,
  numPartitions: -1,
  replicationFactor: -1,
  assignments: [],
  configs: [],
  ...more,
})

const start = async (storage: Storage, seed = 1): Promise<Controller> => {
  const clock = createVirtualClock()
  const log = new MetadataLog(
    openLog({ storage, directory: metadataDirectory, nowMs: clock.now() }),
  )
  const controller = new Controller({
    nodeId: 1,
    log,
    lastEpoch: 0,
    config: new BrokerConfig({ 'num.partitions': '3' }),
    clock,
    random: seededRandom(seed),
    directoryId: '11111111-1111-4111-8111-111111111111',
  })
  await controller.bootstrap(bootstrapFeatures(features))
  return controller
}

const features = featuresOf('4.4')

const register = (controller: Controller): Promise<number> =>
  controller.registerBroker({
    brokerId: 1,
    incarnationId: '22222222-2222-4222-8222-222222222222',
    endPoints: [{ name: 'PLAINTEXT', host: 'localhost', port: 9092, securityProtocol: 0 }],
    features,
    rack: null,
  })

const refused = async (
  controller: Controller,
  topic: NewTopic,
): Promise<[number, string | undefined]> => {
  const [result] = await controller.createTopics([topic])
  if (!(result instanceof BrokerError)) throw new Error('the topic was created')
  return [result.errorCode, result.text]
}

describe('Controller', () => {
  it('replays into the image it had, plus one election per partition', async () => {
    const storage = memoryStorage()
    const first = await start(storage)
    await register(first)
    const configs = [{ name: 'retention.ms', value: '1000' }]
    await first.createTopics([newTopic('a', { configs }), newTopic('b', { numPartitions: 2 })])
    await first.deleteTopics([first.image.topicsByName.get('b')?.topicId ?? ''])
    await first.allocateProducerIds(1, 0)
    const before = first.image
    first.close()

    const second = await start(storage, 2)
    expect(second.epoch).toBe(2)
    const { topicsByName, configs: replayed, features, nextProducerId } = second.image
    expect(topicsByName).toEqual(before.topicsByName)
    expect(replayed).toEqual(before.configs)
    expect(features).toEqual(bootstrapFeatures(featuresOf('4.4')))
    expect(nextProducerId).toBe(1000)

    await register(second)
    const partitions = second.image.topicsByName.get('a')?.partitions ?? []
    expect(partitions.map(({ leader, leaderEpoch }) => [leader, leaderEpoch])).toEqual([
      [1, 1],
      [1, 1],
      [1, 1],
    ])
  })

  it('never changes an image that someone holds', async () => {
    const controller = await start(memoryStorage())
    await register(controller)
    await controller.createTopics([newTopic('a')])
    const held = controller.image
    await controller.createTopics([newTopic('b')])
    expect([...held.topicsByName.keys()]).toEqual(['a'])
    expect(controller.image.topicsByName.get('a')).toBe(held.topicsByName.get('a'))
  })

  it('tells listeners what changed', async () => {
    const controller = await start(memoryStorage())
    await register(controller)
    const seen: ImageChanges[] = []
    controller.subscribe((_, changes) => seen.push(changes))
    await controller.createTopics([newTopic('a')])
    await controller.deleteTopics([controller.image.topicsByName.get('a')?.topicId ?? ''])
    expect(seen.map((each) => each.createdTopics.map(({ name }) => name))).toEqual([['a'], []])
    expect(seen.map((each) => each.deletedTopics.map(({ name }) => name))).toEqual([[], ['a']])
  })

  it('refuses topics in Kafka’s words', async () => {
    const controller = await start(memoryStorage())
    await register(controller)
    await controller.createTopics([newTopic('a.b')])
    const { INVALID_TOPIC_EXCEPTION, TOPIC_ALREADY_EXISTS, INVALID_PARTITIONS } = ErrorCode
    const { INVALID_REPLICATION_FACTOR, INVALID_CONFIG, INVALID_REPLICA_ASSIGNMENT } = ErrorCode
    expect(await refused(controller, newTopic(''))).toEqual([
      INVALID_TOPIC_EXCEPTION,
      'Topic name is invalid: the empty string is not allowed',
    ])
    expect(await refused(controller, newTopic('a/b'))).toEqual([
      INVALID_TOPIC_EXCEPTION,
      "Topic name is invalid: 'a/b' contains one or more characters other than ASCII alphanumerics, '.', '_' and '-'",
    ])
    expect(await refused(controller, newTopic('a_b'))).toEqual([
      INVALID_TOPIC_EXCEPTION,
      "Topic 'a_b' collides with existing topic: a.b",
    ])
    expect(await refused(controller, newTopic('a.b'))).toEqual([
      TOPIC_ALREADY_EXISTS,
      "Topic 'a.b' already exists.",
    ])
    expect(await refused(controller, newTopic('c', { numPartitions: 0 }))).toEqual([
      INVALID_PARTITIONS,
      'Number of partitions was set to an invalid non-positive value.',
    ])
    expect(await refused(controller, newTopic('c', { replicationFactor: 2 }))).toEqual([
      INVALID_REPLICATION_FACTOR,
      'Unable to replicate the partition 2 time(s): The target replication factor of 2 cannot be reached because only 1 broker(s) are registered or some brokers have all their log directories cordoned.',
    ])
    const configs = [{ name: 'retention.ms', value: 'soon' }]
    expect(await refused(controller, newTopic('c', { configs }))).toEqual([
      INVALID_CONFIG,
      'Invalid value soon for configuration retention.ms: Not a number of type LONG',
    ])
    const assignments = [{ partitionIndex: 1, brokerIds: [1] }]
    expect(await refused(controller, newTopic('c', { assignments }))).toEqual([
      INVALID_REPLICA_ASSIGNMENT,
      'partitions should be a consecutive 0-based integer sequence',
    ])
  })

  it('creates ten thousand partitions at most in one request', async () => {
    const controller = await start(memoryStorage())
    await register(controller)
    const topics = [newTopic('a', { numPartitions: 9_999 }), newTopic('b', { numPartitions: 2 })]
    await expect(controller.createTopics(topics)).rejects.toMatchObject({
      errorCode: ErrorCode.POLICY_VIOLATION,
    })
  })
})
