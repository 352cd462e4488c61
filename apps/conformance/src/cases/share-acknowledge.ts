import { ErrorCode, ShareAcknowledge, ShareFetch } from '@ottla/protocol'
import { atLeast, nonEmpty } from '../match/index.js'
import { type Rule, rule } from '../rules/rule.js'
import {
  type Ack,
  AckType,
  type AcquiredRange,
  acknowledged,
  createShareGroup,
  sharePartition,
  shareSession,
  take,
} from '../steps/index.js'

const KIP_932 = 'KIP-932: Queues for Kafka, ShareAcknowledge API'
const KIP_1222 = 'KIP-1222: Acquisition lock timeout renewal in share consumer explicit mode'

const { GAP, ACCEPT, RELEASE, REJECT, RENEW } = AckType

const SHARING = {
  source: KIP_932,
  apis: [ShareAcknowledge, ShareFetch] satisfies Rule['apis'] as Rule['apis'],
  topic: 'share-groups',
  needs: ['share-groups'],
} as const satisfies Partial<Rule>

/** Acknowledgements of five records in one batch, and what the next member gets of them. */
interface Outcome {
  readonly what: string
  readonly says: string
  readonly acks: readonly Ack[]
  readonly next: readonly AcquiredRange[]
}

const outcomes: readonly Outcome[] = [
  {
    what: 'accept',
    says: 'What is accepted is not delivered again.',
    acks: [[0n, 4n, ACCEPT]],
    next: [],
  },
  {
    what: 'reject',
    says: 'What is rejected is not delivered again.',
    acks: [[0n, 4n, REJECT]],
    next: [],
  },
  {
    what: 'gap',
    says: 'What is said to be a gap is not delivered again.',
    acks: [[0n, 4n, GAP]],
    next: [],
  },
  {
    what: 'release',
    says: 'What is released is delivered again, with a delivery count one higher.',
    acks: [[0n, 4n, RELEASE]],
    next: [[0n, 4n, 2]],
  },
  {
    what: 'type-for-each',
    says: 'With a type for each offset, each has its own fate.',
    acks: [[0n, 4n, ACCEPT, RELEASE, REJECT, RELEASE, GAP]],
    next: [
      [1n, 1n, 2],
      [3n, 3n, 2],
    ],
  },
  {
    what: 'part-of-a-batch',
    says: 'Part of a batch may be acknowledged; the rest stays locked.',
    acks: [[1n, 2n, RELEASE]],
    next: [[1n, 2n, 2]],
  },
  {
    what: 'several-batches',
    says: 'Several ranges of a partition may be acknowledged in one request.',
    acks: [
      [0n, 0n, RELEASE],
      [1n, 3n, ACCEPT],
      [4n, 4n, RELEASE],
    ],
    next: [
      [0n, 0n, 2],
      [4n, 4n, 2],
    ],
  },
]

const decided = ({ what, says, acks, next }: Outcome): Rule =>
  rule({
    ...SHARING,
    id: `share-acknowledge.${what}`,
    says,
    run: async (t) => {
      const group = await createShareGroup(t, { batches: [['a', 'b', 'c', 'd', 'e']] })
      const one = await shareSession(t, group, group.memberId)
      await take(t, group, one, [[0n, 4n, 1]])
      t.expect(await one.acknowledge(acks), {
        ...acknowledged(group),
        throttleTimeMs: 0,
        errorMessage: null,
        ...(t.version >= 2 ? { acquisitionLockTimeoutMs: atLeast(1) } : {}),
        nodeEndpoints: [],
      })
      const other = await shareSession(t, group)
      await take(t, group, other, next)
    },
  })

/** Acknowledgements that the partition refuses. */
interface Refusal {
  readonly what: string
  readonly says: string
  readonly acks: readonly Ack[]
  readonly errorCode: number
}

