import {
  ErrorCode,
  StreamsGroupDescribe,
  StreamsGroupHeartbeat,
  type StreamsGroupHeartbeatRequestInput,
} from '@ottla/protocol'
import { atLeast, containing } from '../match/index.js'
import { type Rule, rule } from '../rules/rule.js'
import type { RuleContext } from '../rules/rule-context.js'
import { createLog, joiningStreams } from '../steps/index.js'

const KIP_1071 = 'KIP-1071: Streams Rebalance Protocol'

async function beat(t: RuleContext, groupId: string, request: Request) {
  const coordinator = await t.coordinator(groupId || t.name('other'))
  return coordinator.ask(StreamsGroupHeartbeat, {
    groupId,
    memberId: 'member-1',
    memberEpoch: 0,
    endpointInformationEpoch: 0,
    ...request,
  })
}

type Request = Partial<StreamsGroupHeartbeatRequestInput>

/** The topology of a member that reads a topic. */
const reading = (...about: Parameters<typeof joiningStreams>): Request => ({
  topology: joiningStreams(...about).topology,
})

const withPartitions = { name: 'changelog', partitions: 3, replicationFactor: 0, topicConfigs: [] }

const refused: readonly {
  readonly id: string
  readonly says: string
  readonly request: Request
  readonly code: number
}[] = [
  {
    id: 'empty-member-id',
    says: 'an empty member id is refused with INVALID_REQUEST',
    request: { memberId: '' },
    code: ErrorCode.INVALID_REQUEST,
  },
  {
    id: 'epoch-below-minus-2',
    says: 'a member epoch below -2 is refused with INVALID_REQUEST',
    request: { memberEpoch: -3 },
    code: ErrorCode.INVALID_REQUEST,
  },
  {
    id: 'join-without-topology',
    says: 'joining without a topology is refused with INVALID_REQUEST',
    request: { topology: null },
    code: ErrorCode.INVALID_REQUEST,
  },
  {
    id: 'join-without-rebalance-timeout',
    says: 'joining without a rebalance timeout is refused with INVALID_REQUEST',
    request: { rebalanceTimeoutMs: -1 },
    code: ErrorCode.INVALID_REQUEST,
  },
  {
    id: 'join-with-tasks',
    says: 'joining with active tasks is refused with INVALID_REQUEST',
    request: { activeTasks: [{ subtopologyId: 'sub-1', partitions: [0] }] },
    code: ErrorCode.INVALID_REQUEST,
  },
  {
    id: 'empty-rack-id',
    says: 'an empty rack id is refused with INVALID_REQUEST',
    request: { rackId: '' },
    code: ErrorCode.INVALID_REQUEST,
  },
  {
    id: 'empty-instance-id',
    says: 'an empty instance id is refused with INVALID_REQUEST',
    request: { instanceId: '' },
    code: ErrorCode.INVALID_REQUEST,
  },
  {
    id: 'unknown-group',
    says: 'a member epoch above 0 in a group that does not exist gets GROUP_ID_NOT_FOUND',
    request: { memberEpoch: 5, topology: null },
    code: ErrorCode.GROUP_ID_NOT_FOUND,
  },
  {
    id: 'internal-source-topic',
    says: "a topology that reads one of Kafka's internal topics is refused with STREAMS_INVALID_TOPOLOGY",
    request: reading('__consumer_offsets'),
    code: ErrorCode.STREAMS_INVALID_TOPOLOGY,
  },
  {
    id: 'impossible-source-topic',
    says: 'a topology that reads a topic of a name that none can have is refused with STREAMS_INVALID_TOPOLOGY',
    request: reading('a name/that no topic can have'),
    code: ErrorCode.STREAMS_INVALID_TOPOLOGY,
  },
  {
    id: 'changelog-with-partitions',
    says: 'a changelog topic that comes with its number of partitions is refused with STREAMS_INVALID_TOPOLOGY',
    request: reading('topic', { stateChangelogTopics: [withPartitions] }),
    code: ErrorCode.STREAMS_INVALID_TOPOLOGY,
  },
]

const refusals = refused.map(({ id, says, request, code }) =>
  rule({
    id: `streams-group-heartbeat.${id}`,
    says: `StreamsGroupHeartbeat: ${says}.`,
    source: KIP_1071,
    apis: [StreamsGroupHeartbeat],
    topic: 'boundaries',
    needs: ['streams-groups'],
    run: async (t) => {
      const answer = await beat(t, t.name('group'), {
        ...joiningStreams(t.name('topic')),
        ...request,
      })
      t.expect(answer, { errorCode: code })
    },
  }),
)

