import {
  DeleteGroups,
  DescribeGroups,
  ErrorCode,
  JoinGroup,
  LeaveGroup,
  OffsetFetch,
} from '@ottla/protocol'
import { inAnyOrder } from '../match/index.js'
import { type Rule, rule } from '../rules/rule.js'
import {
  commit,
  createTopic,
  groupOf,
  join,
  joinRequest,
  newest,
  offsetsRequest,
  stableGroup,
} from '../steps/index.js'

const KIP_229 = 'KIP-229: DeleteGroups API'

/** Rules of DeleteGroups. */
export const rules: readonly Rule[] = [
  rule({
    id: 'delete-groups.empty-group',
    says: 'A group without members is deleted, with its offsets.',
    source: KIP_229,
    apis: [DeleteGroups, OffsetFetch],
    topic: 'groups',
    run: async (t) => {
      const groupId = t.name('group')
      const topic = await createTopic(t)
      await commit(t, groupId, topic, 7n)
      const client = await t.coordinator(groupId)
      const answer = await client.ask(DeleteGroups, { groupsNames: [groupId] })
      t.expect(answer, { results: [{ groupId, errorCode: ErrorCode.NONE, errorMessage: null }] })
      const offsets = groupOf(await client.ask(OffsetFetch, offsetsRequest(groupId, [topic])))
      t.expect(offsets, { topics: [{ partitions: [{ committedOffset: -1n }] }] })
    },
  }),
  rule({
    id: 'delete-groups.after-the-last-member',
    says: 'A group that all members have left can be deleted and is not there any more.',
    source: KIP_229,
    apis: [DeleteGroups, JoinGroup, LeaveGroup, DescribeGroups],
    topic: 'groups',
    run: async (t) => {
      const { client, groupId, memberId } = await stableGroup(t)
      await client.ask(LeaveGroup, { groupId, memberId, members: [{ memberId }] })
      const answer = await client.ask(DeleteGroups, { groupsNames: [groupId] })
      t.expect(answer, { results: [{ groupId, errorCode: ErrorCode.NONE }] })
      const described = await client.ask(DescribeGroups, { groups: [groupId] })
      t.expect(described, { groups: [{ groupId, groupState: 'Dead', members: [] }] })
    },
  }),
  rule({
    id: 'delete-groups.unknown-group',
    says: 'A group that does not exist is answered with GROUP_ID_NOT_FOUND.',
    source: KIP_229,
    apis: [DeleteGroups],
    topic: 'errors',
    run: async (t) => {
      const groupId = t.name('group')
      const client = await t.coordinator(groupId)
      const answer = await client.ask(DeleteGroups, { groupsNames: [groupId] })
      t.expect(answer, { results: [{ groupId, errorCode: ErrorCode.GROUP_ID_NOT_FOUND }] })
    },
  }),
  rule({
    id: 'delete-groups.twice',
    says: 'A group that was deleted is not found when it is deleted again.',
    source: KIP_229,
    apis: [DeleteGroups],
    topic: 'errors',
    run: async (t) => {
      const groupId = t.name('group')
      await commit(t, groupId, await createTopic(t), 7n)
      const client = await t.coordinator(groupId)
      await client.ask(DeleteGroups, { groupsNames: [groupId] })
      const answer = await client.ask(DeleteGroups, { groupsNames: [groupId] })
      t.expect(answer, { results: [{ groupId, errorCode: ErrorCode.GROUP_ID_NOT_FOUND }] })
    },
  }),
  ...['stable', 'rebalancing'].map((state) =>
    rule({
      id: `delete-groups.${state}-group`,
      says: `A ${state} group is not deleted: NON_EMPTY_GROUP, and it stays as it is.`,
      source: KIP_229,
      apis: [DeleteGroups, JoinGroup, DescribeGroups],
      topic: 'errors',
      run: async (t) => {
        const isStable = state === 'stable'
        const member = isStable ? await stableGroup(t) : await join(t, t.name('group'))
        const { client, groupId, memberId } = member
        const answer = await client.ask(DeleteGroups, { groupsNames: [groupId] })
        t.expect(answer, { results: [{ groupId, errorCode: ErrorCode.NON_EMPTY_GROUP }] })
        const described = await client.ask(DescribeGroups, { groups: [groupId] })
        t.expect(described, { groups: [{ groupId, members: [{ memberId }] }] })
      },
    }),
  ),
  rule({
    id: 'delete-groups.pending-members-do-not-count',
    says: 'A group that has offsets and a member that has not come back with its id yet is deleted.',
    source: 'KIP-394: Require member.id for initial join group request',
    apis: [DeleteGroups, JoinGroup],
    topic: 'groups',
    run: async (t) => {
      const groupId = t.name('group')
      await commit(t, groupId, await createTopic(t), 1n)
      const client = await t.coordinator(groupId)
      await client.ask(JoinGroup, joinRequest(groupId), newest(t, JoinGroup))
      const answer = await client.ask(DeleteGroups, { groupsNames: [groupId] })
      t.expect(answer, { results: [{ groupId, errorCode: ErrorCode.NONE }] })
    },
  }),
  rule({
    id: 'delete-groups.several',
    says: 'Each group of a request has an answer of its own.',
    source: KIP_229,
    apis: [DeleteGroups, JoinGroup],
    topic: 'errors',
    run: async (t) => {
      const one = t.name('group')
      const unknown = t.name('group')
      await commit(t, one, await createTopic(t), 1n)
      const { client, groupId } = await stableGroup(t)
      const answer = await client.ask(DeleteGroups, { groupsNames: [one, unknown, groupId] })
      t.expect(answer, {
        results: inAnyOrder(
          { groupId: one, errorCode: ErrorCode.NONE },
          { groupId: unknown, errorCode: ErrorCode.GROUP_ID_NOT_FOUND },
          { groupId, errorCode: ErrorCode.NON_EMPTY_GROUP },
        ),
      })
    },
  }),
]
