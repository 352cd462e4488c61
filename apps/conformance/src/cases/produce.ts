import {
  ApiVersions,
  CreateTopics,
  DeleteTopics,
  ErrorCode,
  encodeRecordBatch,
  Fetch,
  Produce,
  ZERO_UUID,
} from '@ottla/protocol'
import { absent, atLeast, inAnyOrder, nonEmpty } from '../match/index.js'
import { documents, messageDocument, producerConfigDocument } from '../rules/documents.js'
import { type Rule, rule } from '../rules/rule.js'
import {
  batchesIn,
  createLog,
  deleteRecords,
  deleteTopic,
  fetch,
  fetched,
  newest,
  produced,
  produceRequest,
  tryProduce,
  values,
  valuesIn,
} from '../steps/index.js'

const DOCUMENT = messageDocument('Produce')
const KIP_467 = 'KIP-467: Augment ProduceResponse error messaging for specific culprit records'
const KIP_516 = 'KIP-516: Topic Identifiers'

/** Kafka 4 advertises versions 0 to 2 for old clients that look at them, and serves none (KIP-896). */
const SERVED = { min: 3 } as const

const batchOf = (...texts: readonly string[]) => encodeRecordBatch({ records: values(...texts) })
const REFUSED = { baseOffset: -1n, logAppendTimeMs: -1n }
const nobody = (name: string) => ({ name, id: '4f54544c-4100-4000-8000-000000000002' })

