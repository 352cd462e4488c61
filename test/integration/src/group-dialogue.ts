import {
  DeleteGroups,
  DescribeGroups,
  FindCoordinator,
  Heartbeat,
  JoinGroup,
  LeaveGroup,
  ListGroups,
  OffsetCommit,
  OffsetFetch,
  SyncGroup,
} from '@ottla/protocol'
import type { Exchange } from './dialogue.js'
import { commit, committed, create, forget } from './dialogue-requests.js'

const topic = 'consumed'
const wide = 'consumed-widely'
const unknownId = '11111111-1111-1111-1111-111111111111'

/** The words differ, the codes must not. */
const wordless = ['errorMessage']

const asMember = { generationIdOrMemberEpoch: 1, memberId: 'm' }

const offsets: readonly Exchange[] = [
  create('topics for groups', [
    { name: topic, numPartitions: 3 },
    { name: wide, numPartitions: 3 },
  ]),
  {
    title: 'a coordinator to come',
    api: FindCoordinator,
    version: 4,
    // Kafka makes the topic for groups now, and asks its clients to come again.
    ignored: ['coordinators'],
    body: { keyType: 0, coordinatorKeys: ['g1'] },
  },
  {
    title: 'coordinators',
    api: FindCoordinator,
    version: 4,
    body: { keyType: 0, coordinatorKeys: ['g1', ''] },
  },
  {
    title: 'coordinators of no kind',
    api: FindCoordinator,
    version: 4,
    ignored: wordless,
    body: { keyType: 7, coordinatorKeys: ['g1'] },
  },
  commit('commit', 'g1', [
    [topic, [0, 2n], [1, 3n, 'note']],
    ['nosuch', [0, 1n]],
    [wide, [0, 1n], [7, 1n]],
  ]),
  commit('commit with a retention', 'g2', [[topic, [0, 2n]]], {
    version: 2,
    retentionTimeMs: 100_000n,
  }),
  commit('commit a long note', 'g1', [[topic, [2, 2n, 'x'.repeat(5_000)]]]),
  commit('commit a negative offset', 'g1', [[topic, [2, -5n]]]),
  commit('commit as a member of nothing', 'g9', [[topic, [0, 2n]]], asMember),
  commit('commit as a member of nothing, v8', 'g9', [[topic, [0, 2n]]], {
    version: 8,
    ...asMember,
  }),
  commit('commit as no member', 'g1', [[topic, [0, 2n]]], { version: 8, ...asMember }),
  commit('commit by member, without generation', 'g1', [[topic, [0, 2n]]], { memberId: 'm' }),
  commit('commit nothing', 'g1', []),
  commit('commit to the empty group', '', [[topic, [0, 2n]]]),
  {
    title: 'commit to an unknown id',
    api: OffsetCommit,
    version: 10,
    body: {
      groupId: 'g1',
      generationIdOrMemberEpoch: -1,
      memberId: '',
      groupInstanceId: null,
      topics: [
        {
          topicId: unknownId,
          partitions: [{ partitionIndex: 0, committedOffset: 1n, committedMetadata: null }],
        },
      ],
    },
  },
  committed('what is committed', 'g1', 'g2', 'none', ''),
  {
    title: 'some of it',
    api: OffsetFetch,
    version: 8,
    body: {
      groups: [
        {
          groupId: 'g1',
          topics: [
            { name: topic, partitionIndexes: [0, 5] },
            { name: 'nosuch', partitionIndexes: [0] },
          ],
        },
      ],
    },
  },
  {
    title: 'some of it, v1',
    api: OffsetFetch,
    version: 1,
    body: { groupId: 'g1', topics: [{ name: topic, partitionIndexes: [0, 5] }] },
  },
  {
    title: 'all of it, v2',
    api: OffsetFetch,
    version: 2,
    body: { groupId: 'g1', topics: null },
  },
  {
    title: 'for a member of nothing',
    api: OffsetFetch,
    version: 9,
    body: { groups: [{ groupId: 'g1', memberId: 'm', memberEpoch: 3, topics: null }] },
  },
  {
    title: 'of an unknown id',
    api: OffsetFetch,
    version: 10,
    body: {
      groups: [
        {
          groupId: 'g1',
          memberId: null,
          memberEpoch: -1,
          topics: [{ topicId: unknownId, partitionIndexes: [0] }],
        },
      ],
    },
  },
]

