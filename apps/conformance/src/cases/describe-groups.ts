import { DescribeGroups, ErrorCode, JoinGroup, SyncGroup } from '@ottla/protocol'
import { atLeast, inAnyOrder, nonEmpty, text } from '../match/index.js'
import { messageDocument } from '../rules/documents.js'
import { type Rule, rule } from '../rules/rule.js'
import {
  beginJoin,
  commit,
  createTopic,
  join,
  stableGroup,
  stablePair,
  untilRebalance,
} from '../steps/index.js'

const DOCUMENT = messageDocument('DescribeGroups')
const KIP_430 = 'KIP-430: Return Authorized Operations in Describe Responses'
const KIP_1043 = 'KIP-1043: Administration of groups'

/** Stands for "not asked for" among authorized operations. */
const NOT_ASKED = -2147483648

const none = new Uint8Array(0)

/** Rules of DescribeGroups. */
export const rules: readonly Rule[] = [
  rule({
    id: 'describe-groups.stable',
    says: 'A stable group comes with its chosen protocol and each member’s client, metadata for that protocol and assignment.',
    source: DOCUMENT,
    apis: [DescribeGroups, JoinGroup, SyncGroup],
    topic: 'groups',
    run: async (t) => {
      const metadata = Buffer.from('what it reads')
      const protocols = [{ name: 'any-name', metadata }]
      const member = await stableGroup(t, { protocols, protocolType: 'any-type' })
      const { groupId, memberId } = member
      const answer = await member.client.ask(DescribeGroups, { groups: [groupId] })
      t.expect(answer, {
        groups: [
          {
            errorCode: ErrorCode.NONE,
            groupId,
            groupState: 'Stable',
            protocolType: 'any-type',
            protocolData: 'any-name',
            members: [
              {
                memberId,
                groupInstanceId: null,
                clientId: 'ottla-conformance',
                clientHost: text(/^\/\S+$/),
                memberMetadata: new Uint8Array(metadata),
                memberAssignment: new Uint8Array(Buffer.from('part')),
              },
            ],
          },
        ],
      })
    },
  }),
  rule({
    id: 'describe-groups.all-members',
    says: 'Every member is listed, static ones with their instance ids.',
    source: 'KIP-345: Introduce static membership protocol to reduce consumer rebalances',
    apis: [DescribeGroups, JoinGroup, SyncGroup],
    topic: 'groups',
    run: async (t) => {
      const [leader, follower] = await stablePair(t, [{ instanceId: 'worker-1' }, {}])
      const { groupId } = leader
      const answer = await leader.client.ask(DescribeGroups, { groups: [groupId] })
      const groupInstanceId = t.version >= 4 ? 'worker-1' : null
      const members = inAnyOrder(
        { memberId: leader.memberId, groupInstanceId },
        { memberId: follower.memberId, groupInstanceId: null },
      )
      t.expect(answer, { groups: [{ errorCode: ErrorCode.NONE, groupId, members }] })
    },
  }),
  rule({
    id: 'describe-groups.completing-rebalance',
    says: 'A group that waits for its leader’s assignment is in state CompletingRebalance and shows neither protocol nor metadata.',
    source: DOCUMENT,
    apis: [DescribeGroups, JoinGroup],
    topic: 'groups',
    run: async (t) => {
      const { client, groupId, memberId } = await join(t, t.name('group'))
      const answer = await client.ask(DescribeGroups, { groups: [groupId] })
      const members = [{ memberId, memberMetadata: none, memberAssignment: none }]
      const protocol = { protocolType: 'consumer', protocolData: '' }
      const groupState = 'CompletingRebalance'
      t.expect(answer, {
        groups: [{ errorCode: ErrorCode.NONE, groupState, ...protocol, members }],
      })
    },
  }),
  rule({
    id: 'describe-groups.preparing-rebalance',
    says: 'A group that gathers its members is in state PreparingRebalance.',
    source: DOCUMENT,
    apis: [DescribeGroups, JoinGroup, SyncGroup],
    topic: 'groups',
    run: async (t) => {
      const member = await stableGroup(t)
      const { client, groupId } = member
      await beginJoin(t, groupId)
      await untilRebalance(t, member)
      const answer = await client.ask(DescribeGroups, { groups: [groupId] })
      const groupState = 'PreparingRebalance'
      const members = inAnyOrder({ memberId: member.memberId }, { memberId: nonEmpty })
      t.expect(answer, {
        groups: [{ errorCode: ErrorCode.NONE, groupState, protocolData: '', members }],
      })
    },
  }),
  rule({
    id: 'describe-groups.offsets-alone',
    says: 'A group that has offsets and never had members is empty and has no protocol type.',
    source: DOCUMENT,
    apis: [DescribeGroups],
    topic: 'groups',
    run: async (t) => {
      const groupId = t.name('group')
      await commit(t, groupId, await createTopic(t), 1n)
      const client = await t.coordinator(groupId)
      const answer = await client.ask(DescribeGroups, { groups: [groupId] })
      const bare = { groupState: 'Empty', protocolType: '', protocolData: '', members: [] }
      t.expect(answer, { groups: [{ errorCode: ErrorCode.NONE, groupId, ...bare }] })
    },
  }),
  rule({
    id: 'describe-groups.unknown-is-dead',
    says: 'Before version 6 a group that does not exist is in state Dead, without error.',
    source: KIP_1043,
    apis: [DescribeGroups],
    topic: 'groups',
    versions: { max: 5 },
    run: async (t) => {
      const groupId = t.name('group')
      const client = await t.coordinator(groupId)
      const answer = await client.ask(DescribeGroups, { groups: [groupId] })
      const bare = { groupState: 'Dead', protocolType: '', protocolData: '', members: [] }
      t.expect(answer, { groups: [{ errorCode: ErrorCode.NONE, groupId, ...bare }] })
    },
  }),
  rule({
    id: 'describe-groups.unknown-is-not-found',
    says: 'From version 6 on a group that does not exist is answered with GROUP_ID_NOT_FOUND and a text.',
    source: KIP_1043,
    apis: [DescribeGroups],
    topic: 'errors',
    versions: { min: 6 },
    run: async (t) => {
      const groupId = t.name('group')
      const client = await t.coordinator(groupId)
      const answer = await client.ask(DescribeGroups, { groups: [groupId] })
      const errorCode = ErrorCode.GROUP_ID_NOT_FOUND
      const errorMessage = nonEmpty
      t.expect(answer, { groups: [{ errorCode, errorMessage, groupId, groupState: 'Dead' }] })
    },
  }),
  rule({
    id: 'describe-groups.several',
    says: 'Groups that exist and groups that do not are answered side by side.',
    source: DOCUMENT,
    apis: [DescribeGroups, JoinGroup, SyncGroup],
    topic: 'groups',
    run: async (t) => {
      const { client, groupId } = await stableGroup(t)
      const other = await stableGroup(t)
      const unknown = t.name('group')
      const groups = [groupId, unknown, other.groupId]
      const answer = await client.ask(DescribeGroups, { groups })
      t.expect(answer, {
        groups: inAnyOrder(
          { groupId, groupState: 'Stable' },
          { groupId: unknown, groupState: 'Dead' },
          { groupId: other.groupId, groupState: 'Stable' },
        ),
      })
    },
  }),
  rule({
    id: 'describe-groups.none',
    says: 'No groups are described when none are asked for.',
    source: DOCUMENT,
    apis: [DescribeGroups],
    topic: 'boundaries',
    run: async (t) => {
      t.expect(await t.client.ask(DescribeGroups, { groups: [] }), { groups: [] })
    },
  }),
  ...[false, true].map((includeAuthorizedOperations) =>
    rule({
      id: `describe-groups.operations-${includeAuthorizedOperations ? '' : 'not-'}asked-for`,
      says: includeAuthorizedOperations
        ? 'When asked for, operations that the client may do on a group come as a bit field.'
        : 'Without being asked for, authorized operations hold the lowest int32.',
      source: KIP_430,
      apis: [DescribeGroups, JoinGroup, SyncGroup],
      topic: 'groups',
      versions: { min: 3 },
      run: async (t) => {
        const { client, groupId } = await stableGroup(t)
        const request = { groups: [groupId], includeAuthorizedOperations }
        const answer = await client.ask(DescribeGroups, request)
        const authorizedOperations = includeAuthorizedOperations ? atLeast(1) : NOT_ASKED
        t.expect(answer, { groups: [{ errorCode: ErrorCode.NONE, authorizedOperations }] })
      },
    }),
  ),
]