/** Rules of Produce: where batches go, what is answered, and who is refused. */
export const rules: readonly Rule[] = [
  rule({
    id: 'produce.first-offset',
    says: 'The first batch of a partition gets offset 0, and the answer has no append time and log start 0.',
    source: DOCUMENT,
    apis: [Produce, CreateTopics],
    topic: 'offsets',
    versions: SERVED,
    run: async (t) => {
      const topic = await createLog(t)
      const answer = await tryProduce(t, topic, batchOf('a'))
      const baseOffset = 0n
      const partition = { index: 0, errorCode: 0, baseOffset, logAppendTimeMs: -1n }
      t.expect(
        answer,
        produced(topic, { ...partition, logStartOffset: 0n, recordErrors: [], errorMessage: null }),
      )
    },
  }),
  rule({
    id: 'produce.next-offset',
    says: 'A batch gets the offset after the last record of the batch before it.',
    source: documents.log,
    apis: [Produce, CreateTopics],
    topic: 'offsets',
    versions: SERVED,
    run: async (t) => {
      const topic = await createLog(t)
      t.expect(
        await tryProduce(t, topic, batchOf('a', 'b', 'c')),
        produced(topic, { errorCode: 0, baseOffset: 0n }),
      )
      t.expect(
        await tryProduce(t, topic, batchOf('d', 'e')),
        produced(topic, { errorCode: 0, baseOffset: 3n }),
      )
      t.expect(
        await tryProduce(t, topic, batchOf('f')),
        produced(topic, { errorCode: 0, baseOffset: 5n }),
      )
    },
  }),
  rule({
    id: 'produce.offsets-per-partition',
    says: 'Every partition counts its own offsets.',
    source: documents.concepts,
    apis: [Produce, CreateTopics],
    topic: 'offsets',
    versions: SERVED,
    run: async (t) => {
      const topic = await createLog(t, { partitions: 2 })
      await tryProduce(t, topic, batchOf('a', 'b'))
      t.expect(
        await tryProduce(t, topic, batchOf('c'), { partition: 1 }),
        produced(topic, { index: 1, errorCode: 0, baseOffset: 0n }),
      )
    },
  }),
  rule({
    id: 'produce.several-partitions',
    says: 'One request may write to several partitions of several topics; each is answered by itself.',
    source: DOCUMENT,
    apis: [Produce, CreateTopics],
    topic: 'records',
    versions: SERVED,
    run: async (t) => {
      const one = await createLog(t, { partitions: 2 })
      const other = await createLog(t)
      await tryProduce(t, one, batchOf('first'), { partition: 1 })
      const records = batchOf('a', 'b')
      const request = {
        ...produceRequest(one, records),
        topicData: [
          {
            name: one.name,
            topicId: one.id,
            partitionData: [
              { index: 0, records },
              { index: 1, records },
            ],
          },
          { name: other.name, topicId: other.id, partitionData: [{ index: 0, records }] },
        ],
      }
      const answer = await t.client.ask(Produce, request)
      const of = (topic: typeof one, ...baseOffsets: bigint[]) => ({
        name: topic.name,
        topicId: topic.id,
        partitionResponses: inAnyOrder(
          ...baseOffsets.map((baseOffset, index) => ({ index, errorCode: 0, baseOffset })),
        ),
      })
      t.expect(answer, { responses: inAnyOrder(of(one, 0n, 1n), of(other, 0n)) })
    },
  }),
  rule({
    id: 'produce.nothing',
    says: 'A request without topics is answered with none.',
    source: DOCUMENT,
    apis: [Produce],
    topic: 'boundaries',
    versions: SERVED,
    run: async (t) => {
      const request = { transactionalId: null, acks: -1, timeoutMs: 1000, topicData: [] }
      t.expect(await t.client.ask(Produce, request), { responses: [], throttleTimeMs: 0 })
    },
  }),
  rule({
    id: 'produce.acks-1',
    says: 'With acks 1 the answer comes after the leader has the batch, and has its offset.',
    source: producerConfigDocument('acks'),
    apis: [Produce, Fetch, CreateTopics],
    topic: 'records',
    versions: SERVED,
    run: async (t) => {
      const topic = await createLog(t)
      await tryProduce(t, topic, batchOf('a'), { acks: 1 })
      t.expect(
        await tryProduce(t, topic, batchOf('b'), { acks: 1 }),
        produced(topic, { index: 0, errorCode: 0, baseOffset: 1n }),
      )
      t.equal(valuesIn(await fetch(t, topic)), ['a', 'b'], 'values in the log')
    },
  }),
  rule({
    id: 'produce.acks-0-has-no-answer',
    says: 'With acks 0 the batch is appended and nothing at all is answered; later requests are.',
    source: producerConfigDocument('acks'),
    apis: [Produce, Fetch, CreateTopics],
    topic: 'records',
    versions: SERVED,
    run: async (t) => {
      const topic = await createLog(t)
      const leader = await t.leader(topic.name)
      leader.tell(Produce, produceRequest(topic, batchOf('a'), { acks: 0 }))
      const before = leader.order.length
      const next = leader.send(ApiVersions, {
        clientSoftwareName: 'conformance',
        clientSoftwareVersion: '1',
      })
      await next.answer()
      t.equal(leader.order.slice(before), [next.correlationId], 'answers after acks 0')
      t.equal(valuesIn(await fetch(t, topic)), ['a'], 'values in the log')
    },
  }),
  rule({
    id: 'produce.acks-0-error-closes',
    says: 'An error with acks 0, which no answer can tell, closes the connection.',
    source: producerConfigDocument('acks'),
    apis: [Produce],
    topic: 'errors',
    versions: SERVED,
    run: async (t) => {
      const client = await t.connect()
      client.tell(Produce, produceRequest(nobody(t.name('topic')), batchOf('a'), { acks: 0 }))
      await client.closed()
    },
  }),
  ...[-2, 2, 3, 32_767, -32_768].map((acks) =>
    rule({
      id: `produce.invalid-acks-${acks < 0 ? `minus-${-acks}` : acks}`,
      says: `Acks ${acks} is refused with INVALID_REQUIRED_ACKS, and nothing is written.`,
      source: DOCUMENT,
      apis: [Produce, Fetch, CreateTopics],
      topic: 'errors',
      versions: SERVED,
      run: async (t) => {
        const topic = await createLog(t)
        const errorCode = ErrorCode.INVALID_REQUIRED_ACKS
        t.expect(
          await tryProduce(t, topic, batchOf('a'), { acks }),
          produced(topic, { index: 0, errorCode, ...REFUSED, logStartOffset: -1n }),
        )
        t.expect(await fetch(t, topic), fetched(topic, { highWatermark: 0n, records: absent }))
      },
    }),
  ),
  rule({
    id: 'produce.unknown-topic',
    says: 'A topic that does not exist is answered with UNKNOWN_TOPIC_OR_PARTITION, and not created.',
    source: DOCUMENT,
    apis: [Produce],
    topic: 'errors',
    versions: { min: 3, max: 12 },
    run: async (t) => {
      const topic = nobody(t.name('topic'))
      const errorCode = ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
      const expected = produced(topic, { index: 0, errorCode, ...REFUSED, logStartOffset: -1n })
      const request = produceRequest(topic, batchOf('a'))
      t.expect(await t.client.ask(Produce, request), expected)
      t.expect(await t.client.ask(Produce, request), expected)
    },
  }),
  ...[
    { id: 'unknown', topicId: '4f54544c-4100-4000-8000-000000000002' },
    { id: 'zero', topicId: ZERO_UUID },
  ].map(({ id, topicId }) =>
    rule({
      id: `produce.${id}-topic-id`,
      says: `The topic id ${topicId}, of no topic, is answered with UNKNOWN_TOPIC_ID.`,
      source: KIP_516,
      apis: [Produce],
      topic: 'errors',
      versions: { min: 13 },
      run: async (t) => {
        const topic = { name: t.name('topic'), id: topicId }
        t.expect(
          await t.client.ask(Produce, produceRequest(topic, batchOf('a'))),
          produced(topic, { index: 0, errorCode: ErrorCode.UNKNOWN_TOPIC_ID, ...REFUSED }),
        )
      },
    }),
  ),
  ...[3, -1, 2_147_483_647].map((partition) =>
    rule({
      id: `produce.unknown-partition-${partition < 0 ? 'negative' : partition}`,
      says: `Partition ${partition} of a topic with three is UNKNOWN_TOPIC_OR_PARTITION.`,
      source: DOCUMENT,
      apis: [Produce, CreateTopics],
      topic: 'boundaries',
      versions: SERVED,
      run: async (t) => {
        const topic = await createLog(t, { partitions: 3 })
        const errorCode = ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
        t.expect(
          await t.client.ask(Produce, produceRequest(topic, batchOf('a'), { partition })),
          produced(topic, { index: partition, errorCode, ...REFUSED }),
        )
      },
    }),
  ),
  rule({
    id: 'produce.error-spoils-no-other',
    says: 'A partition that is refused spoils nothing for the others in the request.',
    source: DOCUMENT,
    apis: [Produce, CreateTopics],
    topic: 'errors',
    versions: SERVED,
    run: async (t) => {
      const topic = await createLog(t)
      const records = batchOf('a')
      const partitionData = [7, 0].map((index) => ({ index, records }))
      const request = {
        ...produceRequest(topic, records),
        topicData: [{ name: topic.name, topicId: topic.id, partitionData }],
      }
      const answer = await t.client.ask(Produce, request)
      const found = answer.responses.flatMap(({ partitionResponses }) => partitionResponses)
      const [good, bad] = found.toSorted((a, b) => a.index - b.index)
      t.equal(found.length, 2, 'partitions answered')
      if (good === undefined || bad === undefined) return
      t.expect(good, { index: 0, errorCode: 0, baseOffset: 0n })
      const errorCode = ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
      t.expect(bad, { index: 7, errorCode, ...REFUSED })
    },
  }),
  rule({
    id: 'produce.internal-topic',
    says: 'Clients cannot write to an internal topic: INVALID_TOPIC_EXCEPTION.',
    source: `${documents.errorCodes}; INVALID_TOPIC_EXCEPTION`,
    apis: [Produce],
    topic: 'errors',
    versions: { min: 3, max: 12 },
    run: async (t) => {
      await t.coordinator(t.name('group'))
      const topic = nobody('__consumer_offsets')
      t.expect(
        await t.client.ask(Produce, produceRequest(topic, batchOf('a'))),
        produced(topic, { index: 0, errorCode: ErrorCode.INVALID_TOPIC_EXCEPTION, ...REFUSED }),
      )
    },
  }),
  rule({
    id: 'produce.deleted-topic',
    says: 'A topic that was deleted is unknown soon after.',
    source: DOCUMENT,
    apis: [Produce, CreateTopics, DeleteTopics],
    topic: 'errors',
    versions: SERVED,
    run: async (t) => {
      const topic = await createLog(t)
      await deleteTopic(t, topic.name)
      const request = produceRequest(topic, batchOf('a'))
      await t.until(`the end of ${topic.name}`, async () => {
        const found = await t.client.ask(Produce, request)
        const code = found.responses[0]?.partitionResponses[0]?.errorCode
        // Not its leader: the replica is being taken down.
        return code !== ErrorCode.NONE && code !== ErrorCode.NOT_LEADER_OR_FOLLOWER
      })
      // Asked once more, for the end may have come between the append and the answer.
      const answer = await t.client.ask(Produce, request)
      const errorCode =
        t.version >= 13 ? ErrorCode.UNKNOWN_TOPIC_ID : ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
      t.expect(answer, produced(topic, { index: 0, errorCode, ...REFUSED }))
    },
  }),
  rule({
    id: 'produce.min-insync-replicas-above-replicas',
    says: 'A min.insync.replicas above the number of replicas counts as that number.',
    source: 'KIP-966: Eligible Leader Replicas',
    apis: [Produce, CreateTopics],
    topic: 'records',
    versions: SERVED,
    releases: { from: '4.0' },
    run: async (t) => {
      const topic = await createLog(t, { configs: { 'min.insync.replicas': '2' } })
      await tryProduce(t, topic, batchOf('a'))
      t.expect(
        await tryProduce(t, topic, batchOf('b')),
        produced(topic, { index: 0, errorCode: 0, baseOffset: 1n }),
      )
    },
  }),
  rule({
    id: 'produce.log-append-time',
    says: 'With message.timestamp.type LogAppendTime the answer has the broker’s time, and it is that of the records.',
    source: 'KIP-32: Add timestamps to Kafka message',
    apis: [Produce, Fetch, CreateTopics],
    topic: 'timestamps',
    versions: SERVED,
    run: async (t) => {
      const topic = await createLog(t, { configs: { 'message.timestamp.type': 'LogAppendTime' } })
      const answer = await tryProduce(t, topic, batchOf('a', 'b'))
      // The records say 2023; the broker's clock is later than the year 2024.
      const later = 1_704_067_200_000n
      t.expect(answer, produced(topic, { errorCode: 0, logAppendTimeMs: atLeast(later) }))
      const time = Number(answer.responses[0]?.partitionResponses[0]?.logAppendTimeMs)
      const [batch] = batchesIn(await fetch(t, topic))
      t.equal(batch?.timestampType, 'LogAppendTime', 'timestamp type of the batch')
      t.equal(batch?.maxTimestamp, time, 'largest timestamp of the batch')
      t.equal(
        [...(batch ?? [])].map(({ timestamp }) => timestamp),
        [time, time],
        'timestamps',
      )
    },
  }),
  rule({
    id: 'produce.create-time-is-kept',
    says: 'With message.timestamp.type CreateTime records keep their timestamps, and the batch says CreateTime.',
    source: 'KIP-32: Add timestamps to Kafka message',
    apis: [Produce, Fetch, CreateTopics],
    topic: 'timestamps',
    versions: SERVED,
    run: async (t) => {
      const topic = await createLog(t)
      const times = [1_700_000_000_500, 1_700_000_000_100, 1_700_000_000_900, -1]
      const records = times.map((timestamp) => ({ value: `${timestamp}`, timestamp }))
      await tryProduce(t, topic, encodeRecordBatch({ records }))
      const [batch] = batchesIn(await fetch(t, topic))
      t.equal(batch?.timestampType, 'CreateTime', 'timestamp type of the batch')
      t.equal(batch?.maxTimestamp, 1_700_000_000_900, 'largest timestamp of the batch')
      t.equal(
        [...(batch ?? [])].map(({ timestamp }) => timestamp),
        times,
        'timestamps',
      )
    },
  }),
  rule({
    id: 'produce.answers-log-start',
    says: 'The answer has the offset at which the log starts.',
    source: 'KIP-107: Add deleteRecordsBefore() API in AdminClient',
    apis: [Produce, CreateTopics],
    topic: 'offsets',
    versions: { min: 5 },
    run: async (t) => {
      const topic = await createLog(t)
      await tryProduce(t, topic, batchOf('a', 'b', 'c'))
      await deleteRecords(t, topic, 2n)
      t.expect(
        await tryProduce(t, topic, batchOf('d')),
        produced(topic, { errorCode: 0, baseOffset: 3n, logStartOffset: 2n }),
      )
    },
  }),
  rule({
    id: 'produce.pipelined-in-order',
    says: 'Requests sent without waiting are appended and answered in the order in which they were sent.',
    source: documents.network,
    apis: [Produce, Fetch, CreateTopics],
    topic: 'robustness',
    versions: SERVED,
    run: async (t) => {
      const topic = await createLog(t)
      const leader = await t.leader(topic.name)
      const before = leader.order.length
      const texts = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h']
      const sent = texts.map((text) => leader.send(Produce, produceRequest(topic, batchOf(text))))
      for (const [index, one] of sent.entries()) {
        t.expect(await one.answer(), produced(topic, { errorCode: 0, baseOffset: BigInt(index) }))
      }
      const wanted = sent.map(({ correlationId }) => correlationId)
      t.equal(leader.order.slice(before), wanted, 'order of the answers')
      t.equal(valuesIn(await fetch(t, topic)), texts, 'values in the log')
    },
  }),
  rule({
    id: 'produce.error-names-the-records',
    says: 'A batch refused for some of its records names them by index, with a message.',
    source: KIP_467,
    apis: [Produce, CreateTopics],
    topic: 'errors',
    versions: { min: 8 },
    run: async (t) => {
      const topic = await createLog(t, { configs: { 'cleanup.policy': 'compact' } })
      const records = [
        { key: 'k', value: 'a' },
        { key: null, value: 'b' },
        { key: 'l', value: 'c' },
        { key: null, value: 'd' },
      ]
      t.expect(
        await tryProduce(t, topic, encodeRecordBatch({ records })),
        produced(topic, {
          errorCode: ErrorCode.INVALID_RECORD,
          ...REFUSED,
          recordErrors: [
            { batchIndex: 1, batchIndexErrorMessage: nonEmpty },
            { batchIndex: 3, batchIndexErrorMessage: nonEmpty },
          ],
          errorMessage: nonEmpty,
        }),
      )
      t.expect(
        await fetch(t, topic, {}, newest(t, Fetch)),
        fetched(topic, { highWatermark: 0n, records: absent }),
      )
    },
  }),
]
