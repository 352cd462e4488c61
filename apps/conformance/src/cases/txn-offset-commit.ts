import {
  AddOffsetsToTxn,
  ErrorCode,
  InitProducerId,
  OffsetFetch,
  TxnOffsetCommit,
  type TxnOffsetCommitRequestInput,
  type TxnOffsetCommitResponse,
  ZERO_UUID,
} from '@ottla/protocol'
import { inAnyOrder, type Pattern } from '../match/index.js'
import { brokerConfigDocument, documents } from '../rules/documents.js'
import { type Rule, rule } from '../rules/rule.js'
import type { RuleContext } from '../rules/rule-context.js'
import {
  createLog,
  endTransaction,
  initTransactions,
  stableGroup,
  type Topic,
  type TransactionalProducer,
} from '../steps/index.js'

const KIP_98 =
  'KIP-98: Exactly Once Delivery and Transactional Messaging, section TxnOffsetCommitRequest'
const KIP_447 = 'KIP-447: Producer scalability for exactly once semantics'
const KIP_1319 = 'KIP-1319: Align TxnOffsetCommit API with OffsetCommit API'
const KIP_890 = 'KIP-890: Transactions Server-Side Defense'

interface Scene {
  readonly topic: Topic
  readonly groupId: string
  readonly producer: TransactionalProducer
}

/** A transaction that a group's offsets were added to, as producers of protocol 1 do. */
async function withGroup(t: RuleContext, groupId: string = t.name('group')): Promise<Scene> {
  const topic = await createLog(t, { partitions: 2 })
  const producer = await initTransactions(t)
  const coordinator = await t.coordinator(producer.transactionalId, 'transaction')
  const { errorCode } = await coordinator.ask(AddOffsetsToTxn, { ...producer, groupId })
  t.equal(errorCode, ErrorCode.NONE, 'error of AddOffsetsToTxn')
  return { topic, groupId, producer }
}

const offsets = (...partitions: readonly (readonly [index: number, offset: bigint])[]) =>
  partitions.map(([partitionIndex, committedOffset]) => ({
    partitionIndex,
    committedOffset,
    committedMetadata: 'note' as string | null,
  }))

async function commit(
  t: RuleContext,
  { topic, groupId, producer }: Scene,
  partitions = offsets([0, 7n]),
  more: Partial<TxnOffsetCommitRequestInput> = {},
) {
  const topics = [{ name: topic.name, topicId: topic.id, partitions }]
  const coordinator = await t.coordinator(groupId || t.name('other'))
  return coordinator.ask(TxnOffsetCommit, { ...producer, groupId, topics, ...more })
}

const committed = (
  topic: Topic,
  codes: readonly (readonly [index: number, code: number])[],
): Pattern<TxnOffsetCommitResponse> => {
  const partitions = codes.map(([partitionIndex, errorCode]) => ({ partitionIndex, errorCode }))
  return { throttleTimeMs: 0, topics: [{ name: topic.name, topicId: topic.id, partitions }] }
}

/** What the group has for partition 0, as OffsetFetch of version 8 says. */
async function fetched(t: RuleContext, { topic, groupId }: Scene, requireStable = false) {
  const coordinator = await t.coordinator(groupId)
  const topics = [{ name: topic.name, partitionIndexes: [0] }]
  const request = { groups: [{ groupId, topics }], topics: null, requireStable }
  return coordinator.ask(OffsetFetch, request, { version: 8 })
}

const offset = (committedOffset: bigint, errorCode: number = ErrorCode.NONE) => ({
  groups: [{ topics: [{ partitions: [{ partitionIndex: 0, committedOffset, errorCode }] }] }],
})

const apis = [TxnOffsetCommit, InitProducerId, AddOffsetsToTxn, OffsetFetch] as const

const ends = [
  { done: true, verb: 'commit', result: 'shows them', wanted: 7n },
  { done: false, verb: 'abort', result: 'forgets them', wanted: -1n },
].map(({ done, verb, result, wanted }) =>
  rule({
    id: `txn-offset-commit.${verb}`,
    says: `Offsets are pending until the transaction ends: its ${verb} ${result}.`,
    source: KIP_98,
    apis,
    topic: 'offsets',
    run: async (t) => {
      const scene = await withGroup(t)
      t.expect(await commit(t, scene), committed(scene.topic, [[0, ErrorCode.NONE]]))
      t.expect(await fetched(t, scene), offset(-1n))
      await endTransaction(t, scene.producer, done, 1)
      await t.until('offsets that are decided', async () => {
        const { groups } = await fetched(t, scene, true)
        return groups[0]?.topics[0]?.partitions[0]?.errorCode === ErrorCode.NONE
      })
      t.expect(await fetched(t, scene), offset(wanted))
    },
  }),
)

