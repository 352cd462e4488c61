import { ErrorCode, ShareFetch, type ShareFetchRequestInput } from '@ottla/protocol'
import { type Rule, rule } from '../rules/rule.js'
import {
  AckType,
  acknowledged,
  acquired,
  createLog,
  createShareGroup,
  joinShareGroup,
  produce,
  type ShareGroup,
  sharePartition,
  shareSession,
  take,
  values,
} from '../steps/index.js'

const KIP_932 = 'KIP-932: Queues for Kafka, Share sessions'

const { ACCEPT } = AckType

const SHARING = {
  source: KIP_932,
  apis: [ShareFetch] satisfies Rule['apis'] as Rule['apis'],
  topic: 'share-groups',
  needs: ['share-groups'],
} as const satisfies Partial<Rule>

/** Requests that are refused as a whole, after a session was opened with epoch 0. */
interface Refusal {
  readonly what: string
  readonly says: string
  readonly errorCode: number
  readonly fields: (group: ShareGroup) => Partial<ShareFetchRequestInput>
}

const refusals: readonly Refusal[] = [
  {
    what: 'acknowledges-at-first',
    says: 'A request that opens a session may acknowledge nothing: INVALID_REQUEST.',
    errorCode: ErrorCode.INVALID_REQUEST,
    fields: (group) => ({
      shareSessionEpoch: 0,
      topics: sharePartition(group, [[0n, 0n, ACCEPT]]),
    }),
  },
  {
    what: 'later-epoch',
    says: 'An epoch that is not the next is refused with INVALID_SHARE_SESSION_EPOCH.',
    errorCode: ErrorCode.INVALID_SHARE_SESSION_EPOCH,
    fields: () => ({ shareSessionEpoch: 5 }),
  },
  {
    what: 'greatest-epoch',
    says: 'The greatest epoch is refused with INVALID_SHARE_SESSION_EPOCH where it is not the next.',
    errorCode: ErrorCode.INVALID_SHARE_SESSION_EPOCH,
    fields: () => ({ shareSessionEpoch: 2_147_483_647 }),
  },
  {
    what: 'other-member',
    says: 'Another member than the one that opened the session is refused with SHARE_SESSION_NOT_FOUND.',
    errorCode: ErrorCode.SHARE_SESSION_NOT_FOUND,
    fields: () => ({ memberId: 'AAAAAAAAAAAAAAAAAAAAAw' }),
  },
  {
    what: 'other-group',
    says: 'A session is of one group: another is refused with SHARE_SESSION_NOT_FOUND.',
    errorCode: ErrorCode.SHARE_SESSION_NOT_FOUND,
    fields: () => ({ groupId: 'conformance-another-group' }),
  },
  {
    what: 'close-of-other-member',
    says: 'A session that does not exist cannot be closed: SHARE_SESSION_NOT_FOUND.',
    errorCode: ErrorCode.SHARE_SESSION_NOT_FOUND,
    fields: () => ({ memberId: 'AAAAAAAAAAAAAAAAAAAAAw', shareSessionEpoch: -1 }),
  },
  {
    what: 'no-group-id',
    says: 'Without a group id a request is refused with INVALID_REQUEST.',
    errorCode: ErrorCode.INVALID_REQUEST,
    fields: () => ({ groupId: null }),
  },
  {
    what: 'no-member-id',
    says: 'Without a member id a request is refused with INVALID_REQUEST.',
    errorCode: ErrorCode.INVALID_REQUEST,
    fields: () => ({ memberId: null }),
  },
]

