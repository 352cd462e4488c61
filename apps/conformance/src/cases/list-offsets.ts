import { CreateTopics, ErrorCode, ListOffsets, Produce } from '@ottla/protocol'
import { messageDocument } from '../rules/documents.js'
import { type Rule, rule } from '../rules/rule.js'
import type { RuleContext } from '../rules/rule-context.js'
import { createLog, deleteRecords, produce, type Topic } from '../steps/index.js'

const DOCUMENT = messageDocument('ListOffsets')
const KIP_79 = 'KIP-79: ListOffsetRequest/ListOffsetResponse v1 and add timestamp search methods'
const KIP_734 =
  'KIP-734: Improve AdminClient.listOffsets to return timestamp and offset for the record with the largest timestamp'
const KIP_320 = 'KIP-320: Allow fetchers to detect and handle log truncation'
const SERVED = { min: 1 } as const

interface ListOptions {
  readonly partition?: number
  readonly currentLeaderEpoch?: number
  readonly isolationLevel?: number
  readonly replicaId?: number
}

function request(name: string, timestamp: bigint, options: ListOptions = {}) {
  const { partition = 0, currentLeaderEpoch = -1, isolationLevel = 0, replicaId = -1 } = options
  const partitions = [{ partitionIndex: partition, currentLeaderEpoch, timestamp }]
  return { replicaId, isolationLevel, topics: [{ name, partitions }], timeoutMs: 5000 }
}

async function list(t: RuleContext, topic: Topic, timestamp: bigint, options: ListOptions = {}) {
  const leader = await t.leader(topic.name, options.partition)
  return leader.ask(ListOffsets, request(topic.name, timestamp, options))
}

const found = (name: string, offset: bigint, timestamp = -1n, leaderEpoch = 0) => {
  const partition = { partitionIndex: 0, errorCode: 0, offset, timestamp, leaderEpoch }
  return { throttleTimeMs: 0, topics: [{ name, partitions: [partition] }] }
}

const NOTHING = { offset: -1n, timestamp: -1n, leaderEpoch: -1 }
const refused = (name: string, error: keyof typeof ErrorCode, partitionIndex = 0) => {
  const partition = { partitionIndex, errorCode: ErrorCode[error], ...NOTHING }
  return { topics: [{ name, partitions: [partition] }] }
}

/** Three batches: times 100, 300, 200 | 400 | 400, 350, after the base; offsets 0 to 5. */
const BASE = 1_700_000_000_000
const batches = [[100, 300, 200], [400], [400, 350]]

async function filled(t: RuleContext): Promise<Topic> {
  const topic = await createLog(t)
  for (const times of batches) {
    await produce(
      t,
      topic,
      times.map((time) => ({ value: `${time}`, timestamp: BASE + time })),
    )
  }
  return topic
}

const LISTING = {
  apis: [ListOffsets, Produce, CreateTopics] satisfies Rule['apis'] as Rule['apis'],
}

/** Where a log without tiered storage has what these timestamps ask for; -1 where it has none. */
const special = [
  {
    id: 'latest',
    source: KIP_79,
    timestamp: -1n,
    min: 1,
    empty: 0n,
    full: 6n,
    is: 'the offset after the last record',
  },
  {
    id: 'earliest',
    source: KIP_79,
    timestamp: -2n,
    min: 1,
    empty: 0n,
    full: 0n,
    is: 'the first offset',
  },
  {
    id: 'max-timestamp',
    source: KIP_734,
    timestamp: -3n,
    min: 7,
    empty: -1n,
    full: 3n,
    is: 'the first record with the largest timestamp',
  },
  {
    id: 'earliest-local',
    source: 'KIP-405: Kafka Tiered Storage',
    timestamp: -4n,
    min: 8,
    empty: 0n,
    full: 0n,
    is: 'the first offset on the broker’s own disk',
  },
  {
    id: 'latest-tiered',
    source: 'KIP-1005: Expose EarliestLocalOffset and TieredOffset',
    timestamp: -5n,
    min: 9,
    empty: -1n,
    full: -1n,
    is: 'nothing, without tiered storage,',
  },
  {
    id: 'earliest-pending-upload',
    source: 'KIP-1023: Follower fetch from tiered offset',
    timestamp: -6n,
    min: 11,
    empty: -1n,
    full: -1n,
    is: 'nothing, without tiered storage,',
  },
] as const

