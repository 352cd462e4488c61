import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  javaProduce,
  type KafkaTarget,
  type KafkaTool,
  requires,
  runConfigs,
  runTool,
} from '@ottla-test/apache-kafka'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startTarget } from './target.js'

const TOPIC = 'orders'
const GROUP = 'billing'

describe.runIf(requires('java', 'maven'))('Kafka’s command-line tools', () => {
  let target: KafkaTarget
  let folder: string
  const tool = async (name: KafkaTool, ...args: string[]): Promise<string> =>
    (await runTool(name, target.bootstrapServers, args)).stdout
  const configs = async (...args: string[]): Promise<string> =>
    (await runConfigs(target.bootstrapServers, args)).stdout
  const groups = (...args: string[]): Promise<string> => tool('consumer-groups', ...args)
  /** Committed offsets by partition, as kafka-consumer-groups shows them. */
  const committed = async (): Promise<Record<string, string>> => {
    const lines = (await groups('--describe', '--group', GROUP)).split('\n')
    const rows = lines.map((line) => line.split(/\s+/)).filter(([group]) => group === GROUP)
    return Object.fromEntries(rows.map(([, , partition = '', offset = '']) => [partition, offset]))
  }

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'ottla-admin-tools-'))
    target = await startTarget()
  })
  afterAll(async () => {
    await target?.remove()
    await rm(folder, { recursive: true, force: true })
  })

  test('kafka-topics creates, alters and describes', async () => {
    const settings = ['--partitions', '2', '--config', 'retention.ms=3600000']
    await tool('topics', '--create', '--topic', TOPIC, ...settings)
    await tool('topics', '--alter', '--topic', TOPIC, '--partitions', '3')
    const described = await tool('topics', '--describe', '--topic', TOPIC)
    expect(described).toMatch(/PartitionCount: 3\s+ReplicationFactor: 1/)
    expect(described).toMatch(/Configs: .*retention\.ms=3600000/)
    expect(described.match(/Leader: 1\s/g)).toHaveLength(3)
    await expect(tool('topics', '--create', '--topic', TOPIC)).rejects.toThrow(/already exists/)
  })

  test('kafka-configs sets, describes and deletes configs of a topic', async () => {
    const entity = ['--entity-type', 'topics', '--entity-name', TOPIC]
    await configs('--alter', ...entity, '--add-config', 'retention.ms=7000,segment.bytes=2000000')
    const described = await configs('--describe', ...entity)
    expect(described).toMatch(/retention\.ms=7000 .*DYNAMIC_TOPIC_CONFIG:retention\.ms=7000/)
    expect(described).toMatch(
      /segment\.bytes=2000000 .*DEFAULT_CONFIG:log\.segment\.bytes=1073741824/,
    )
    await configs('--alter', ...entity, '--delete-config', 'retention.ms,segment.bytes')
    expect(await configs('--describe', ...entity)).not.toContain('retention.ms')
    const bad = configs('--alter', ...entity, '--add-config', 'retention.ms=soon')
    await expect(bad).rejects.toThrow(/Not a number of type LONG/)
  })

  test('kafka-configs sets, describes and deletes quotas of users', async () => {
    const user = ['--entity-type', 'users', '--entity-name', 'alice']
    const rates = 'producer_byte_rate=1048576,consumer_byte_rate=2097152'
    await configs('--alter', ...user, '--add-config', rates)
    await configs('--alter', '--entity-type', 'users', '--entity-default', '--add-config', rates)
    const described = await configs('--describe', '--entity-type', 'users')
    expect(described).toMatch(/user-principal 'alice' are .*producer_byte_rate=1048576/)
    expect(described).toMatch(/default user-principal are .*consumer_byte_rate=2097152/)
    await configs('--alter', ...user, '--delete-config', 'producer_byte_rate')
    expect(await configs('--describe', ...user)).not.toContain('producer_byte_rate')
    const wrong = ['--add-config', 'producer_byte_rate=-1']
    await expect(configs('--alter', ...user, ...wrong)).rejects.toThrow(/greater than 0/)
    await configs('--alter', ...user, '--delete-config', 'consumer_byte_rate')
    const everybody = ['--entity-type', 'users', '--entity-default']
    await configs('--alter', ...everybody, '--delete-config', rates.replaceAll(/=\d+/g, ''))
  })

  test('kafka-configs changes brokers at run time, and is refused what is read-only', async () => {
    const all = ['--entity-type', 'brokers', '--entity-default']
    const one = ['--entity-type', 'brokers', '--entity-name', '1']
    await configs('--alter', ...all, '--add-config', 'log.retention.ms=200000')
    await configs('--alter', ...one, '--add-config', 'log.retention.ms=100000')
    const described = await configs('--describe', ...one)
    expect(described).toMatch(
      /log\.retention\.ms=100000 .*DYNAMIC_BROKER_CONFIG:log\.retention\.ms=100000/,
    )
    expect(described).toContain('DYNAMIC_DEFAULT_BROKER_CONFIG:log.retention.ms=200000')
    expect(await configs('--describe', ...all)).toContain('log.retention.ms=200000')
    await configs('--alter', ...one, '--delete-config', 'log.retention.ms')
    await configs('--alter', ...all, '--delete-config', 'log.retention.ms')
    const readOnly = configs('--alter', ...one, '--add-config', 'num.partitions=7')
    await expect(readOnly).rejects.toThrow(/Cannot update these configs dynamically/)
  })

  test('kafka-client-metrics sets, describes, lists and deletes a subscription', async () => {
    const subscription = ['--name', 'slow']
    const settings = ['--metrics', 'org.apache.kafka.', '--interval', '5000']
    const match = ['--match', 'client_id=app-.*']
    await tool('client-metrics', '--alter', ...subscription, ...settings, ...match)
    const described = await tool('client-metrics', '--describe', ...subscription)
    expect(described).toMatch(/interval\.ms=5000/)
    expect(described).toMatch(/match=client_id=app-\.\*/)
    expect(await tool('client-metrics', '--list')).toContain('slow')
    await tool('client-metrics', '--delete', ...subscription)
    expect(await tool('client-metrics', '--list')).not.toContain('slow')
  })

  test('kafka-get-offsets and kafka-delete-records agree on where a partition begins', async () => {
    const records = Array.from({ length: 60 }, (_, index): [string, string] => [`k${index}`, 'v'])
    await javaProduce(target.bootstrapServers, TOPIC, records, 'none')
    const ends = await tool('get-offsets', '--topic', TOPIC)
    const [, end = '0'] = /orders:0:(\d+)/.exec(ends) ?? []
    expect(Number(end)).toBeGreaterThan(5)
    const file = { version: 1, partitions: [{ topic: TOPIC, partition: 0, offset: 5 }] }
    const path = join(folder, 'offsets.json')
    await writeFile(path, JSON.stringify(file))
    const deleted = await tool('delete-records', '--offset-json-file', path)
    expect(deleted).toMatch(/orders-0\s+low_watermark: 5/)
    expect(await tool('get-offsets', '--topic', TOPIC, '--time', '-2')).toContain('orders:0:5')
  })

  test('kafka-consumer-groups resets, describes, lists and deletes', async () => {
    const reset = ['--reset-offsets', '--group', GROUP, '--topic', TOPIC, '--execute']
    await groups(...reset, '--to-earliest')
    expect(await committed()).toEqual({ 0: '5', 1: '0', 2: '0' })
    await groups(...reset, '--shift-by', '2')
    expect(await committed()).toEqual({ 0: '7', 1: '2', 2: '2' })
    await groups(...reset, '--by-duration', 'PT1H')
    expect(await committed()).toEqual({ 0: '5', 1: '0', 2: '0' })
    expect(await groups('--list', '--state')).toMatch(/billing\s+Empty/)
    expect(await groups('--describe', '--group', GROUP, '--state')).toMatch(/billing.*Empty\s+0/)
    await groups('--delete-offsets', '--group', GROUP, '--topic', `${TOPIC}:1`)
    expect(await committed()).toEqual({ 0: '5', 2: '0' })
    expect(await groups('--delete', '--group', GROUP)).toContain('was successful')
    expect(await groups('--list')).not.toContain(GROUP)
  })

  test('kafka-log-dirs, kafka-leader-election and kafka-metadata-quorum find their way', async () => {
    const dirs = await tool('log-dirs', '--describe', '--topic-list', TOPIC)
    expect(dirs).toMatch(/"partition":"orders-0","size":[1-9]\d*,"offsetLag":0,"isFuture":false/)
    const options = ['--election-type', 'preferred', '--topic', TOPIC, '--partition', '0']
    expect(await tool('leader-election', ...options)).toContain('Valid replica already elected')
    const quorum = await tool('metadata-quorum', 'describe', '--status')
    expect(quorum).toMatch(/LeaderId:\s+1\b/)
    expect(quorum).toMatch(/CurrentVoters:\s+.*PLAINTEXT:\/\//)
  })

  test('kafka-topics deletes', async () => {
    await tool('topics', '--delete', '--topic', TOPIC)
    expect((await tool('topics', '--list')).split('\n')).not.toContain(TOPIC)
  })
})