/** Rules of StreamsGroupHeartbeat. */
export const rules: readonly Rule[] = [
  ...refusals,
  rule({
    id: 'streams-group-heartbeat.empty-group-id',
    says: 'An empty group id is refused with INVALID_REQUEST.',
    source: KIP_1071,
    apis: [StreamsGroupHeartbeat],
    topic: 'boundaries',
    needs: ['streams-groups'],
    run: async (t) => {
      const answer = await beat(t, '', joiningStreams(t.name('topic')))
      t.expect(answer, { errorCode: ErrorCode.INVALID_REQUEST })
    },
  }),
  rule({
    id: 'streams-group-heartbeat.joins',
    says: 'A member that joins gets an epoch above 0 and the interval of its heartbeats; the group has it.',
    source: KIP_1071,
    apis: [StreamsGroupHeartbeat, StreamsGroupDescribe],
    topic: 'groups',
    needs: ['streams-groups'],
    run: async (t) => {
      const { name } = await createLog(t, { partitions: 2 })
      const groupId = t.name('group')
      t.expect(await beat(t, groupId, joiningStreams(name)), {
        throttleTimeMs: 0,
        errorCode: ErrorCode.NONE,
        memberId: 'member-1',
        memberEpoch: atLeast(1),
        heartbeatIntervalMs: atLeast(1),
      })
      const coordinator = await t.coordinator(groupId)
      const request = { groupIds: [groupId], includeAuthorizedOperations: false }
      const members = [{ memberId: 'member-1', processId: 'process-1', topologyEpoch: 0 }]
      t.expect(await coordinator.ask(StreamsGroupDescribe, request), {
        groups: [{ errorCode: ErrorCode.NONE, groupId, members }],
      })
    },
  }),
  rule({
    id: 'streams-group-heartbeat.missing-source-topic',
    says: 'A topology whose source topic does not exist is told so as a status, without error and without tasks.',
    source: `${KIP_1071}, section Status`,
    apis: [StreamsGroupHeartbeat],
    topic: 'groups',
    needs: ['streams-groups'],
    run: async (t) => {
      const answer = await beat(t, t.name('group'), joiningStreams(t.name('missing')))
      t.expect(answer, {
        errorCode: ErrorCode.NONE,
        activeTasks: [],
        status: containing({ statusCode: 1 }),
      })
    },
  }),
  rule({
    id: 'streams-group-heartbeat.leaves',
    says: 'A member that leaves with epoch -1 is answered with that epoch; the group is without members.',
    source: KIP_1071,
    apis: [StreamsGroupHeartbeat, StreamsGroupDescribe],
    topic: 'groups',
    needs: ['streams-groups'],
    run: async (t) => {
      const { name } = await createLog(t)
      const groupId = t.name('group')
      await beat(t, groupId, joiningStreams(name))
      const left = await beat(t, groupId, { memberEpoch: -1 })
      t.expect(left, { errorCode: ErrorCode.NONE, memberId: 'member-1', memberEpoch: -1 })
      const coordinator = await t.coordinator(groupId)
      const request = { groupIds: [groupId], includeAuthorizedOperations: false }
      t.expect(await coordinator.ask(StreamsGroupDescribe, request), {
        groups: [{ errorCode: ErrorCode.NONE, groupState: 'Empty', members: [] }],
      })
    },
  }),
  rule({
    id: 'streams-group-heartbeat.unknown-member',
    says: 'A member epoch above 0 of a member that the group does not have gets UNKNOWN_MEMBER_ID.',
    source: KIP_1071,
    apis: [StreamsGroupHeartbeat],
    topic: 'errors',
    needs: ['streams-groups'],
    run: async (t) => {
      const { name } = await createLog(t)
      const groupId = t.name('group')
      await beat(t, groupId, joiningStreams(name))
      const answer = await beat(t, groupId, { memberId: 'member-2', memberEpoch: 1 })
      t.expect(answer, { errorCode: ErrorCode.UNKNOWN_MEMBER_ID })
    },
  }),
  rule({
    id: 'streams-group-heartbeat.higher-epoch',
    says: 'A member epoch above the known one gets FENCED_MEMBER_EPOCH.',
    source: KIP_1071,
    apis: [StreamsGroupHeartbeat],
    topic: 'errors',
    needs: ['streams-groups'],
    run: async (t) => {
      const { name } = await createLog(t)
      const groupId = t.name('group')
      const { memberEpoch } = await beat(t, groupId, joiningStreams(name))
      const answer = await beat(t, groupId, { memberEpoch: memberEpoch + 10 })
      t.expect(answer, { errorCode: ErrorCode.FENCED_MEMBER_EPOCH })
    },
  }),
  rule({
    id: 'streams-group-heartbeat.instance-in-use',
    releases: { from: '4.4' },
    says: 'An instance id that a living member has gets UNRELEASED_INSTANCE_ID.',
    source: `${KIP_1071}, section Static Membership`,
    apis: [StreamsGroupHeartbeat],
    topic: 'errors',
    needs: ['streams-groups'],
    run: async (t) => {
      const { name } = await createLog(t)
      const groupId = t.name('group')
      const member = { ...joiningStreams(name), instanceId: 'worker-1' }
      const first = await beat(t, groupId, member)
      t.expect(first, { errorCode: ErrorCode.NONE, memberId: 'member-1' })
      const second = await beat(t, groupId, { ...member, memberId: 'member-2' })
      t.expect(second, { errorCode: ErrorCode.UNRELEASED_INSTANCE_ID })
    },
  }),
]