const refusals: readonly Refusal[] = [
  {
    what: 'offset-past-acquired',
    says: 'An offset after everything that was acquired is refused with INVALID_REQUEST.',
    acks: [[100n, 100n, ACCEPT]],
    errorCode: ErrorCode.INVALID_REQUEST,
  },
  {
    what: 'unknown-type',
    says: 'A type that there is not is refused with INVALID_REQUEST.',
    acks: [[0n, 0n, 5]],
    errorCode: ErrorCode.INVALID_REQUEST,
  },
  {
    what: 'negative-type',
    says: 'A negative type is refused with INVALID_REQUEST.',
    acks: [[0n, 0n, -1]],
    errorCode: ErrorCode.INVALID_REQUEST,
  },
  {
    what: 'first-after-last',
    says: 'A range whose first offset is after its last is refused with INVALID_REQUEST.',
    acks: [[1n, 0n, ACCEPT]],
    errorCode: ErrorCode.INVALID_REQUEST,
  },
  {
    what: 'too-many-types',
    says: 'More types than offsets are refused with INVALID_REQUEST.',
    acks: [[0n, 1n, ACCEPT, ACCEPT, ACCEPT]],
    errorCode: ErrorCode.INVALID_REQUEST,
  },
  {
    what: 'too-few-types',
    says: 'More than one type but fewer than offsets are refused with INVALID_REQUEST.',
    acks: [[0n, 2n, ACCEPT, ACCEPT]],
    errorCode: ErrorCode.INVALID_REQUEST,
  },
  {
    what: 'no-type',
    says: 'A range without any type is refused with INVALID_REQUEST.',
    acks: [[0n, 1n]],
    errorCode: ErrorCode.INVALID_REQUEST,
  },
  {
    what: 'ranges-out-of-order',
    says: 'Ranges that do not go up are refused with INVALID_REQUEST.',
    acks: [
      [2n, 2n, ACCEPT],
      [0n, 0n, ACCEPT],
    ],
    errorCode: ErrorCode.INVALID_REQUEST,
  },
  {
    what: 'ranges-overlap',
    says: 'An offset that an earlier range of the request settles is not acquired any more: INVALID_RECORD_STATE.',
    acks: [
      [0n, 2n, RELEASE],
      [2n, 2n, RELEASE],
    ],
    errorCode: ErrorCode.INVALID_RECORD_STATE,
  },
  {
    what: 'renew-without-saying-so',
    says: 'Renewing is refused with INVALID_REQUEST in a request that does not announce it.',
    acks: [[0n, 0n, RENEW]],
    errorCode: ErrorCode.INVALID_REQUEST,
  },
]

const refused = ({ what, says, acks, errorCode }: Refusal): Rule =>
  rule({
    ...SHARING,
    id: `share-acknowledge.${what}`,
    says,
    topic: 'errors',
    run: async (t) => {
      const group = await createShareGroup(t, { batches: [['a', 'b', 'c']] })
      const one = await shareSession(t, group, group.memberId)
      await take(t, group, one, [[0n, 2n, 1]])
      t.expect(await one.acknowledge(acks), acknowledged(group, errorCode))
      // Nothing of it was done: all three can still be given back, together.
      t.expect(await one.acknowledge([[0n, 2n, RELEASE]]), acknowledged(group))
      await take(t, group, one, [[0n, 2n, 2]])
    },
  })

/** Requests that are refused as a whole. */
const wholeRefusals = [
  {
    what: 'epoch-0',
    says: 'Epoch 0 opens no session here: INVALID_SHARE_SESSION_EPOCH.',
    errorCode: ErrorCode.INVALID_SHARE_SESSION_EPOCH,
    fields: { shareSessionEpoch: 0 },
  },
  {
    what: 'later-epoch',
    says: 'An epoch that is not the next is refused with INVALID_SHARE_SESSION_EPOCH.',
    errorCode: ErrorCode.INVALID_SHARE_SESSION_EPOCH,
    fields: { shareSessionEpoch: 2 },
  },
  {
    what: 'other-member',
    says: 'A member without a session is refused with SHARE_SESSION_NOT_FOUND.',
    errorCode: ErrorCode.SHARE_SESSION_NOT_FOUND,
    fields: { memberId: 'AAAAAAAAAAAAAAAAAAAAAw' },
  },
  {
    what: 'other-group',
    says: 'A session of another group does not count: SHARE_SESSION_NOT_FOUND.',
    errorCode: ErrorCode.SHARE_SESSION_NOT_FOUND,
    fields: { groupId: 'conformance-another-group' },
  },
] as const

