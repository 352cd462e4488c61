import { ErrorCode, Heartbeat, JoinGroup, LeaveGroup, SyncGroup } from '@ottla/protocol'
import { messageDocument } from '../rules/documents.js'
import { type Rule, rule } from '../rules/rule.js'
import type { RuleContext } from '../rules/rule-context.js'
import {
  beginJoin,
  connectToGroup,
  endJoin,
  type GroupMember,
  join,
  joinRequest,
  rejoin,
  stableGroup,
  untilRebalance,
} from '../steps/index.js'

const DOCUMENT = messageDocument('Heartbeat')
const DESIGN =
  'https://cwiki.apache.org/confluence/display/KAFKA/Kafka+Client-side+Assignment+Proposal'
const KIP_345 = 'KIP-345: Introduce static membership protocol to reduce consumer rebalances'

const requestOf = ({ groupId, generationId, memberId, instanceId }: GroupMember) => ({
  groupId,
  generationId,
  memberId,
  groupInstanceId: instanceId,
})

/** A Heartbeat of a group in some state, and its answer. */
interface Row {
  readonly what: string
  readonly says: string
  readonly errorCode: number
  /** Brings a group into the state. */
  readonly state: (t: RuleContext) => Promise<GroupMember>
  readonly changes?: (member: GroupMember) => object
  readonly source?: string
  readonly min?: number
}

const ofWorker = (t: RuleContext) => stableGroup(t, { instanceId: 'worker-1' })

const rows: readonly Row[] = [
  {
    what: 'stable',
    says: 'A member of a stable group is answered without error.',
    errorCode: ErrorCode.NONE,
    state: (t) => stableGroup(t),
  },
  {
    what: 'before-the-leader-assigns',
    says: 'A member of a group that waits for its leader’s assignment is answered without error.',
    errorCode: ErrorCode.NONE,
    state: (t) => join(t, t.name('group')),
  },
  {
    what: 'during-a-rebalance',
    says: 'While a group gathers its members, who has not joined again is told to by REBALANCE_IN_PROGRESS.',
    errorCode: ErrorCode.REBALANCE_IN_PROGRESS,
    state: async (t) => {
      const member = await stableGroup(t)
      await beginJoin(t, member.groupId)
      await untilRebalance(t, member)
      return member
    },
    source: DESIGN,
  },
  {
    what: 'unknown-group',
    says: 'A group that does not exist is answered with UNKNOWN_MEMBER_ID.',
    errorCode: ErrorCode.UNKNOWN_MEMBER_ID,
    state: (t) => stableGroup(t),
    changes: ({ groupId }) => ({ groupId: `${groupId}-not` }),
  },
  {
    what: 'empty-group-id',
    says: 'The empty group id is refused with INVALID_GROUP_ID.',
    errorCode: ErrorCode.INVALID_GROUP_ID,
    state: (t) => stableGroup(t),
    changes: () => ({ groupId: '' }),
  },
  {
    what: 'unknown-member',
    says: 'A member id that the group does not know gets UNKNOWN_MEMBER_ID.',
    errorCode: ErrorCode.UNKNOWN_MEMBER_ID,
    state: (t) => stableGroup(t),
    changes: () => ({ memberId: 'nobody' }),
  },
  {
    what: 'empty-member-id',
    says: 'The empty member id gets UNKNOWN_MEMBER_ID.',
    errorCode: ErrorCode.UNKNOWN_MEMBER_ID,
    state: (t) => stableGroup(t),
    changes: () => ({ memberId: '' }),
  },
  ...([-1, +1] as const).map((by) => ({
    what: by < 0 ? 'earlier-generation' : 'later-generation',
    says: `A generation that is ${by < 0 ? 'over' : 'not yet'} gets ILLEGAL_GENERATION.`,
    errorCode: ErrorCode.ILLEGAL_GENERATION,
    state: (t: RuleContext) => stableGroup(t),
    changes: ({ generationId }: GroupMember) => ({ generationId: generationId + by }),
  })),
  {
    what: 'unknown-member-before-generation',
    says: 'A member that is unknown is told so even if its generation is wrong too.',
    errorCode: ErrorCode.UNKNOWN_MEMBER_ID,
    state: (t) => stableGroup(t),
    changes: () => ({ memberId: 'nobody', generationId: 99 }),
  },
  {
    what: 'after-leaving',
    says: 'A member that has left is unknown.',
    errorCode: ErrorCode.UNKNOWN_MEMBER_ID,
    state: async (t) => {
      const member = await stableGroup(t)
      const { groupId, memberId, client } = member
      await client.ask(LeaveGroup, { groupId, memberId, members: [{ memberId }] })
      return member
    },
  },
  {
    what: 'after-the-next-generation',
    says: 'A member that joined again must say the new generation.',
    errorCode: ErrorCode.ILLEGAL_GENERATION,
    state: async (t) => {
      const member = await stableGroup(t)
      await endJoin(t, rejoin(t, member))
      return member
    },
  },
  {
    what: 'static-member',
    says: 'A static member is answered without error.',
    errorCode: ErrorCode.NONE,
    state: ofWorker,
    source: KIP_345,
    min: 3,
  },
  {
    what: 'static-member-without-instance-id',
    says: 'A static member need not say its instance id.',
    errorCode: ErrorCode.NONE,
    state: ofWorker,
    changes: () => ({ groupInstanceId: null }),
    source: KIP_345,
  },
  {
    what: 'fenced-instance',
    says: 'A static member whose place another one has taken gets FENCED_INSTANCE_ID.',
    errorCode: ErrorCode.FENCED_INSTANCE_ID,
    state: async (t) => {
      const member = await ofWorker(t)
      await join(t, member.groupId, { instanceId: 'worker-1' })
      return member
    },
    source: KIP_345,
    min: 3,
  },
  {
    what: 'unknown-instance',
    says: 'An instance id that the group does not know gets UNKNOWN_MEMBER_ID.',
    errorCode: ErrorCode.UNKNOWN_MEMBER_ID,
    state: ofWorker,
    changes: () => ({ groupInstanceId: 'other' }),
    source: KIP_345,
    min: 3,
  },
]

