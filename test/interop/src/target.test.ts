import { Producer } from '@ottla/producer'
import {
  createTopic,
  type KafkaTarget,
  listenerOf,
  startTarget,
  userOf,
} from '@ottla-test/apache-kafka'
import { afterAll, beforeAll, expect, test } from 'vitest'

const TOPIC = 'secured'

let target: KafkaTarget

beforeAll(async () => {
  target = await startTarget('ottla', { profile: ['security', 'short-retention', 'quotas'] })
  await createTopic(target.bootstrapServers, TOPIC, 1)
})
afterAll(() => target?.remove())

test('our broker says what it provides', () => {
  expect(target.provides).toEqual([
    'auto-create-topics',
    'restart',
    'tls',
    'client-certificates',
    'sasl-plain',
    'sasl-scram',
    'sasl-oauthbearer',
    're-authentication',
    'short-retention',
    'short-compaction',
    'quotas',
  ])
})

test.each(['PLAINTEXT', 'SSL', 'MUTUAL', 'SASL_PLAINTEXT', 'SASL_SSL', 'RENEWAL'])(
  'our broker serves on %s',
  async (name) => {
    const { bootstrapServers, protocol, mechanisms } = listenerOf(target, name)
    const mechanism = mechanisms.includes('SCRAM-SHA-256') ? 'SCRAM-SHA-256' : 'PLAIN'
    const { username, password } = userOf(target, 'trucks')
    const producer = new Producer({
      bootstrapServers,
      ...(protocol.endsWith('SSL') ? { tls: { ...target.certificates } } : {}),
      ...(protocol.startsWith('SASL') ? { sasl: { mechanism, username, password } } : {}),
    })
    expect(await producer.send({ topic: TOPIC, value: name })).toMatchObject({ partition: 0 })
    await producer.close()
  },
)
