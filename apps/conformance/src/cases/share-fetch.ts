import { ErrorCode, Produce, ShareFetch, type ShareFetchRequestInput } from '@ottla/protocol'
import { atLeast, nonEmpty } from '../match/index.js'
import { type Rule, rule } from '../rules/rule.js'
import {
  AckType,
  type AcquiredRange,
  acknowledged,
  createShareGroup,
  decodeBatches,
  endTransaction,
  initTransactions,
  produce,
  produceInTransaction,
  shareSession,
  take,
  values,
} from '../steps/index.js'

const KIP_932 = 'KIP-932: Queues for Kafka, ShareFetch API'
const KIP_1206 = 'KIP-1206: Strict max fetch records in share fetch'

const { ACCEPT, RELEASE } = AckType

const SHARING = {
  source: KIP_932,
  apis: [ShareFetch] satisfies Rule['apis'] as Rule['apis'],
  topic: 'share-groups',
  needs: ['share-groups'],
} as const satisfies Partial<Rule>

/** What one request gets of two batches of three records each. */
interface Bounded {
  readonly what: string
  readonly says: string
  readonly source?: string
  readonly min?: number
  readonly fields: Partial<ShareFetchRequestInput>
  readonly ranges: readonly AcquiredRange[]
}

const bounded: readonly Bounded[] = [
  {
    what: 'acquires-all',
    says: 'What is there is acquired in one range, with a delivery count of 1.',
    fields: {},
    ranges: [[0n, 5n, 1]],
  },
  {
    what: 'max-records-ends-at-batch',
    says: 'MaxRecords is met by whole batches: one record more than the limit may be many.',
    fields: { maxRecords: 1 },
    ranges: [[0n, 2n, 1]],
  },
  {
    what: 'max-records-between-batches',
    says: 'A batch that begins before MaxRecords is reached is acquired whole.',
    fields: { maxRecords: 4 },
    ranges: [[0n, 5n, 1]],
  },
  {
    what: 'record-limit',
    says: 'In the mode record_limit no more than MaxRecords are acquired, in the middle of a batch too.',
    source: KIP_1206,
    min: 2,
    fields: { maxRecords: 2, shareAcquireMode: 1 },
    ranges: [[0n, 1n, 1]],
  },
  {
    what: 'batch-size',
    says: 'BatchSize bounds the ranges in which acquired records are told, at batches of the log.',
    fields: { batchSize: 3 },
    ranges: [
      [0n, 2n, 1],
      [3n, 5n, 1],
    ],
  },
]

const boundedRule = ({ what, says, source = KIP_932, min = 0, fields, ranges }: Bounded): Rule =>
  rule({
    ...SHARING,
    id: `share-fetch.${what}`,
    says,
    source,
    versions: { min },
    run: async (t) => {
      const batches = [
        ['a', 'b', 'c'],
        ['d', 'e', 'f'],
      ]
      const group = await createShareGroup(t, { batches })
      const one = await shareSession(t, group, group.memberId)
      await take(t, group, one, ranges, fields)
    },
  })

