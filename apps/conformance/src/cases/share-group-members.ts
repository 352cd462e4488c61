import {
  DeleteGroups,
  ErrorCode,
  JoinGroup,
  ListGroups,
  OffsetCommit,
  ShareGroupDescribe,
  ShareGroupHeartbeat,
} from '@ottla/protocol'
import { atLeast, containing, inAnyOrder, nonEmpty } from '../match/index.js'
import { type Rule, rule } from '../rules/rule.js'
import {
  commitRequest,
  createTopic,
  joinConsumerGroup,
  joinRequest,
  joinShareGroup,
  shareHeartbeat,
  shareMemberId,
  stableGroup,
} from '../steps/index.js'

const KIP_932 = 'KIP-932: Queues for Kafka, Share groups'

const SHARING = {
  source: KIP_932,
  apis: [ShareGroupHeartbeat] satisfies Rule['apis'] as Rule['apis'],
  topic: 'share-groups',
  needs: ['share-groups'],
} as const satisfies Partial<Rule>

const { NONE } = ErrorCode

/** Rules of share groups with several members, and of what else may be asked of them. */
const memberRules: readonly Rule[] = [
  rule({
    ...SHARING,
    id: 'share-group-heartbeat.all-share-one-partition',
    says: 'Members of a group of one partition are all assigned it.',
    run: async (t) => {
      const topic = await createTopic(t)
      const groupId = t.name('group')
      const topicPartitions = [{ topicId: topic.id, partitions: [0] }]
      for (let count = 0; count < 3; count++) {
        const { answer, memberId } = await joinShareGroup(t, groupId, [topic.name])
        t.expect(answer, { errorCode: NONE, memberId, assignment: { topicPartitions } })
      }
    },
  }),
  rule({
    ...SHARING,
    id: 'share-group-heartbeat.partitions-are-spread',
    says: 'Two members of a group of two partitions have one each at last, and no partition is without member.',
    run: async (t) => {
      const topic = await createTopic(t, { partitions: 2 })
      const groupId = t.name('group')
      const one = await joinShareGroup(t, groupId, [topic.name])
      const partitions = inAnyOrder(0, 1)
      t.expect(one.answer, { assignment: { topicPartitions: [{ topicId: topic.id, partitions }] } })
      const two = await joinShareGroup(t, groupId, [topic.name])
      t.equal(owned(two.answer).length, 1, 'number of partitions of the second member')
      const left = await t.until('a smaller assignment of the first member', async () => {
        const answer = await shareHeartbeat(t, groupId, one.memberId, two.answer.memberEpoch - 1)
        return owned(answer).length === 1 && answer
      })
      const rest = owned(two.answer)[0] === 0 ? 1 : 0
      t.expect(left, {
        errorCode: NONE,
        memberEpoch: two.answer.memberEpoch,
        assignment: { topicPartitions: [{ topicId: topic.id, partitions: [rest] }] },
      })
    },
  }),
  rule({
    ...SHARING,
    id: 'share-group-heartbeat.epoch-rises-with-members',
    says: 'Each member that joins or leaves gives the group, and with a heartbeat the others, a higher epoch.',
    run: async (t) => {
      const topic = await createTopic(t)
      const groupId = t.name('group')
      const one = await joinShareGroup(t, groupId, [topic.name])
      const two = await joinShareGroup(t, groupId, [topic.name])
      t.expect(two.answer, { errorCode: NONE, memberEpoch: atLeast(one.answer.memberEpoch + 1) })
      const { memberEpoch } = two.answer
      const beat = await shareHeartbeat(t, groupId, one.memberId, one.answer.memberEpoch)
      t.expect(beat, { errorCode: NONE, memberId: one.memberId, memberEpoch })
      t.expect(await shareHeartbeat(t, groupId, two.memberId, -1), { memberEpoch: -1 })
      const last = await t.until('a higher epoch', async () => {
        const found = await shareHeartbeat(t, groupId, one.memberId, memberEpoch)
        return found.memberEpoch !== memberEpoch && found
      })
      t.expect(last, { errorCode: NONE, memberEpoch: atLeast(memberEpoch + 1) })
    },
  }),
  rule({
    ...SHARING,
    id: 'share-group-heartbeat.unchanged',
    says: 'An assignment that has not changed is not sent again.',
    run: async (t) => {
      const topic = await createTopic(t)
      const groupId = t.name('group')
      const { memberId, answer } = await joinShareGroup(t, groupId, [topic.name])
      const { memberEpoch } = answer
      const beat = await shareHeartbeat(t, groupId, memberId, memberEpoch)
      t.expect(beat, { errorCode: NONE, memberId, memberEpoch, assignment: null })
    },
  }),
  rule({
    ...SHARING,
    id: 'share-group-heartbeat.later-epoch',
    says: 'An epoch that the member does not have yet is fenced with FENCED_MEMBER_EPOCH.',
    topic: 'errors',
    run: async (t) => {
      const topic = await createTopic(t)
      const groupId = t.name('group')
      const { memberId, answer } = await joinShareGroup(t, groupId, [topic.name])
      const beat = await shareHeartbeat(t, groupId, memberId, answer.memberEpoch + 1)
      const errorMessage = nonEmpty
      t.expect(beat, { errorCode: ErrorCode.FENCED_MEMBER_EPOCH, errorMessage, assignment: null })
    },
  }),
  rule({
    ...SHARING,
    id: 'share-group-heartbeat.unknown-member',
    says: 'An epoch of a member that the group does not know gets UNKNOWN_MEMBER_ID.',
    topic: 'errors',
    run: async (t) => {
      const topic = await createTopic(t)
      const groupId = t.name('group')
      const { answer } = await joinShareGroup(t, groupId, [topic.name])
      const beat = await shareHeartbeat(t, groupId, shareMemberId(t), answer.memberEpoch)
      t.expect(beat, { errorCode: ErrorCode.UNKNOWN_MEMBER_ID, assignment: null })
    },
  }),
  rule({
    ...SHARING,
    id: 'share-group-heartbeat.joins-again',
    says: 'A member that joins again with epoch 0 keeps its place and gets its assignment once more.',
    run: async (t) => {
      const topic = await createTopic(t)
      const groupId = t.name('group')
      const { memberId, answer } = await joinShareGroup(t, groupId, [topic.name])
      const again = await shareHeartbeat(t, groupId, memberId, 0, [topic.name])
      t.expect(again, {
        errorCode: NONE,
        memberId,
        memberEpoch: answer.memberEpoch,
        assignment: { topicPartitions: [{ topicId: topic.id, partitions: [0] }] },
      })
    },
  }),
  rule({
    ...SHARING,
    id: 'share-group-heartbeat.new-subscription',
    says: 'A member that subscribes to something else is assigned that.',
    run: async (t) => {
      const topic = await createTopic(t)
      const other = await createTopic(t)
      const groupId = t.name('group')
      const { memberId, answer } = await joinShareGroup(t, groupId, [topic.name])
      let { memberEpoch } = answer
      const moved = await t.until('the new assignment', async () => {
        const found = await shareHeartbeat(t, groupId, memberId, memberEpoch, [other.name])
        memberEpoch = found.memberEpoch
        return found.assignment?.topicPartitions[0]?.topicId === other.id && found
      })
      const topicPartitions = [{ topicId: other.id, partitions: [0] }]
      t.expect(moved, {
        errorCode: NONE,
        memberEpoch: atLeast(answer.memberEpoch + 1),
        assignment: { topicPartitions },
      })
    },
  }),
  ...(['classic', 'consumer'] as const).map((kind) =>
    rule({
      ...SHARING,
      id: `share-group-heartbeat.${kind}-group`,
      says: `The id of a ${kind} group with members is no share group: GROUP_ID_NOT_FOUND.`,
      topic: 'errors',
      run: async (t) => {
        const group = await (kind === 'classic' ? stableGroup(t) : joinConsumerGroup(t))
        const answer = await shareHeartbeat(t, group.groupId, shareMemberId(t), 0, ['t'])
        t.expect(answer, { errorCode: ErrorCode.GROUP_ID_NOT_FOUND, assignment: null })
      },
    }),
  ),
  rule({
    ...SHARING,
    id: 'share-group-heartbeat.classic-members-cannot-join',
    says: 'A share group takes no members of the classic protocol: INCONSISTENT_GROUP_PROTOCOL.',
    apis: [ShareGroupHeartbeat, JoinGroup],
    topic: 'errors',
    run: async (t) => {
      const topic = await createTopic(t)
      const groupId = t.name('group')
      await joinShareGroup(t, groupId, [topic.name])
      const client = await t.coordinator(groupId)
      const answer = await client.ask(JoinGroup, joinRequest(groupId))
      t.expect(answer, { errorCode: ErrorCode.INCONSISTENT_GROUP_PROTOCOL })
    },
  }),
  rule({
    ...SHARING,
    id: 'share-group-heartbeat.commits-nothing',
    says: 'A share group has no committed offsets: OffsetCommit gets GROUP_ID_NOT_FOUND.',
    apis: [ShareGroupHeartbeat, OffsetCommit],
    topic: 'errors',
    run: async (t) => {
      const topic = await createTopic(t)
      const groupId = t.name('group')
      const { memberId, answer } = await joinShareGroup(t, groupId, [topic.name])
      const client = await t.coordinator(groupId)
      const generationId = answer.memberEpoch
      const request = commitRequest(groupId, topic, 1n, { memberId, generationId })
      const errorCode = ErrorCode.GROUP_ID_NOT_FOUND
      t.expect(await client.ask(OffsetCommit, request), {
        topics: [{ partitions: [{ partitionIndex: 0, errorCode }] }],
      })
    },
  }),
  rule({
    ...SHARING,
    id: 'share-group-heartbeat.is-listed',
    says: 'A share group is listed with the type share, and found by it.',
    apis: [ShareGroupHeartbeat, ListGroups],
    run: async (t) => {
      const topic = await createTopic(t)
      const groupId = t.name('group')
      await joinShareGroup(t, groupId, [topic.name])
      const client = await t.coordinator(groupId)
      const request = { statesFilter: [], typesFilter: ['share'] }
      const group = { groupId, groupType: 'share', groupState: 'Stable', protocolType: 'share' }
      t.expect(await client.ask(ListGroups, request), {
        errorCode: NONE,
        groups: containing(group),
      })
    },
  }),
  rule({
    ...SHARING,
    id: 'share-group-heartbeat.deletes-when-empty',
    says: 'A share group with members cannot be deleted, NON_EMPTY_GROUP; one without can.',
    apis: [ShareGroupHeartbeat, DeleteGroups],
    run: async (t) => {
      const topic = await createTopic(t)
      const groupId = t.name('group')
      const { memberId } = await joinShareGroup(t, groupId, [topic.name])
      const client = await t.coordinator(groupId)
      const ask = () => client.ask(DeleteGroups, { groupsNames: [groupId] })
      const refused = { groupId, errorCode: ErrorCode.NON_EMPTY_GROUP }
      t.expect(await ask(), { results: [refused] })
      await shareHeartbeat(t, groupId, memberId, -1)
      t.expect(await ask(), { results: [{ groupId, errorCode: NONE }] })
      t.expect(await ask(), { results: [{ groupId, errorCode: ErrorCode.GROUP_ID_NOT_FOUND }] })
    },
  }),
]