const describeGroups = (version: number, ...groups: readonly string[]): Exchange => ({
  title: `describe groups, v${version}`,
  api: DescribeGroups,
  version,
  body: { groups, includeAuthorizedOperations: version >= 3 },
})

const list = (title: string, statesFilter: readonly string[], typesFilter: readonly string[]) => ({
  title,
  api: ListGroups,
  version: 5,
  body: { statesFilter, typesFilter },
})

const views: readonly Exchange[] = [
  describeGroups(6, 'g1', 'none', ''),
  describeGroups(5, 'g1', 'none'),
  describeGroups(0, 'g1', 'none'),
  list('list groups', [], []),
  list('list empty classic groups', ['empty'], ['Classic']),
  list('list stable groups', ['Stable'], []),
  list('list consumer groups', [], ['consumer']),
  list('list groups of no state', ['bogus'], []),
  { title: 'list groups, v0', api: ListGroups, version: 0, body: {} },
]

const nobody = { generationId: 1, memberId: 'x', groupInstanceId: null }
const protocols = [{ name: 'range', metadata: new Uint8Array(0) }]

const join = (title: string, fields: Record<string, unknown>): Exchange => ({
  title,
  api: JoinGroup,
  version: 9,
  body: {
    groupId: 'g1',
    sessionTimeoutMs: 10_000,
    rebalanceTimeoutMs: 100,
    memberId: '',
    groupInstanceId: null,
    protocolType: 'consumer',
    protocols,
    reason: null,
    ...fields,
  },
})

const strangers: readonly Exchange[] = [
  ...['g1', 'none', ''].flatMap((groupId): Exchange[] => [
    {
      title: `heartbeat to "${groupId}"`,
      api: Heartbeat,
      version: 4,
      body: { groupId, ...nobody },
    },
    {
      title: `sync with "${groupId}"`,
      api: SyncGroup,
      version: 5,
      body: {
        groupId,
        ...nobody,
        protocolType: 'consumer',
        protocolName: 'range',
        assignments: [],
      },
    },
    {
      title: `leave "${groupId}"`,
      api: LeaveGroup,
      version: 4,
      body: {
        groupId,
        members: [
          { memberId: 'x', groupInstanceId: null },
          { memberId: '', groupInstanceId: 'i' },
        ],
      },
    },
  ]),
  {
    title: 'sync without protocol',
    api: SyncGroup,
    version: 5,
    body: { groupId: 'g1', ...nobody, protocolType: null, protocolName: null, assignments: [] },
  },
  { title: 'leave, v0', api: LeaveGroup, version: 0, body: { groupId: 'none', memberId: 'x' } },
  join('join with a short session', { sessionTimeoutMs: 10 }),
  join('join without protocols', { protocols: [] }),
  join('join without a type', { protocolType: '' }),
  join('join as a stranger', { memberId: 'who' }),
  join('join as a static stranger', { memberId: 'who', groupInstanceId: 'inst' }),
  join('join the empty group', { groupId: '' }),
]

const removal: readonly Exchange[] = [
  forget('forget offsets', 'g1', [
    [topic, 0, 9],
    ['nosuch', 0],
    [wide, 1],
  ]),
  forget('forget offsets of nobody', 'none', [[topic, 0]]),
  forget('forget offsets of the empty group', '', [[topic, 0]]),
  forget('forget nothing', 'g1', []),
  committed('what is left', 'g1'),
  {
    title: 'delete groups',
    api: DeleteGroups,
    version: 2,
    body: { groupsNames: ['g2', 'none', '', 'g2'] },
  },
  { title: 'delete groups, v3', api: DeleteGroups, version: 3, body: { groupsNames: ['g1'] } },
  committed('nothing is left', 'g1', 'g2'),
]

/** Groups and committed offsets, as clients see them that are not members. */
export const groupDialogue: readonly Exchange[] = [...offsets, ...views, ...strangers, ...removal]