/** Rules of ShareAcknowledge. */
export const rules: readonly Rule[] = [
  ...outcomes.map(decided),
  ...refusals.map(refused),
  ...wholeRefusals.map(({ what, says, errorCode, fields }) =>
    rule({
      ...SHARING,
      id: `share-acknowledge.${what}`,
      says,
      topic: 'errors',
      run: async (t) => {
        const group = await createShareGroup(t, { batches: [['a']] })
        const one = await shareSession(t, group, group.memberId)
        await take(t, group, one, [[0n, 0n, 1]])
        const answer = await one.acknowledge([[0n, 0n, ACCEPT]], fields)
        t.expect(answer, { errorCode, responses: [] })
      },
    }),
  ),
  rule({
    ...SHARING,
    id: 'share-acknowledge.closes-session',
    says: 'Epoch -1 acknowledges, gives the rest back and ends the session.',
    run: async (t) => {
      const group = await createShareGroup(t, { batches: [['a', 'b', 'c']] })
      const one = await shareSession(t, group, group.memberId)
      await take(t, group, one, [[0n, 2n, 1]])
      const last = await one.acknowledge([[0n, 0n, ACCEPT]], { shareSessionEpoch: -1 })
      t.expect(last, acknowledged(group))
      const late = await one.acknowledge([[1n, 1n, ACCEPT]])
      t.expect(late, { errorCode: ErrorCode.SHARE_SESSION_NOT_FOUND, responses: [] })
      const other = await shareSession(t, group)
      await take(t, group, other, [[1n, 2n, 2]])
    },
  }),
  rule({
    ...SHARING,
    id: 'share-acknowledge.not-the-owner',
    says: 'What another member has acquired is refused with INVALID_RECORD_STATE, and stays with that member.',
    topic: 'errors',
    run: async (t) => {
      const group = await createShareGroup(t, { batches: [['a', 'b']] })
      const one = await shareSession(t, group, group.memberId)
      await take(t, group, one, [[0n, 1n, 1]])
      const other = await shareSession(t, group)
      await take(t, group, other, [])
      const errorCode = ErrorCode.INVALID_RECORD_STATE
      t.expect(await other.acknowledge([[0n, 1n, ACCEPT]]), acknowledged(group, errorCode))
      t.expect(await one.acknowledge([[0n, 1n, RELEASE]]), acknowledged(group))
    },
  }),
  rule({
    ...SHARING,
    id: 'share-acknowledge.released-is-not-owned',
    says: 'What was released cannot be acknowledged until it is acquired again: INVALID_RECORD_STATE.',
    topic: 'errors',
    run: async (t) => {
      const group = await createShareGroup(t, { batches: [['a', 'b']] })
      const one = await shareSession(t, group, group.memberId)
      await take(t, group, one, [[0n, 1n, 1]])
      t.expect(await one.acknowledge([[0n, 1n, RELEASE]]), acknowledged(group))
      const errorCode = ErrorCode.INVALID_RECORD_STATE
      t.expect(await one.acknowledge([[0n, 1n, ACCEPT]]), acknowledged(group, errorCode))
      await take(t, group, one, [[0n, 1n, 2]])
      t.expect(await one.acknowledge([[0n, 1n, ACCEPT]]), acknowledged(group))
    },
  }),
  rule({
    ...SHARING,
    id: 'share-acknowledge.twice-in-the-middle',
    says: 'What was accepted cannot be acknowledged again while an earlier record is open: INVALID_RECORD_STATE.',
    topic: 'errors',
    run: async (t) => {
      const group = await createShareGroup(t, { batches: [['a', 'b', 'c']] })
      const one = await shareSession(t, group, group.memberId)
      await take(t, group, one, [[0n, 2n, 1]])
      t.expect(await one.acknowledge([[1n, 1n, ACCEPT]]), acknowledged(group))
      const errorCode = ErrorCode.INVALID_RECORD_STATE
      t.expect(await one.acknowledge([[1n, 1n, RELEASE]]), acknowledged(group, errorCode))
    },
  }),
  rule({
    ...SHARING,
    id: 'share-acknowledge.unknown-partition',
    says: 'A partition that does not exist is answered with UNKNOWN_TOPIC_OR_PARTITION.',
    topic: 'errors',
    run: async (t) => {
      const group = await createShareGroup(t, { batches: [['a']] })
      const one = await shareSession(t, group, group.memberId)
      await take(t, group, one, [[0n, 0n, 1]])
      const topics = sharePartition(group, [[0n, 0n, ACCEPT]], 7)
      const partition = { partitionIndex: 7, errorCode: ErrorCode.UNKNOWN_TOPIC_OR_PARTITION }
      t.expect(await one.acknowledge([], { topics }), {
        errorCode: ErrorCode.NONE,
        responses: [{ topicId: group.topic.id, partitions: [partition] }],
      })
    },
  }),
  rule({
    ...SHARING,
    id: 'share-acknowledge.renew',
    says: 'Renewing keeps a record with its member, as often as it says so; it can be accepted after.',
    source: KIP_1222,
    versions: { min: 2 },
    run: async (t) => {
      const group = await createShareGroup(t, { batches: [['a']] })
      const one = await shareSession(t, group, group.memberId)
      await take(t, group, one, [[0n, 0n, 1]])
      const renewed = await one.acknowledge([[0n, 0n, RENEW]], { isRenewAck: true })
      t.expect(renewed, { ...acknowledged(group), acquisitionLockTimeoutMs: atLeast(1) })
      const other = await shareSession(t, group)
      await take(t, group, other, [])
      t.expect(await one.acknowledge([[0n, 0n, ACCEPT]]), acknowledged(group))
    },
  }),
  rule({
    ...SHARING,
    id: 'share-acknowledge.not-owner-says-why',
    says: 'A refusal of a partition comes with a text that says why.',
    topic: 'errors',
    run: async (t) => {
      const group = await createShareGroup(t, { batches: [['a', 'b']] })
      const one = await shareSession(t, group, group.memberId)
      await take(t, group, one, [[0n, 1n, 1]], { maxRecords: 1 })
      const errorCode = ErrorCode.INVALID_REQUEST
      const partition = { partitionIndex: 0, errorCode, errorMessage: nonEmpty }
      const answer = await one.acknowledge([[2n, 2n, ACCEPT]])
      t.expect(answer, { responses: [{ topicId: group.topic.id, partitions: [partition] }] })
    },
  }),
]
