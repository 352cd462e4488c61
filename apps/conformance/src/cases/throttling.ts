import {
  AlterClientQuotas,
  CreatePartitions,
  CreateTopics,
  DeleteTopics,
  ErrorCode,
  encodeRecordBatch,
  Fetch,
  Metadata,
  Produce,
  ZERO_UUID,
} from '@ottla/protocol'
import { atLeast, between, nonEmpty } from '../match/index.js'
import { type Rule, rule } from '../rules/rule.js'
import type { RuleContext } from '../rules/rule-context.js'
import {
  createLog,
  createTopic,
  deleteTopic,
  fetchRequest,
  newest,
  produce,
  produceRequest,
  type Topic,
  values,
} from '../steps/index.js'

const KIP_13 = 'KIP-13: Quota Design'
const KIP_124 = 'KIP-124: Request rate quotas'
const KIP_219 = 'KIP-219: Improve quota communication'
const KIP_599 = 'KIP-599: Throttle Create Topic, Create Partition and Delete Topic Operations'

const THROTTLED = {
  source: KIP_219,
  topic: 'quotas',
  needs: ['quotas'],
} as const satisfies Partial<Rule>

/** A client id of its own, with a quota that holds; it is removed at the end of the rule. */
async function limited(t: RuleContext, key: string, value: number): Promise<string> {
  const name = t.name('client')
  const set = (remove: boolean) =>
    t.client.ask(
      AlterClientQuotas,
      {
        entries: [
          {
            entity: [{ entityType: 'client-id', entityName: name }],
            ops: [{ key, value, remove }],
          },
        ],
        validateOnly: false,
      },
      newest(t, AlterClientQuotas),
    )
  const { entries } = await set(false)
  t.equal(entries[0]?.errorCode, ErrorCode.NONE, 'error of AlterClientQuotas')
  t.cleanUp(() => set(true))
  return name
}

const batch = encodeRecordBatch({ records: values('x'.repeat(20_000)) })

/** Sends a batch as a client that has a quota until the answer is throttled: brokers hear of quotas a little later. */
async function untilThrottled(t: RuleContext, topic: Topic, clientId: string) {
  const { address } = await t.leader(topic.name)
  const client = await t.connect({ address })
  const answer = await t.until('a throttled answer', async () => {
    const found = await client.ask(Produce, produceRequest(topic, batch), { clientId })
    return found.throttleTimeMs > 0 && found
  })
  return { client, answer }
}

/** Rules of byte rates. */
const byteRates: readonly Rule[] = [
  rule({
    ...THROTTLED,
    id: 'produce.throttled',
    says: 'A producer above its byte rate has its batch written, and is told for how long it is throttled.',
    apis: [Produce, AlterClientQuotas],
    versions: { min: 1 },
    run: async (t) => {
      const topic = await createLog(t)
      const clientId = await limited(t, 'producer_byte_rate', 10_000)
      const { answer } = await untilThrottled(t, topic, clientId)
      t.expect(answer, {
        responses: [
          { partitionResponses: [{ errorCode: ErrorCode.NONE, baseOffset: atLeast(0n) }] },
        ],
        throttleTimeMs: atLeast(1),
      })
    },
  }),
  rule({
    ...THROTTLED,
    id: 'produce.throttled-is-muted',
    says: 'The answer comes at once, and the next request of the connection only when the time is over.',
    apis: [Produce, AlterClientQuotas],
    versions: 'newest',
    run: async (t) => {
      const topic = await createLog(t)
      const clientId = await limited(t, 'producer_byte_rate', 10_000)
      const { client, answer } = await untilThrottled(t, topic, clientId)
      const begun = t.now()
      const request = { topics: [], allowAutoTopicCreation: false }
      await client.ask(Metadata, request, { ...newest(t, Metadata), clientId })
      const waited = t.now() - begun
      // Clocks of two processes: a little earlier is no fault.
      t.expect(answer, { throttleTimeMs: between(1, Math.ceil((waited + 20) / 0.8)) })
    },
  }),
  rule({
    ...THROTTLED,
    id: 'produce.throttled-alone',
    says: 'Who has another client id is not throttled.',
    apis: [Produce, AlterClientQuotas],
    versions: 'newest',
    run: async (t) => {
      const topic = await createLog(t)
      const clientId = await limited(t, 'producer_byte_rate', 10_000)
      await untilThrottled(t, topic, clientId)
      const leader = await t.leader(topic.name)
      const other = { clientId: t.name('client') }
      t.expect(await leader.ask(Produce, produceRequest(topic, batch), other), {
        responses: [{ partitionResponses: [{ errorCode: ErrorCode.NONE }] }],
        throttleTimeMs: 0,
      })
    },
  }),
  rule({
    ...THROTTLED,
    id: 'produce.throttled-over-connections',
    says: 'A quota is one of a client id: another connection with the same one is throttled, too.',
    source: KIP_13,
    apis: [Produce, AlterClientQuotas],
    versions: 'newest',
    run: async (t) => {
      const topic = await createLog(t)
      const clientId = await limited(t, 'producer_byte_rate', 10_000)
      const { client } = await untilThrottled(t, topic, clientId)
      const second = await t.connect({ address: client.address })
      t.expect(await second.ask(Produce, produceRequest(topic, batch), { clientId }), {
        responses: [{ partitionResponses: [{ errorCode: ErrorCode.NONE }] }],
        throttleTimeMs: atLeast(1),
      })
    },
  }),
  rule({
    ...THROTTLED,
    id: 'fetch.throttled',
    says: 'A consumer above its byte rate gets an answer without records that says for how long it is throttled.',
    apis: [Fetch, AlterClientQuotas],
    versions: { min: 4 },
    run: async (t) => {
      const topic = await createLog(t)
      for (let index = 0; index < 3; index++) {
        await produce(t, topic, values('x'.repeat(20_000)))
      }
      const clientId = await limited(t, 'consumer_byte_rate', 10_000)
      const { address } = await t.leader(topic.name)
      const client = await t.connect({ address })
      const answer = await t.until('a throttled answer', async () => {
        const found = await client.ask(Fetch, fetchRequest(topic), { clientId })
        return found.throttleTimeMs > 0 && found
      })
      t.expect(answer, { throttleTimeMs: atLeast(1), errorCode: ErrorCode.NONE, responses: [] })
    },
  }),
]