const members = [
  {
    id: 'unknown-generation',
    says: 'a generation of a group that has no members gets ILLEGAL_GENERATION, from version 6 on GROUP_ID_NOT_FOUND',
    releases: { from: '4.0' },
    more: { generationIdOrMemberEpoch: 1, memberId: 'nobody' },
    code: (version: number) =>
      version >= 6 ? ErrorCode.GROUP_ID_NOT_FOUND : ErrorCode.ILLEGAL_GENERATION,
  },
  {
    id: 'no-member',
    says: 'generation -1 without a member is taken, as from a producer outside of the group',
    releases: {},
    more: { generationIdOrMemberEpoch: -1, memberId: '' },
    code: () => ErrorCode.NONE,
  },
].map(({ id, says, releases, more, code }) =>
  rule({
    id: `txn-offset-commit.${id}`,
    releases,
    says: `TxnOffsetCommit: ${says}.`,
    source: KIP_447,
    apis: [TxnOffsetCommit, InitProducerId, AddOffsetsToTxn],
    topic: 'errors',
    versions: { min: 3 },
    run: async (t) => {
      const scene = await withGroup(t)
      const answer = await commit(t, scene, offsets([0, 7n]), more)
      t.expect(answer, committed(scene.topic, [[0, code(t.version)]]))
    },
  }),
)

const strangers: readonly {
  readonly id: string
  readonly says: string
  readonly wrong: (producer: TransactionalProducer) => Partial<TxnOffsetCommitRequestInput>
}[] = [
  {
    id: 'unknown-transactional-id',
    says: 'a transactional id that nobody has',
    wrong: ({ transactionalId }) => ({ transactionalId: `${transactionalId}-unknown` }),
  },
  {
    id: 'other-producer-id',
    says: 'a producer id that is not the one of the transactional id',
    wrong: ({ producerId }) => ({ producerId: producerId + 1_000_000n }),
  },
]

const mappings = strangers.map(({ id, says, wrong }) =>
  rule({
    id: `txn-offset-commit.${id}`,
    says: `TxnOffsetCommit: ${says} gets INVALID_PRODUCER_ID_MAPPING.`,
    source: `${KIP_890}, verification of transactions`,
    apis: [TxnOffsetCommit, InitProducerId, AddOffsetsToTxn],
    topic: 'errors',
    run: async (t) => {
      const scene = await withGroup(t)
      const answer = await commit(t, scene, offsets([0, 7n]), wrong(scene.producer))
      t.expect(answer, committed(scene.topic, [[0, ErrorCode.INVALID_PRODUCER_ID_MAPPING]]))
    },
  }),
)