/** Rules of share sessions. */
export const rules: readonly Rule[] = [
  ...refusals.map(({ what, says, errorCode, fields }) =>
    rule({
      ...SHARING,
      id: `share-fetch.session-${what}`,
      says,
      topic: 'errors',
      run: async (t) => {
        const group = await createShareGroup(t)
        const one = await shareSession(t, group, group.memberId)
        t.expect(await one.fetch(), { errorCode: ErrorCode.NONE })
        t.expect(await one.fetch(fields(group)), { errorCode, responses: [] })
      },
    }),
  ),
  rule({
    ...SHARING,
    id: 'share-fetch.session-repeated-epoch',
    says: 'An epoch that was used is refused with INVALID_SHARE_SESSION_EPOCH, and the session stands.',
    topic: 'errors',
    run: async (t) => {
      const group = await createShareGroup(t, { batches: [['a']] })
      const one = await shareSession(t, group, group.memberId)
      await take(t, group, one, [[0n, 0n, 1]])
      await take(t, group, one, [])
      const again = await one.fetch({ shareSessionEpoch: one.epoch - 1 })
      t.expect(again, { errorCode: ErrorCode.INVALID_SHARE_SESSION_EPOCH, responses: [] })
      one.epoch--
      t.expect(await one.acknowledge([[0n, 0n, ACCEPT]]), acknowledged(group))
    },
  }),
  rule({
    ...SHARING,
    id: 'share-fetch.session-remembers',
    says: 'A session remembers its partitions: a request that names none fetches from them.',
    run: async (t) => {
      const group = await createShareGroup(t)
      const one = await shareSession(t, group, group.memberId)
      await take(t, group, one, [])
      await produce(t, group.topic, values('a'))
      await take(t, group, one, [[0n, 0n, 1]], { topics: [] })
    },
  }),
  rule({
    ...SHARING,
    id: 'share-fetch.session-forgets',
    says: 'A forgotten partition is not fetched from, until it is named again.',
    run: async (t) => {
      const group = await createShareGroup(t)
      const one = await shareSession(t, group, group.memberId)
      await take(t, group, one, [])
      await produce(t, group.topic, values('a'))
      const forgottenTopicsData = [{ topicId: group.topic.id, partitions: [0] }]
      const answer = await one.fetch({ topics: [], forgottenTopicsData, maxWaitMs: 200 })
      t.expect(answer, { errorCode: ErrorCode.NONE, responses: [] })
      await take(t, group, one, [[0n, 0n, 1]])
    },
  }),
  rule({
    ...SHARING,
    id: 'share-fetch.session-adds-partitions',
    says: 'A partition may be added to a session that stands.',
    run: async (t) => {
      const first = await createShareGroup(t)
      const one = await shareSession(t, first, first.memberId)
      await take(t, first, one, [])
      const topic = await createLog(t)
      const { groupId } = first
      await joinShareGroup(t, groupId, [topic.name])
      await produce(t, topic, values('a'))
      const second = { groupId, topic }
      const topics = sharePartition(second)
      await take(t, second, one, [[0n, 0n, 1]], { topics })
    },
  }),
  rule({
    ...SHARING,
    id: 'share-fetch.session-opens-again',
    says: 'Epoch 0 replaces a session that stands, and what was acquired stays with the member.',
    run: async (t) => {
      const group = await createShareGroup(t, { batches: [['a']] })
      const one = await shareSession(t, group, group.memberId)
      await take(t, group, one, [[0n, 0n, 1]])
      one.epoch = 0
      await take(t, group, one, [])
      t.expect(await one.acknowledge([[0n, 0n, ACCEPT]]), acknowledged(group))
    },
  }),
  rule({
    ...SHARING,
    id: 'share-fetch.session-closes',
    says: 'Epoch -1 acknowledges, acquires nothing more, gives the rest back and ends the session.',
    run: async (t) => {
      const group = await createShareGroup(t, { batches: [['a', 'b', 'c']] })
      const one = await shareSession(t, group, group.memberId)
      await take(t, group, one, [[0n, 2n, 1]])
      await produce(t, group.topic, values('d'))
      const closed = await one.fetch({ shareSessionEpoch: -1 }, [[0n, 0n, ACCEPT]])
      t.expect(closed, acquired(group))
      const late = await one.fetch()
      t.expect(late, { errorCode: ErrorCode.SHARE_SESSION_NOT_FOUND, responses: [] })
      const other = await shareSession(t, group)
      // What is given back comes a moment after what was never taken.
      const taken: string[] = []
      await t.until('all that is left', async () => {
        const { responses } = await other.fetch()
        const ranges = responses[0]?.partitions[0]?.acquiredRecords ?? []
        taken.push(
          ...ranges.map((one) => `${one.firstOffset}-${one.lastOffset}: ${one.deliveryCount}`),
        )
        return taken.length >= 2
      })
      t.equal(taken.sort(), ['1-2: 2', '3-3: 1'], 'offsets, and how often they were delivered')
    },
  }),
  rule({
    ...SHARING,
    id: 'share-fetch.session-ends-with-connection',
    says: 'With its connection a session ends, and gives back what it had acquired.',
    run: async (t) => {
      const group = await createShareGroup(t, { batches: [['a', 'b']] })
      const one = await shareSession(t, group, group.memberId)
      await take(t, group, one, [[0n, 1n, 1]])
      one.client.close()
      const other = await shareSession(t, group)
      await take(t, group, other, [[0n, 1n, 2]])
    },
  }),
  rule({
    ...SHARING,
    id: 'share-fetch.unknown-partition',
    says: 'A partition that does not exist is UNKNOWN_TOPIC_OR_PARTITION.',
    topic: 'errors',
    run: async (t) => {
      const group = await createShareGroup(t)
      const one = await shareSession(t, group, group.memberId)
      const errorCode = ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
      const partitions = [{ partitionIndex: 9, errorCode, acquiredRecords: [] }]
      t.expect(await one.fetch({ topics: sharePartition(group, [], 9) }), {
        errorCode: ErrorCode.NONE,
        responses: [{ topicId: group.topic.id, partitions }],
      })
    },
  }),
]