/** Rules of the share of time that requests may take, and of changes of topics. */
const requestRates: readonly Rule[] = [
  rule({
    ...THROTTLED,
    id: 'metadata.throttled',
    says: 'A client that takes more of the broker’s time than request_percentage is throttled with its answers.',
    source: KIP_124,
    apis: [Metadata, AlterClientQuotas],
    versions: { min: 3 },
    run: async (t) => {
      const clientId = await limited(t, 'request_percentage', 0.001)
      const client = await t.connect()
      const request = { topics: [], allowAutoTopicCreation: false }
      const answer = await t.until('a throttled answer', async () => {
        const found = await client.ask(Metadata, request, { clientId })
        return found.throttleTimeMs > 0 && found
      })
      t.expect(answer, { throttleTimeMs: atLeast(1), brokers: nonEmpty })
    },
  }),
]

const exceeded = ErrorCode.THROTTLING_QUOTA_EXCEEDED

const MUTATIONS = {
  ...THROTTLED,
  source: KIP_599,
} as const

/** Rules of changes of topics by rate. */
const mutations: readonly Rule[] = [
  rule({
    ...MUTATIONS,
    id: 'create-topics.throttled',
    says: 'Who creates more partitions than controller_mutation_rate is refused with THROTTLING_QUOTA_EXCEEDED and a time to wait.',
    apis: [CreateTopics, AlterClientQuotas],
    versions: { min: 6 },
    run: async (t) => {
      const clientId = await limited(t, 'controller_mutation_rate', 0.5)
      const client = await t.connect()
      const answer = await t.until('a refusal', async () => {
        const name = t.name('topic')
        const place = { name, numPartitions: 5, replicationFactor: 1, assignments: [], configs: [] }
        const request = { topics: [place], timeoutMs: t.deadlineMs, validateOnly: false }
        const found = await client.ask(CreateTopics, request, { clientId })
        t.cleanUp(() => deleteTopic(t, name))
        return found.topics[0]?.errorCode !== ErrorCode.NONE && found
      })
      t.expect(answer, {
        throttleTimeMs: atLeast(1),
        topics: [{ errorCode: exceeded }],
      })
    },
  }),
  rule({
    ...MUTATIONS,
    id: 'create-partitions.throttled',
    says: 'Who adds more partitions than controller_mutation_rate is refused with THROTTLING_QUOTA_EXCEEDED and a time to wait.',
    apis: [CreatePartitions, AlterClientQuotas],
    versions: { min: 3 },
    run: async (t) => {
      const { name } = await createTopic(t)
      const clientId = await limited(t, 'controller_mutation_rate', 0.5)
      const client = await t.connect()
      let count = 1
      const answer = await t.until('a refusal', async () => {
        count += 5
        const topics = [{ name, count, assignments: null }]
        const request = { topics, timeoutMs: t.deadlineMs, validateOnly: false }
        const found = await client.ask(CreatePartitions, request, { clientId })
        return found.results[0]?.errorCode !== ErrorCode.NONE && found
      })
      t.expect(answer, {
        throttleTimeMs: atLeast(1),
        results: [{ name, errorCode: exceeded }],
      })
    },
  }),
  rule({
    ...MUTATIONS,
    id: 'delete-topics.throttled',
    says: 'Who deletes more partitions than controller_mutation_rate is refused with THROTTLING_QUOTA_EXCEEDED and a time to wait.',
    apis: [DeleteTopics, AlterClientQuotas],
    versions: { min: 5 },
    run: async (t) => {
      const clientId = await limited(t, 'controller_mutation_rate', 0.5)
      const client = await t.connect()
      const answer = await t.until('a refusal', async () => {
        const { name } = await createTopic(t, { partitions: 5 })
        const topics = [{ name, topicId: ZERO_UUID }]
        const request = { topics, topicNames: [name], timeoutMs: t.deadlineMs }
        const found = await client.ask(DeleteTopics, request, { clientId })
        return found.responses[0]?.errorCode !== ErrorCode.NONE && found
      })
      t.expect(answer, { throttleTimeMs: atLeast(1), responses: [{ errorCode: exceeded }] })
    },
  }),
]

/** Rules of throttling, as a client sees it. */
export const rules: readonly Rule[] = [...byteRates, ...requestRates, ...mutations]