/** Rules of TxnOffsetCommit. */
export const rules: readonly Rule[] = [
  ...ends,
  ...members,
  ...mappings,
  rule({
    id: 'txn-offset-commit.too-large',
    releases: { until: '3.9' },
    says: 'Before release 4.0 a commit that is larger than a message may be is INVALID_COMMIT_OFFSET_SIZE, all of it.',
    source: documents.errorCodes,
    apis: [TxnOffsetCommit, InitProducerId, AddOffsetsToTxn],
    topic: 'errors',
    versions: 'newest',
    run: async (t) => {
      const scene = { ...(await withGroup(t)), topic: await createLog(t, { partitions: 300 }) }
      const each = Array.from({ length: 300 }, (_, partitionIndex) => partitionIndex)
      const asked = { committedOffset: 1n, committedMetadata: 'm'.repeat(4096) }
      const partitions = each.map((partitionIndex) => ({ partitionIndex, ...asked }))
      const errorCode = ErrorCode.INVALID_COMMIT_OFFSET_SIZE
      const wanted = each.map((partitionIndex) => ({ partitionIndex, errorCode }))
      t.expect(await commit(t, scene, partitions), {
        topics: [{ name: scene.topic.name, partitions: inAnyOrder(...wanted) }],
      })
    },
  }),
  rule({
    id: 'txn-offset-commit.fenced-instance',
    says: 'An instance id that another member has gets FENCED_INSTANCE_ID.',
    source: KIP_447,
    apis: [TxnOffsetCommit, InitProducerId, AddOffsetsToTxn],
    topic: 'errors',
    versions: { min: 3 },
    run: async (t) => {
      const { groupId, instanceId, generationId } = await stableGroup(t, { instanceId: 'worker-1' })
      const scene = await withGroup(t, groupId)
      const member = { memberId: 'worker-1-of-before', groupInstanceId: instanceId }
      const more = { ...member, generationIdOrMemberEpoch: generationId }
      const answer = await commit(t, scene, offsets([0, 7n]), more)
      t.expect(answer, committed(scene.topic, [[0, ErrorCode.FENCED_INSTANCE_ID]]))
    },
  }),
  rule({
    id: 'txn-offset-commit.unstable',
    says: 'An OffsetFetch that asks for stable offsets gets UNSTABLE_OFFSET_COMMIT while one is pending.',
    source: KIP_447,
    apis,
    topic: 'offsets',
    run: async (t) => {
      const scene = await withGroup(t)
      await commit(t, scene)
      const answer = await fetched(t, scene, true)
      t.expect(answer, offset(-1n, ErrorCode.UNSTABLE_OFFSET_COMMIT))
    },
  }),
  rule({
    id: 'txn-offset-commit.several-partitions',
    releases: { from: '4.0' },
    says: 'Each partition is answered, in the order asked.',
    source: KIP_98,
    apis: [TxnOffsetCommit, InitProducerId, AddOffsetsToTxn],
    topic: 'offsets',
    run: async (t) => {
      const scene = await withGroup(t)
      const answer = await commit(t, scene, offsets([1, 3n], [0, 4n]))
      const none = ErrorCode.NONE
      const wanted = committed(scene.topic, [
        [1, none],
        [0, none],
      ])
      t.expect(answer, wanted)
    },
  }),
  rule({
    id: 'txn-offset-commit.last-offset-wins',
    says: 'Of two offsets for a partition in one transaction the later one stays.',
    source: KIP_98,
    apis,
    topic: 'offsets',
    run: async (t) => {
      const scene = await withGroup(t)
      await commit(t, scene, offsets([0, 7n]))
      await commit(t, scene, offsets([0, 5n]))
      await endTransaction(t, scene.producer, true, 1)
      await t.until('the offset', async () => {
        const { groups } = await fetched(t, scene, true)
        return groups[0]?.topics[0]?.partitions[0]?.errorCode === ErrorCode.NONE
      })
      t.expect(await fetched(t, scene), offset(5n))
    },
  }),
  rule({
    id: 'txn-offset-commit.unknown-topic',
    says: 'A topic that does not exist gets UNKNOWN_TOPIC_OR_PARTITION, from version 6 on UNKNOWN_TOPIC_ID.',
    source: `${KIP_98}; ${KIP_1319}`,
    apis: [TxnOffsetCommit, InitProducerId, AddOffsetsToTxn],
    topic: 'errors',
    run: async (t) => {
      const scene = await withGroup(t)
      const id = '5f1b1a52-52cf-4d0f-8f5e-0d9ed5e7f3a1'
      const topic = { name: t.name('unknown'), id }
      const code =
        t.version >= 6 ? ErrorCode.UNKNOWN_TOPIC_ID : ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
      t.expect(await commit(t, { ...scene, topic }), committed(topic, [[0, code]]))
    },
  }),
  rule({
    id: 'txn-offset-commit.zero-topic-id',
    says: 'A topic id of zeros gets UNKNOWN_TOPIC_ID.',
    source: KIP_1319,
    apis: [TxnOffsetCommit, InitProducerId, AddOffsetsToTxn],
    topic: 'boundaries',
    versions: { min: 6 },
    run: async (t) => {
      const scene = await withGroup(t)
      const topic = { ...scene.topic, id: ZERO_UUID }
      const wanted = committed(topic, [[0, ErrorCode.UNKNOWN_TOPIC_ID]])
      t.expect(await commit(t, { ...scene, topic }), wanted)
    },
  }),
  rule({
    id: 'txn-offset-commit.unknown-partition',
    says: 'A partition that does not exist gets UNKNOWN_TOPIC_OR_PARTITION, the one beside it is taken.',
    source: KIP_98,
    apis: [TxnOffsetCommit, InitProducerId, AddOffsetsToTxn],
    topic: 'errors',
    run: async (t) => {
      const scene = await withGroup(t)
      const { topics } = await commit(t, scene, offsets([0, 7n], [2, 7n]))
      const found = topics.flatMap(({ partitions }) => partitions)
      const codes = new Map(found.map((each) => [each.partitionIndex, each.errorCode]))
      t.equal(codes.get(0), ErrorCode.NONE, 'error of the partition that exists')
      const unknown = ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
      t.equal(codes.get(2), unknown, 'error of the partition that does not exist')
    },
  }),
  rule({
    id: 'txn-offset-commit.metadata-too-large',
    releases: { from: '4.0' },
    says: 'Metadata of more than offset.metadata.max.bytes (4096) gets OFFSET_METADATA_TOO_LARGE, exactly so many are taken.',
    source: brokerConfigDocument('offset.metadata.max.bytes'),
    apis: [TxnOffsetCommit, InitProducerId, AddOffsetsToTxn],
    topic: 'boundaries',
    run: async (t) => {
      const scene = await withGroup(t)
      const [first, second] = [{ length: 4096 }, { length: 4097 }].map(({ length }, index) => ({
        partitionIndex: index,
        committedOffset: 1n,
        committedMetadata: 'm'.repeat(length),
      }))
      const partitions = [first, second].filter((each) => each !== undefined)
      const wanted = committed(scene.topic, [
        [0, ErrorCode.NONE],
        [1, ErrorCode.OFFSET_METADATA_TOO_LARGE],
      ])
      t.expect(await commit(t, scene, partitions), wanted)
    },
  }),
  rule({
    id: 'txn-offset-commit.null-metadata',
    says: 'Metadata may be null.',
    source: KIP_98,
    apis: [TxnOffsetCommit, InitProducerId, AddOffsetsToTxn],
    topic: 'boundaries',
    run: async (t) => {
      const scene = await withGroup(t)
      const partitions = [{ partitionIndex: 0, committedOffset: 1n, committedMetadata: null }]
      const wanted = committed(scene.topic, [[0, ErrorCode.NONE]])
      t.expect(await commit(t, scene, partitions), wanted)
    },
  }),
  rule({
    id: 'txn-offset-commit.fenced',
    says: 'An epoch below the known one gets INVALID_PRODUCER_EPOCH.',
    source: KIP_890,
    apis: [TxnOffsetCommit, InitProducerId, AddOffsetsToTxn],
    topic: 'errors',
    run: async (t) => {
      const scene = await withGroup(t)
      const { transactionalId } = scene.producer
      await initTransactions(t, { transactionalId })
      const wanted = committed(scene.topic, [[0, ErrorCode.INVALID_PRODUCER_EPOCH]])
      t.expect(await commit(t, scene), wanted)
    },
  }),
  rule({
    id: 'txn-offset-commit.v5-adds-itself',
    says: 'From version 5 on the group need not be added before: the offsets are taken, and shown after the commit.',
    source: KIP_890,
    apis: [TxnOffsetCommit, InitProducerId, OffsetFetch],
    topic: 'offsets',
    versions: { min: 5 },
    needs: ['transaction-version-2'],
    run: async (t) => {
      const topic = await createLog(t, { partitions: 2 })
      const producer = await initTransactions(t)
      const scene = { topic, producer, groupId: t.name('group') }
      t.expect(await commit(t, scene), committed(topic, [[0, ErrorCode.NONE]]))
      await endTransaction(t, producer, true)
      await t.until('the offset', async () => {
        const { groups } = await fetched(t, scene, true)
        return groups[0]?.topics[0]?.partitions[0]?.errorCode === ErrorCode.NONE
      })
      t.expect(await fetched(t, scene), offset(7n))
    },
  }),
  rule({
    id: 'txn-offset-commit.v4-not-added',
    says: 'Before version 5 a group that was not added to the transaction gets INVALID_TXN_STATE, in version 4 TRANSACTION_ABORTABLE.',
    source: KIP_890,
    apis: [TxnOffsetCommit, InitProducerId],
    topic: 'errors',
    versions: { max: 4 },
    run: async (t) => {
      const topic = await createLog(t)
      const producer = await initTransactions(t)
      const answer = await commit(t, { topic, producer, groupId: t.name('group') })
      const code = t.version >= 4 ? ErrorCode.TRANSACTION_ABORTABLE : ErrorCode.INVALID_TXN_STATE
      t.expect(answer, committed(topic, [[0, code]]))
    },
  }),
  rule({
    id: 'txn-offset-commit.no-topics',
    says: 'A request without topics gets an answer without topics.',
    source: KIP_98,
    apis: [TxnOffsetCommit, InitProducerId, AddOffsetsToTxn],
    topic: 'boundaries',
    run: async (t) => {
      const scene = await withGroup(t)
      t.expect(await commit(t, scene, [], { topics: [] }), { topics: [] })
    },
  }),
]