const searches = [
  { id: 'zero', time: -BASE, offset: 0n, at: 100 },
  { id: 'before-first', time: 0, offset: 0n, at: 100 },
  { id: 'exactly-first', time: 100, offset: 0n, at: 100 },
  { id: 'skips-earlier-in-batch', time: 101, offset: 1n, at: 300 },
  { id: 'not-the-nearest', time: 150, offset: 1n, at: 300 },
  { id: 'exactly-largest-of-batch', time: 300, offset: 1n, at: 300 },
  { id: 'next-batch', time: 301, offset: 3n, at: 400 },
  { id: 'first-of-equal', time: 400, offset: 3n, at: 400 },
] as const

/** Rules of ListOffsets. */
export const rules: readonly Rule[] = [
  ...special.flatMap(({ id, source, timestamp, min, empty, full, is }) => [
    rule({
      ...LISTING,
      id: `list-offsets.${id}-of-empty-log`,
      says: `Timestamp ${timestamp} gives ${is}: ${empty} in an empty log.`,
      source,
      topic: 'offsets',
      versions: { min },
      run: async (t) => {
        const topic = await createLog(t)
        const epoch = empty === -1n ? -1 : 0
        t.expect(await list(t, topic, timestamp), found(topic.name, empty, -1n, epoch))
      },
    }),
    rule({
      ...LISTING,
      id: `list-offsets.${id}`,
      says: `Timestamp ${timestamp} gives ${is}: ${full} in a log of six records.`,
      source,
      topic: 'offsets',
      versions: { min },
      run: async (t) => {
        const topic = await filled(t)
        const time = id === 'max-timestamp' ? BigInt(BASE + 400) : -1n
        const epoch = full === -1n ? -1 : 0
        t.expect(await list(t, topic, timestamp), found(topic.name, full, time, epoch))
      },
    }),
  ]),
  ...searches.map(({ id, time, offset, at }) =>
    rule({
      ...LISTING,
      id: `list-offsets.search-${id}`,
      says: `A timestamp gives the first record, by offset, that is not earlier: offset ${offset} for ${time} of 100, 300, 200, 400, 400, 350.`,
      source: KIP_79,
      topic: 'timestamps',
      versions: SERVED,
      run: async (t) => {
        const topic = await filled(t)
        const answer = await list(t, topic, BigInt(BASE + time))
        t.expect(answer, found(topic.name, offset, BigInt(BASE + at)))
      },
    }),
  ),
  rule({
    ...LISTING,
    id: 'list-offsets.search-after-last',
    says: 'A timestamp later than every record’s gives offset -1 and timestamp -1, without error.',
    source: KIP_79,
    topic: 'timestamps',
    versions: SERVED,
    run: async (t) => {
      const topic = await filled(t)
      t.expect(await list(t, topic, BigInt(BASE + 401)), found(topic.name, -1n, -1n, -1))
    },
  }),
  rule({
    ...LISTING,
    id: 'list-offsets.search-in-compressed-batch',
    says: 'The search finds the record inside a compressed batch too.',
    source: KIP_79,
    topic: 'timestamps',
    versions: SERVED,
    run: async (t) => {
      const topic = await createLog(t)
      const records = [10, 20, 30, 40].map((time) => ({ value: 'a', timestamp: BASE + time }))
      await produce(t, topic, records, { compression: 'gzip' })
      const time = BigInt(BASE + 30)
      t.expect(await list(t, topic, time - 5n), found(topic.name, 2n, time))
    },
  }),
  rule({
    ...LISTING,
    id: 'list-offsets.earliest-after-delete-records',
    says: 'After DeleteRecords the earliest offset is the new start of the log; the latest stays.',
    source: 'KIP-107: Add deleteRecordsBefore() API in AdminClient',
    topic: 'offsets',
    versions: SERVED,
    run: async (t) => {
      const topic = await filled(t)
      await deleteRecords(t, topic, 2n)
      t.expect(await list(t, topic, -2n), found(topic.name, 2n))
      t.expect(await list(t, topic, -1n), found(topic.name, 6n))
    },
  }),
  rule({
    ...LISTING,
    id: 'list-offsets.search-leaves-out-deleted',
    says: 'The search does not find records before the start of the log.',
    source: KIP_79,
    topic: 'timestamps',
    versions: SERVED,
    run: async (t) => {
      const topic = await filled(t)
      await deleteRecords(t, topic, 3n)
      t.expect(await list(t, topic, BigInt(BASE)), found(topic.name, 3n, BigInt(BASE + 400)))
    },
  }),
  rule({
    ...LISTING,
    id: 'list-offsets.read-committed-without-transactions',
    says: 'Without open transactions the latest offset is the same for read_committed.',
    source: 'KIP-98: Exactly Once Delivery and Transactional Messaging',
    topic: 'offsets',
    versions: { min: 2 },
    run: async (t) => {
      const topic = await filled(t)
      t.expect(await list(t, topic, -1n, { isolationLevel: 1 }), found(topic.name, 6n))
    },
  }),
  rule({
    ...LISTING,
    id: 'list-offsets.several-partitions',
    says: 'Every partition asked for is answered, an unknown one with UNKNOWN_TOPIC_OR_PARTITION beside the others.',
    source: DOCUMENT,
    topic: 'errors',
    versions: SERVED,
    run: async (t) => {
      const topic = await createLog(t, { partitions: 2 })
      await produce(t, topic, [{ value: 'a' }], { partition: 1 })
      const partitions = [0, 1, 9].map((partitionIndex) => ({ partitionIndex, timestamp: -1n }))
      const topics = [{ name: topic.name, partitions }]
      const answer = await t.client.ask(ListOffsets, { ...request('', -1n), topics })
      const answered = answer.topics.flatMap((one) => one.partitions)
      const sorted = answered.toSorted((a, b) => a.partitionIndex - b.partitionIndex)
      t.equal(
        sorted.map((one) => one.partitionIndex),
        [0, 1, 9],
        'partitions answered',
      )
      const [first, second, third] = sorted
      if (first === undefined || second === undefined || third === undefined) return
      const known = { errorCode: 0, timestamp: -1n, leaderEpoch: 0 }
      t.expect(first, { ...known, offset: 0n })
      t.expect(second, { ...known, offset: 1n })
      t.expect(third, { errorCode: ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, ...NOTHING })
    },
  }),
  rule({
    ...LISTING,
    id: 'list-offsets.unknown-topic',
    says: 'A topic that does not exist is UNKNOWN_TOPIC_OR_PARTITION.',
    source: DOCUMENT,
    topic: 'errors',
    versions: SERVED,
    run: async (t) => {
      const name = t.name('topic')
      const answer = await t.client.ask(ListOffsets, request(name, -1n))
      t.expect(answer, refused(name, 'UNKNOWN_TOPIC_OR_PARTITION'))
    },
  }),
  ...[1, -1].map((partition) =>
    rule({
      ...LISTING,
      id: `list-offsets.unknown-partition-${partition < 0 ? 'negative' : partition}`,
      says: `Partition ${partition} of a topic with one is UNKNOWN_TOPIC_OR_PARTITION.`,
      source: DOCUMENT,
      topic: 'errors',
      versions: SERVED,
      run: async (t) => {
        const { name } = await createLog(t)
        const answer = await t.client.ask(ListOffsets, request(name, -1n, { partition }))
        t.expect(answer, refused(name, 'UNKNOWN_TOPIC_OR_PARTITION', partition))
      },
    }),
  ),
  rule({
    ...LISTING,
    id: 'list-offsets.duplicate-partition',
    releases: { from: '4.0' },
    says: 'A partition named twice in a request is answered once, with INVALID_REQUEST.',
    source: DOCUMENT,
    topic: 'boundaries',
    versions: SERVED,
    run: async (t) => {
      const { name } = await createLog(t)
      const partitions = [0, 0].map((partitionIndex) => ({ partitionIndex, timestamp: -1n }))
      const topics = [{ name, partitions }]
      const answer = await t.client.ask(ListOffsets, { ...request(name, -1n), topics })
      t.expect(answer, refused(name, 'INVALID_REQUEST'))
    },
  }),
  ...(
    [
      { id: 'newer', currentLeaderEpoch: 5, error: 'UNKNOWN_LEADER_EPOCH' },
      { id: 'newest', currentLeaderEpoch: 2_147_483_647, error: 'UNKNOWN_LEADER_EPOCH' },
    ] as const
  ).map(({ id, currentLeaderEpoch, error }) =>
    rule({
      ...LISTING,
      id: `list-offsets.${id}-leader-epoch`,
      says: `A current leader epoch of ${currentLeaderEpoch}, which the leader has not reached, is ${error}.`,
      source: KIP_320,
      topic: 'errors',
      versions: { min: 4 },
      run: async (t) => {
        const topic = await createLog(t)
        t.expect(await list(t, topic, -1n, { currentLeaderEpoch }), refused(topic.name, error))
      },
    }),
  ),
  rule({
    ...LISTING,
    id: 'list-offsets.current-leader-epoch',
    says: 'The leader’s epoch as current leader epoch is taken.',
    source: KIP_320,
    topic: 'offsets',
    versions: { min: 4 },
    run: async (t) => {
      const topic = await filled(t)
      t.expect(await list(t, topic, -1n, { currentLeaderEpoch: 0 }), found(topic.name, 6n))
    },
  }),
  ...[-7n, -100n].map((timestamp) =>
    rule({
      ...LISTING,
      id: `list-offsets.unknown-special-timestamp-minus-${-timestamp}`,
      says: `The negative timestamp ${timestamp}, which means nothing, is UNSUPPORTED_VERSION.`,
      source: DOCUMENT,
      topic: 'boundaries',
      versions: 'newest',
      run: async (t) => {
        const topic = await filled(t)
        t.expect(await list(t, topic, timestamp), refused(topic.name, 'UNSUPPORTED_VERSION'))
      },
    }),
  ),
  ...(
    [
      { timestamp: -3n, max: 6 },
      { timestamp: -4n, max: 7 },
      { timestamp: -5n, max: 8 },
    ] as const
  ).map(({ timestamp, max }) =>
    rule({
      ...LISTING,
      id: `list-offsets.timestamp-minus-${-timestamp}-too-early`,
      says: `Before version ${max + 1} timestamp ${timestamp} is UNSUPPORTED_VERSION.`,
      source: DOCUMENT,
      topic: 'versions',
      versions: { min: 1, max },
      run: async (t) => {
        const topic = await filled(t)
        t.expect(await list(t, topic, timestamp), refused(topic.name, 'UNSUPPORTED_VERSION'))
      },
    }),
  ),
  rule({
    ...LISTING,
    id: 'list-offsets.max-timestamp-of-appended',
    says: 'The record of the largest timestamp is another once a later one is written, and stays it when an earlier one is.',
    source: KIP_734,
    topic: 'timestamps',
    versions: { min: 7 },
    run: async (t) => {
      const topic = await filled(t)
      await produce(t, topic, [{ value: 'a', timestamp: BASE + 900 }])
      await produce(t, topic, [{ value: 'b', timestamp: BASE + 1 }])
      t.expect(await list(t, topic, -3n), found(topic.name, 6n, BigInt(BASE + 900)))
    },
  }),
  rule({
    ...LISTING,
    id: 'list-offsets.records-without-timestamp',
    says: 'Records without a timestamp are not found by a search.',
    source: KIP_79,
    topic: 'timestamps',
    versions: SERVED,
    run: async (t) => {
      const topic = await createLog(t)
      await produce(t, topic, [{ value: 'a', timestamp: -1 }])
      t.expect(await list(t, topic, 0n), found(topic.name, -1n, -1n, -1))
    },
  }),
  rule({
    ...LISTING,
    id: 'list-offsets.nothing',
    says: 'A request without topics is answered with none.',
    source: DOCUMENT,
    topic: 'boundaries',
    versions: SERVED,
    run: async (t) => {
      t.expect(await t.client.ask(ListOffsets, { ...request('', 0n), topics: [] }), { topics: [] })
    },
  }),
]
