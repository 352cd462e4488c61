import { memoryStorage } from '@ottla/log'
import {
  CreateTopics,
  DescribeConfigs,
  ErrorCode,
  IncrementalAlterConfigs,
  ListConfigResources,
  Produce,
} from '@ottla/protocol'
import { afterEach, expect, it } from 'vitest'
import type { Broker } from '../broker.js'
import { configOperations } from '../controller/config-changes.js'
import { configResources } from '../image/image.js'
import { startBroker } from '../start-broker.js'
import { batchOf, RawClient } from '../testing/raw-client.js'

const topic = 'small'
const storage = memoryStorage()
let broker: Broker | undefined
let client: RawClient | undefined

const start = async (): Promise<RawClient> => {
  broker = await startBroker({ storage })
  client = await RawClient.connect(broker)
  return client
}
const stop = async (): Promise<void> => {
  client?.close()
  await broker?.close()
}
afterEach(stop)

const set = (resourceType: number, resourceName: string, name: string, value: string) => ({
  resources: [
    {
      resourceType,
      resourceName,
      configs: [{ name, configOperation: configOperations.set, value }],
    },
  ],
  validateOnly: false,
})

const configOf = async (
  asked: RawClient,
  name: string,
  { resourceType, resourceName } = {
    resourceType: configResources.topic as number,
    resourceName: topic,
  },
): Promise<string | null | undefined> => {
  const resources = [{ resourceType, resourceName, configurationKeys: [name] }]
  const request = { resources, includeSynonyms: false, includeDocumentation: false }
  const { results } = await asked.request(DescribeConfigs, 4, request)
  return results[0]?.configs[0]?.value
}

it('changes what topics do at once, and what a restart finds', async () => {
  const before = await start()
  const numbers = { numPartitions: 1, replicationFactor: 1, assignments: [], configs: [] }
  await before.request(CreateTopics, 7, { topics: [{ name: topic, ...numbers }] })
  const produce = async (asked: RawClient): Promise<number | undefined> => {
    const partitionData = [{ index: 0, records: batchOf('x'.repeat(500)) }]
    const body = { acks: -1, timeoutMs: 1000, topicData: [{ name: topic, partitionData }] }
    const { responses } = await asked.request(Produce, 9, body)
    return responses[0]?.partitionResponses[0]?.errorCode
  }
  expect(await produce(before)).toBe(ErrorCode.NONE)

  // A default of all brokers reaches a log that is open already; the topic's own value is stronger.
  const forAll = set(configResources.broker, '', 'message.max.bytes', '100')
  expect((await before.request(IncrementalAlterConfigs, 1, forAll)).responses[0]).toMatchObject({
    errorCode: ErrorCode.NONE,
  })
  expect(await produce(before)).toBe(ErrorCode.MESSAGE_TOO_LARGE)
  const own = set(configResources.topic, topic, 'max.message.bytes', '2000')
  await before.request(IncrementalAlterConfigs, 1, own)
  expect(await produce(before)).toBe(ErrorCode.NONE)
  const forOne = set(configResources.broker, '1', 'log.retention.ms', '12345')
  await before.request(IncrementalAlterConfigs, 1, forOne)
  await stop()

  const after = await start()
  expect(await configOf(after, 'max.message.bytes')).toBe('2000')
  expect(await configOf(after, 'retention.ms')).toBe('12345')
})

it('keeps configs of groups and of client metrics over a restart, and a reset forgets them', async () => {
  const group = { resourceType: configResources.group, resourceName: 'a:group' }
  const session = 'consumer.session.timeout.ms'
  const metrics = { resourceType: configResources.clientMetrics, resourceName: 'slow' }
  const before = await start()
  for (const [{ resourceType, resourceName }, name, value] of [
    [group, session, '50000'],
    [metrics, 'interval.ms', '6000'],
  ] as const) {
    const changed = set(resourceType, resourceName, name, value)
    const { responses } = await before.request(IncrementalAlterConfigs, 1, changed)
    expect(responses).toMatchObject([{ errorCode: ErrorCode.NONE }])
  }
  // A broker's default is seen by groups that have no value of their own.
  const forAll = set(configResources.broker, '', 'group.share.assignment.interval.ms', '7')
  await before.request(IncrementalAlterConfigs, 1, forAll)
  await stop()

  const after = await start()
  expect(await configOf(after, session, group)).toBe('50000')
  expect(await configOf(after, 'share.assignment.interval.ms', group)).toBe('7')
  expect(await configOf(after, 'interval.ms', metrics)).toBe('6000')
  const listed = async () => {
    const types = [configResources.group, configResources.clientMetrics]
    return (await after.request(ListConfigResources, 1, { resourceTypes: types })).configResources
  }
  expect(await listed()).toEqual([metrics, group])
  await broker?.reset()
  expect(await listed()).toEqual([])
  expect(await configOf(after, 'share.assignment.interval.ms', group)).toBe('1000')
})
