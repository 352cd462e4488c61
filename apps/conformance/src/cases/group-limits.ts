import {
  ConsumerGroupHeartbeat,
  ErrorCode,
  JoinGroup,
  type JoinGroupResponse,
  ShareFetch,
  ShareGroupHeartbeat,
  StreamsGroupHeartbeat,
} from '@ottla/protocol'
import { type Rule, rule } from '../rules/rule.js'
import type { RuleContext } from '../rules/rule-context.js'
import {
  connectToGroup,
  createLog,
  createTopic,
  joiningHeartbeat,
  joiningStreams,
  joinRequest,
  type ShareSession,
  shareMemberId,
  shareSession,
} from '../steps/index.js'

const { NONE, GROUP_MAX_SIZE_REACHED } = ErrorCode

/** What the need `small-groups` says. */
const MOST_MEMBERS = 10

/** What the need `small-groups` says of the share sessions of a broker. */
const MOST_SESSIONS = 100

/** A refusal takes less. */
const SOON_MS = 100

const LIMITS = { topic: 'errors', needs: ['small-groups'] } as const satisfies Partial<Rule>

/** Lets as many members into a group as it takes. */
async function fill(
  t: RuleContext,
  join: (index: number) => Promise<{ readonly errorCode: number }>,
): Promise<void> {
  for (let index = 0; index < MOST_MEMBERS; index++) {
    t.equal((await join(index)).errorCode, NONE, `error of member ${index}`)
  }
}

/** A member more; undefined if it has to wait for the others, as one does whom the group takes. */
async function tryJoin(t: RuleContext, groupId: string): Promise<JoinGroupResponse | undefined> {
  const client = await connectToGroup(t, groupId)
  const request = joinRequest(groupId)
  if (t.version < 4) return orWaiting(t, client.ask(JoinGroup, request))
  const first = await client.ask(JoinGroup, request)
  if (first.errorCode !== ErrorCode.MEMBER_ID_REQUIRED) return first
  return orWaiting(t, client.ask(JoinGroup, { ...request, memberId: first.memberId }))
}

const orWaiting = <Answer>(t: RuleContext, answer: Promise<Answer>) =>
  Promise.race([answer, t.pause(SOON_MS).then(() => undefined)])

/** Rules of groups that are full. */
export const rules: readonly Rule[] = [
  rule({
    ...LIMITS,
    id: 'join-group.full',
    says: 'A member that a group has no room for is refused with GROUP_MAX_SIZE_REACHED, also while others wait.',
    source: 'KIP-389: Introduce a configurable consumer group size limit',
    apis: [JoinGroup],
    run: async (t) => {
      const groupId = t.name('group')
      let admitted = 0
      const answer = await t.until('the group to be full', async () => {
        const found = await tryJoin(t, groupId)
        if (found !== undefined && found.errorCode !== NONE) return found
        admitted++
        return false
      })
      t.expect(answer, { errorCode: GROUP_MAX_SIZE_REACHED, members: [] })
      // Apache Kafka takes one more: the first was answered, and does not count among those who wait.
      t.equal(admitted >= MOST_MEMBERS, true, `the group has taken ${MOST_MEMBERS} members`)
    },
  }),
  rule({
    ...LIMITS,
    id: 'consumer-group-heartbeat.full',
    says: 'A member that a group has no room for is refused with GROUP_MAX_SIZE_REACHED.',
    source:
      'KIP-848: The Next Generation of the Consumer Rebalance Protocol, group.consumer.max.size',
    apis: [ConsumerGroupHeartbeat],
    run: async (t) => {
      const { name } = await createTopic(t)
      const groupId = t.name('group')
      const coordinator = await t.coordinator(groupId)
      const join = (index: number) =>
        coordinator.ask(
          ConsumerGroupHeartbeat,
          joiningHeartbeat(groupId, `member-${index}`, [name]),
        )
      await fill(t, join)
      t.expect(await join(MOST_MEMBERS), { errorCode: GROUP_MAX_SIZE_REACHED })
    },
  }),
  rule({
    ...LIMITS,
    id: 'share-group-heartbeat.full',
    says: 'A member that a group has no room for is refused with GROUP_MAX_SIZE_REACHED.',
    source: 'KIP-932: Queues for Kafka, group.share.max.size',
    apis: [ShareGroupHeartbeat],
    needs: [...LIMITS.needs, 'share-groups'],
    run: async (t) => {
      const { name } = await createTopic(t)
      const groupId = t.name('group')
      const coordinator = await t.coordinator(groupId)
      const join = () =>
        coordinator.ask(ShareGroupHeartbeat, {
          groupId,
          memberId: shareMemberId(t),
          memberEpoch: 0,
          subscribedTopicNames: [name],
        })
      await fill(t, join)
      t.expect(await join(), { errorCode: GROUP_MAX_SIZE_REACHED })
    },
  }),
  rule({
    ...LIMITS,
    id: 'share-fetch.session-limit',
    says: 'A broker that has as many share sessions as it may opens no more: SHARE_SESSION_LIMIT_REACHED, until one is closed.',
    source: 'KIP-932: Queues for Kafka, group.share.max.share.sessions',
    apis: [ShareFetch],
    needs: [...LIMITS.needs, 'share-groups'],
    versions: 'newest',
    alone: true,
    run: async (t) => {
      const group = { groupId: t.name('group'), topic: await createLog(t) }
      const open = [await shareSession(t, group)]
      const opened = async (session: ShareSession) =>
        (await session.fetch({ topics: [] })).errorCode === NONE
      while ((await opened(open.at(-1) as ShareSession)) && open.length <= MOST_SESSIONS) {
        open.push(await shareSession(t, group))
      }
      const [first, ...rest] = open
      const last = rest.at(-1)
      if (first === undefined || last === undefined) throw new Error('no session was opened')
      const refusal = await last.fetch({ topics: [], shareSessionEpoch: 0 })
      t.expect(refusal, { errorCode: ErrorCode.SHARE_SESSION_LIMIT_REACHED, responses: [] })
      t.expect(await first.fetch({ topics: [], shareSessionEpoch: -1 }), { errorCode: NONE })
      t.expect(await last.fetch({ topics: [], shareSessionEpoch: 0 }), { errorCode: NONE })
    },
  }),
  rule({
    ...LIMITS,
    id: 'streams-group-heartbeat.full',
    says: 'A member that a group has no room for is refused with GROUP_MAX_SIZE_REACHED.',
    source: 'KIP-1071: Streams Rebalance Protocol, group.streams.max.size',
    apis: [StreamsGroupHeartbeat],
    needs: [...LIMITS.needs, 'streams-groups'],
    run: async (t) => {
      const { name } = await createTopic(t)
      const groupId = t.name('group')
      const coordinator = await t.coordinator(groupId)
      const join = (index: number) =>
        coordinator.ask(StreamsGroupHeartbeat, {
          groupId,
          memberId: `member-${index}`,
          ...joiningStreams(name),
          processId: `process-${index}`,
        })
      await fill(t, join)
      t.expect(await join(MOST_MEMBERS), { errorCode: GROUP_MAX_SIZE_REACHED })
    },
  }),
]