/** Rules of what ShareFetch acquires. */
export const rules: readonly Rule[] = [
  ...bounded.map(boundedRule),
  rule({
    ...SHARING,
    id: 'share-fetch.answer',
    says: 'The answer has the records, the time for which they are locked and no endpoints while the leader stays.',
    run: async (t) => {
      const group = await createShareGroup(t, { batches: [['a', 'b']] })
      const one = await shareSession(t, group, group.memberId)
      const answer = await take(t, group, one, [[0n, 1n, 1]])
      t.expect(answer, {
        throttleTimeMs: 0,
        errorMessage: null,
        acquisitionLockTimeoutMs: atLeast(1000),
        responses: [
          {
            topicId: group.topic.id,
            partitions: [{ errorMessage: null, acknowledgeErrorMessage: null, records: nonEmpty }],
          },
        ],
        nodeEndpoints: [],
      })
      const records = answer.responses[0]?.partitions[0]?.records ?? null
      const texts = decodeBatches(records).flatMap((batch) =>
        [...batch].map(({ value }) => value?.toString()),
      )
      t.equal(texts, ['a', 'b'], 'values of the records')
    },
  }),
  rule({
    ...SHARING,
    id: 'share-fetch.begins-at-the-end',
    says: 'A group without share.auto.offset.reset begins with what is written after it began.',
    run: async (t) => {
      const configs = { 'share.auto.offset.reset': 'latest' }
      const group = await createShareGroup(t, { batches: [['old']], configs })
      const one = await shareSession(t, group, group.memberId)
      await take(t, group, one, [])
      await produce(t, group.topic, values('new'))
      await take(t, group, one, [[1n, 1n, 1]])
    },
  }),
  rule({
    ...SHARING,
    id: 'share-fetch.locked-for-others',
    says: 'What a member has acquired goes to no other member, and not to itself again.',
    run: async (t) => {
      const group = await createShareGroup(t, { batches: [['a', 'b']] })
      const one = await shareSession(t, group, group.memberId)
      await take(t, group, one, [[0n, 1n, 1]])
      const other = await shareSession(t, group)
      await take(t, group, other, [])
      await take(t, group, one, [])
    },
  }),
  rule({
    ...SHARING,
    id: 'share-fetch.members-share-a-partition',
    says: 'Members take turns at one partition: who comes later gets what is left.',
    run: async (t) => {
      const group = await createShareGroup(t, { batches: [['a'], ['b'], ['c']] })
      const one = await shareSession(t, group, group.memberId)
      await take(t, group, one, [[0n, 0n, 1]], { maxRecords: 1 })
      const other = await shareSession(t, group)
      await take(t, group, other, [[1n, 1n, 1]], { maxRecords: 1 })
      await take(t, group, one, [[2n, 2n, 1]], { maxRecords: 1 })
    },
  }),
  rule({
    ...SHARING,
    id: 'share-fetch.groups-are-apart',
    says: 'Each group gets every record: what one has accepted is new to another.',
    run: async (t) => {
      const group = await createShareGroup(t, { batches: [['a']] })
      const one = await shareSession(t, group, group.memberId)
      await take(t, group, one, [[0n, 0n, 1]])
      t.expect(await one.acknowledge([[0n, 0n, ACCEPT]]), acknowledged(group))
      const { groupId, memberId } = await createShareGroup(t, { topic: group.topic })
      const other = { groupId, topic: group.topic }
      await take(t, other, await shareSession(t, other, memberId), [[0n, 0n, 1]])
    },
  }),
  rule({
    ...SHARING,
    id: 'share-fetch.piggybacked',
    says: 'Acknowledgements in a ShareFetch hold before it acquires.',
    run: async (t) => {
      const group = await createShareGroup(t, { batches: [['a', 'b', 'c']] })
      const one = await shareSession(t, group, group.memberId)
      await take(t, group, one, [[0n, 2n, 1]])
      const answer = await one.fetch({ maxWaitMs: 5000, minBytes: 1 }, [
        [0n, 2n, ACCEPT, RELEASE, ACCEPT],
      ])
      const partition = { errorCode: ErrorCode.NONE, acknowledgeErrorCode: ErrorCode.NONE }
      const acquiredRecords = [{ firstOffset: 1n, lastOffset: 1n, deliveryCount: 2 }]
      t.expect(answer, {
        errorCode: ErrorCode.NONE,
        responses: [{ topicId: group.topic.id, partitions: [{ ...partition, acquiredRecords }] }],
      })
    },
  }),
  rule({
    ...SHARING,
    id: 'share-fetch.piggybacked-refusal',
    says: 'Acknowledgements in a ShareFetch that are refused do not keep it from acquiring.',
    topic: 'errors',
    run: async (t) => {
      const group = await createShareGroup(t, { batches: [['a']] })
      const one = await shareSession(t, group, group.memberId)
      await take(t, group, one, [[0n, 0n, 1]])
      await produce(t, group.topic, values('b'))
      const answer = await one.fetch({ maxWaitMs: 5000, minBytes: 1 }, [[9n, 9n, ACCEPT]])
      const acknowledgeErrorCode = ErrorCode.INVALID_REQUEST
      const acquiredRecords = [{ firstOffset: 1n, lastOffset: 1n, deliveryCount: 1 }]
      const partition = { errorCode: ErrorCode.NONE, acknowledgeErrorCode, acquiredRecords }
      t.expect(answer, {
        errorCode: ErrorCode.NONE,
        responses: [{ topicId: group.topic.id, partitions: [partition] }],
      })
    },
  }),
  rule({
    ...SHARING,
    id: 'share-fetch.delivery-limit',
    says: 'A record that was delivered as often as group.share.delivery.count.limit says is not delivered again.',
    versions: 'newest',
    run: async (t) => {
      const group = await createShareGroup(t, { batches: [['a']] })
      const one = await shareSession(t, group, group.memberId)
      // The default of the limit is 5.
      for (let count = 1; count <= 5; count++) {
        await take(t, group, one, [[0n, 0n, count]])
        t.expect(await one.acknowledge([[0n, 0n, RELEASE]]), acknowledged(group))
      }
      await take(t, group, one, [])
    },
  }),
  rule({
    ...SHARING,
    id: 'share-fetch.waits-for-records',
    says: 'A ShareFetch waits for records, and ends with the first that come.',
    topic: 'long-polling',
    versions: 'newest',
    run: async (t) => {
      const group = await createShareGroup(t)
      const one = await shareSession(t, group, group.memberId)
      await take(t, group, one, [])
      const begun = t.now()
      const waiting = one.fetch({ maxWaitMs: 8000, minBytes: 1 })
      await produce(t, group.topic, values('a'))
      const answer = await waiting
      const acquiredRecords = [{ firstOffset: 0n, lastOffset: 0n, deliveryCount: 1 }]
      t.expect(answer, {
        errorCode: ErrorCode.NONE,
        responses: [{ topicId: group.topic.id, partitions: [{ errorCode: 0, acquiredRecords }] }],
      })
      t.check(
        t.now() - begun < 7000,
        'the answer comes with the record, not at the end of the wait',
      )
    },
  }),
  rule({
    ...SHARING,
    id: 'share-fetch.max-wait',
    says: 'Without records a ShareFetch is answered when MaxWaitMs is over, not before.',
    topic: 'long-polling',
    versions: 'newest',
    run: async (t) => {
      const group = await createShareGroup(t)
      const one = await shareSession(t, group, group.memberId)
      await take(t, group, one, [])
      const begun = t.now()
      await take(t, group, one, [], { maxWaitMs: 700 })
      t.check(t.now() - begun >= 690, 'the broker waits for MaxWaitMs')
    },
  }),
  rule({
    ...SHARING,
    id: 'share-fetch.released-wakes-others',
    says: 'A member that waits gets what another releases.',
    topic: 'long-polling',
    versions: 'newest',
    run: async (t) => {
      const group = await createShareGroup(t, { batches: [['a']] })
      const one = await shareSession(t, group, group.memberId)
      await take(t, group, one, [[0n, 0n, 1]])
      const other = await shareSession(t, group)
      // Apache Kafka 4.4 may answer it at the end of its wait only: when is not said.
      const waiting = take(t, group, other, [[0n, 0n, 2]], { maxWaitMs: 3000 })
      const [, released] = await Promise.all([waiting, one.acknowledge([[0n, 0n, RELEASE]])])
      t.expect(released, acknowledged(group))
    },
  }),
  rule({
    ...SHARING,
    id: 'share-fetch.lock-expires',
    says: 'A record that is not acknowledged in share.record.lock.duration.ms is delivered again, with a higher count.',
    versions: 'newest',
    needs: ['share-groups', 'short-record-locks'],
    run: async (t) => {
      const configs = { 'share.record.lock.duration.ms': '1000' }
      const group = await createShareGroup(t, { batches: [['a']], configs })
      const one = await shareSession(t, group, group.memberId)
      const answer = await take(t, group, one, [[0n, 0n, 1]])
      t.expect(answer, { acquisitionLockTimeoutMs: 1000 })
      const other = await shareSession(t, group)
      await take(t, group, other, [[0n, 0n, 2]])
      const late = await one.acknowledge([[0n, 0n, ACCEPT]])
      t.expect(late, acknowledged(group, ErrorCode.INVALID_RECORD_STATE))
    },
  }),
  ...[
    { isolation: 'read_committed', ranges: [[2n, 3n, 1]] as const },
    { isolation: 'read_uncommitted', ranges: [[0n, 3n, 1]] as const },
  ].map(({ isolation, ranges }) =>
    rule({
      ...SHARING,
      id: `share-fetch.${isolation.replace('_', '-')}`,
      says: `With share.isolation.level ${isolation} records of aborted transactions are ${isolation === 'read_committed' ? 'not delivered' : 'delivered, too'}.`,
      apis: [ShareFetch, Produce],
      versions: 'newest',
      run: async (t) => {
        const configs = { 'share.isolation.level': isolation }
        const group = await createShareGroup(t, { configs })
        const producer = await initTransactions(t)
        await produceInTransaction(t, producer, group.topic, ['a', 'b'])
        await endTransaction(t, producer, false)
        await produce(t, group.topic, values('c'))
        const one = await shareSession(t, group, group.memberId)
        await take(t, group, one, ranges)
      },
    }),
  ),
]