const owned = (answer: { assignment: null | { topicPartitions: readonly Partitions[] } }) =>
  answer.assignment?.topicPartitions.flatMap(({ partitions }) => partitions) ?? []

interface Partitions {
  readonly partitions: readonly number[]
}

/** Rules of ShareGroupDescribe. */
const describeRules: readonly Rule[] = [
  rule({
    ...SHARING,
    id: 'share-group-describe.stable',
    says: 'A group comes with its epochs, its assignor, and its members with what each subscribes to and is assigned.',
    apis: [ShareGroupDescribe, ShareGroupHeartbeat],
    run: async (t) => {
      const topic = await createTopic(t)
      const groupId = t.name('group')
      const { memberId, answer } = await joinShareGroup(t, groupId, [topic.name])
      const client = await t.coordinator(groupId)
      const request = { groupIds: [groupId], includeAuthorizedOperations: false }
      const topicPartitions = [{ topicId: topic.id, topicName: topic.name, partitions: [0] }]
      const member = {
        memberId,
        rackId: null,
        memberEpoch: answer.memberEpoch,
        clientId: 'ottla-conformance',
        clientHost: nonEmpty,
        subscribedTopicNames: [topic.name],
        assignment: { topicPartitions },
      }
      t.expect(await client.ask(ShareGroupDescribe, request), {
        groups: [
          {
            errorCode: NONE,
            errorMessage: null,
            groupId,
            groupState: 'Stable',
            groupEpoch: answer.memberEpoch,
            assignmentEpoch: answer.memberEpoch,
            assignorName: 'simple',
            members: [member],
            authorizedOperations: -2147483648,
          },
        ],
      })
    },
  }),
  rule({
    ...SHARING,
    id: 'share-group-describe.empty',
    says: 'A group that all members have left is Empty, without members.',
    apis: [ShareGroupDescribe, ShareGroupHeartbeat],
    run: async (t) => {
      const topic = await createTopic(t)
      const groupId = t.name('group')
      const { memberId } = await joinShareGroup(t, groupId, [topic.name])
      await shareHeartbeat(t, groupId, memberId, -1)
      const client = await t.coordinator(groupId)
      const request = { groupIds: [groupId], includeAuthorizedOperations: true }
      t.expect(await client.ask(ShareGroupDescribe, request), {
        groups: [
          {
            errorCode: NONE,
            groupId,
            groupState: 'Empty',
            members: [],
            authorizedOperations: atLeast(0),
          },
        ],
      })
    },
  }),
  ...(['unknown', 'classic', 'consumer'] as const).map((kind) =>
    rule({
      ...SHARING,
      id: `share-group-describe.${kind}-group`,
      says: `${kind === 'unknown' ? 'A group that does not exist' : `The id of a ${kind} group`} is answered with GROUP_ID_NOT_FOUND.`,
      apis: [ShareGroupDescribe],
      topic: 'errors',
      run: async (t) => {
        const join = { unknown: undefined, classic: stableGroup, consumer: joinConsumerGroup }[kind]
        const { groupId } = (await join?.(t)) ?? { groupId: t.name('group') }
        const client = await t.coordinator(groupId)
        const request = { groupIds: [groupId], includeAuthorizedOperations: false }
        const errorCode = ErrorCode.GROUP_ID_NOT_FOUND
        t.expect(await client.ask(ShareGroupDescribe, request), {
          groups: [{ groupId, errorCode, errorMessage: nonEmpty, members: [] }],
        })
      },
    }),
  ),
]

/** Rules of ShareGroupHeartbeat with several members, and of ShareGroupDescribe. */
export const rules: readonly Rule[] = [...memberRules, ...describeRules]