const answered = ({ what, says, errorCode, state, changes, source, min = 0 }: Row): Rule =>
  rule({
    id: `heartbeat.${what}`,
    says,
    source: source ?? DOCUMENT,
    apis: [Heartbeat, JoinGroup, SyncGroup],
    topic: errorCode === ErrorCode.NONE ? 'groups' : 'errors',
    versions: { min },
    run: async (t) => {
      const member = await state(t)
      const request = { ...requestOf(member), ...changes?.(member) }
      t.expect(await member.client.ask(Heartbeat, request), { errorCode })
    },
  })

/** Rules of Heartbeat. */
export const rules: readonly Rule[] = [
  ...rows.map(answered),
  rule({
    id: 'heartbeat.pending-member',
    says: 'A member that was told its id and has not come back is unknown to Heartbeat.',
    source: 'KIP-394: Require member.id for initial join group request',
    apis: [Heartbeat, JoinGroup],
    topic: 'errors',
    run: async (t) => {
      const { groupId, generationId } = await stableGroup(t)
      const client = await connectToGroup(t, groupId)
      const { memberId } = await client.ask(JoinGroup, joinRequest(groupId))
      const answer = await client.ask(Heartbeat, { groupId, generationId, memberId })
      t.expect(answer, { errorCode: ErrorCode.UNKNOWN_MEMBER_ID })
    },
  }),
  rule({
    id: 'heartbeat.keeps-the-session',
    says: 'Heartbeats keep a member in its group for longer than its session timeout.',
    source: DESIGN,
    apis: [Heartbeat, JoinGroup, SyncGroup],
    topic: 'groups',
    versions: 'newest',
    run: async (t) => {
      const member = await stableGroup(t, { sessionTimeoutMs: 6000 })
      const end = t.now() + 7500
      while (t.now() < end) {
        const answer = await member.client.ask(Heartbeat, requestOf(member))
        t.expect(answer, { errorCode: ErrorCode.NONE })
        await t.pause(1500)
      }
    },
  }),
]
