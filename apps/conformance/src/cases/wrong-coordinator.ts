import {
  AddOffsetsToTxn,
  AddPartitionsToTxn,
  AlterShareGroupOffsets,
  ConsumerGroupDescribe,
  ConsumerGroupHeartbeat,
  DeleteGroups,
  DeleteShareGroupOffsets,
  DescribeGroups,
  DescribeShareGroupOffsets,
  DescribeTransactions,
  EndTxn,
  ErrorCode,
  Heartbeat,
  InitProducerId,
  JoinGroup,
  LeaveGroup,
  OffsetCommit,
  OffsetDelete,
  OffsetFetch,
  ShareGroupDescribe,
  ShareGroupHeartbeat,
  StreamsGroupDescribe,
  StreamsGroupHeartbeat,
  SyncGroup,
  TxnOffsetCommit,
} from '@ottla/protocol'
import { formatAddress } from '../client/address.js'
import type { RawClient } from '../client/raw-client.js'
import { documents } from '../rules/documents.js'
import type { Need } from '../rules/need.js'
import { type Rule, rule } from '../rules/rule.js'
import type { RuleContext } from '../rules/rule-context.js'
import {
  commitRequest,
  connectTo,
  createTopic,
  joiningHeartbeat,
  joinRequest,
  nodesOf,
  offsetsRequest,
  type Topic,
} from '../steps/index.js'
import { kebabCase } from './kebab-case.js'

const ERROR_CODES = documents.errorCodes
const errorCode = ErrorCode.NOT_COORDINATOR
const memberId = 'nobody'
const nobody = { producerId: 1n, producerEpoch: 0 }

/** One request to a broker that does not coordinate, and what it must say. */
interface Asked {
  readonly api: Rule['apis'][0]
  readonly type: 'group' | 'transaction'
  readonly versions?: Rule['versions']
  readonly needs?: readonly Need[]
  /** Sends it, and compares the answer. */
  readonly judge: (t: RuleContext, client: RawClient, id: string, topic: Topic) => Promise<void>
}

const offsetOf = { partitionIndex: 0, committedOffset: 1n, committedMetadata: '' }

const groupApis: readonly Asked[] = [
  {
    api: JoinGroup,
    type: 'group',
    judge: async (t, client, groupId) =>
      t.expect(await client.ask(JoinGroup, joinRequest(groupId)), { errorCode, members: [] }),
  },
  {
    api: SyncGroup,
    type: 'group',
    judge: async (t, client, groupId) => {
      const request = { groupId, memberId, generationId: 1, assignments: [] }
      const protocol = { protocolType: 'consumer', protocolName: 'range' }
      t.expect(await client.ask(SyncGroup, { ...request, ...protocol }), { errorCode })
    },
  },
  {
    api: Heartbeat,
    type: 'group',
    judge: async (t, client, groupId) =>
      t.expect(await client.ask(Heartbeat, { groupId, memberId, generationId: 1 }), { errorCode }),
  },
  {
    api: LeaveGroup,
    type: 'group',
    judge: async (t, client, groupId) => {
      const members = [{ memberId, groupInstanceId: null }]
      t.expect(await client.ask(LeaveGroup, { groupId, memberId, members }), { errorCode })
    },
  },
  {
    api: OffsetCommit,
    type: 'group',
    judge: async (t, client, groupId, topic) =>
      t.expect(await client.ask(OffsetCommit, commitRequest(groupId, topic, 1n)), {
        topics: [{ partitions: [{ partitionIndex: 0, errorCode }] }],
      }),
  },
  {
    api: OffsetFetch,
    type: 'group',
    versions: { min: 2 },
    judge: async (t, client, groupId, topic) => {
      const answer = await client.ask(OffsetFetch, offsetsRequest(groupId, [topic]))
      t.expect(answer, t.version >= 8 ? { groups: [{ groupId, errorCode }] } : { errorCode })
    },
  },
  {
    api: OffsetDelete,
    type: 'group',
    judge: async (t, client, groupId, topic) => {
      const topics = [{ name: topic.name, partitions: [{ partitionIndex: 0 }] }]
      t.expect(await client.ask(OffsetDelete, { groupId, topics }), { errorCode })
    },
  },
  {
    api: DescribeGroups,
    type: 'group',
    judge: async (t, client, groupId) =>
      t.expect(await client.ask(DescribeGroups, { groups: [groupId] }), {
        groups: [{ groupId, errorCode }],
      }),
  },
  {
    api: DeleteGroups,
    type: 'group',
    judge: async (t, client, groupId) =>
      t.expect(await client.ask(DeleteGroups, { groupsNames: [groupId] }), {
        results: [{ groupId, errorCode }],
      }),
  },
  {
    api: ConsumerGroupHeartbeat,
    type: 'group',
    judge: async (t, client, groupId, { name }) => {
      const request = joiningHeartbeat(groupId, t.name('member'), [name])
      t.expect(await client.ask(ConsumerGroupHeartbeat, request), { errorCode, assignment: null })
    },
  },
  {
    api: ConsumerGroupDescribe,
    type: 'group',
    judge: async (t, client, groupId) => {
      const request = { groupIds: [groupId], includeAuthorizedOperations: false }
      const groups = [{ groupId, errorCode, members: [] }]
      t.expect(await client.ask(ConsumerGroupDescribe, request), { groups })
    },
  },
  {
    api: ShareGroupHeartbeat,
    type: 'group',
    needs: ['share-groups'],
    judge: async (t, client, groupId, { name }) => {
      const request = { groupId, memberId, memberEpoch: 0, subscribedTopicNames: [name] }
      t.expect(await client.ask(ShareGroupHeartbeat, request), { errorCode, assignment: null })
    },
  },
  {
    api: ShareGroupDescribe,
    type: 'group',
    needs: ['share-groups'],
    judge: async (t, client, groupId) => {
      const request = { groupIds: [groupId], includeAuthorizedOperations: false }
      const groups = [{ groupId, errorCode, members: [] }]
      t.expect(await client.ask(ShareGroupDescribe, request), { groups })
    },
  },
  {
    api: StreamsGroupDescribe,
    type: 'group',
    needs: ['streams-groups'],
    judge: async (t, client, groupId) => {
      const request = { groupIds: [groupId], includeAuthorizedOperations: false }
      const groups = [{ groupId, errorCode, members: [] }]
      t.expect(await client.ask(StreamsGroupDescribe, request), { groups })
    },
  },
  {
    api: StreamsGroupHeartbeat,
    type: 'group',
    needs: ['streams-groups'],
    judge: async (t, client, groupId) => {
      const request = { groupId, memberId, memberEpoch: 1, endpointInformationEpoch: 0 }
      t.expect(await client.ask(StreamsGroupHeartbeat, request), { errorCode })
    },
  },
  {
    api: DescribeShareGroupOffsets,
    type: 'group',
    needs: ['share-groups'],
    judge: async (t, client, groupId) =>
      t.expect(
        await client.ask(DescribeShareGroupOffsets, { groups: [{ groupId, topics: null }] }),
        {
          groups: [{ groupId, errorCode, topics: [] }],
        },
      ),
  },
  {
    api: AlterShareGroupOffsets,
    type: 'group',
    needs: ['share-groups'],
    judge: async (t, client, groupId, { name: topicName }) => {
      const partitions = [{ partitionIndex: 0, startOffset: 0n }]
      const request = { groupId, topics: [{ topicName, partitions }] }
      t.expect(await client.ask(AlterShareGroupOffsets, request), { errorCode })
    },
  },
  {
    api: DeleteShareGroupOffsets,
    type: 'group',
    needs: ['share-groups'],
    judge: async (t, client, groupId, { name: topicName }) => {
      const request = { groupId, topics: [{ topicName }] }
      t.expect(await client.ask(DeleteShareGroupOffsets, request), { errorCode })
    },
  },
  {
    api: TxnOffsetCommit,
    type: 'group',
    // From version 5 on the broker asks the transaction's coordinator first.
    versions: { max: 4 },
    judge: async (t, client, groupId, topic) => {
      const transactionalId = t.name('transactional-id')
      const topics = [{ name: topic.name, topicId: topic.id, partitions: [offsetOf] }]
      t.expect(await client.ask(TxnOffsetCommit, { ...nobody, transactionalId, groupId, topics }), {
        topics: [{ partitions: [{ partitionIndex: 0, errorCode }] }],
      })
    },
  },
]

const transactionApis: readonly Asked[] = [
  {
    api: InitProducerId,
    type: 'transaction',
    judge: async (t, client, transactionalId) => {
      const request = { transactionalId, transactionTimeoutMs: 60_000 }
      t.expect(await client.ask(InitProducerId, request), { errorCode, producerId: -1n })
    },
  },
  {
    api: AddPartitionsToTxn,
    type: 'transaction',
    versions: { max: 3 },
    judge: async (t, client, v3AndBelowTransactionalId, { name }) => {
      const { producerId: v3AndBelowProducerId, producerEpoch: v3AndBelowProducerEpoch } = nobody
      const answer = await client.ask(AddPartitionsToTxn, {
        v3AndBelowTransactionalId,
        v3AndBelowProducerId,
        v3AndBelowProducerEpoch,
        v3AndBelowTopics: [{ name, partitions: [0] }],
      })
      const resultsByPartition = [{ partitionIndex: 0, partitionErrorCode: errorCode }]
      t.expect(answer, { resultsByTopicV3AndBelow: [{ name, resultsByPartition }] })
    },
  },
  {
    api: AddOffsetsToTxn,
    type: 'transaction',
    judge: async (t, client, transactionalId) => {
      const request = { ...nobody, transactionalId, groupId: t.name('group') }
      t.expect(await client.ask(AddOffsetsToTxn, request), { errorCode })
    },
  },
  {
    api: EndTxn,
    type: 'transaction',
    judge: async (t, client, transactionalId) =>
      t.expect(await client.ask(EndTxn, { ...nobody, transactionalId, committed: true }), {
        errorCode,
      }),
  },
  {
    api: DescribeTransactions,
    type: 'transaction',
    judge: async (t, client, transactionalId) =>
      t.expect(await client.ask(DescribeTransactions, { transactionalIds: [transactionalId] }), {
        transactionStates: [{ transactionalId, errorCode }],
      }),
  },
]

/** A connection to a broker that is not the coordinator of an id. */
async function wrongBroker(
  t: RuleContext,
  id: string,
  type: 'group' | 'transaction',
): Promise<RawClient> {
  const { address } = await t.coordinator(id, type)
  const others = (await nodesOf(t)).filter((node) => formatAddress(node) !== address)
  return connectTo(t, others[0]?.nodeId ?? -1)
}

/** Rules of requests that go to a broker that is not the coordinator. */
export const rules: readonly Rule[] = [...groupApis, ...transactionApis].map(
  ({ api, type, versions, needs = [], judge }) =>
    rule({
      id: `${kebabCase(api.name)}.not-the-coordinator`,
      says: `A broker that does not coordinate the ${type} answers with NOT_COORDINATOR.`,
      source: ERROR_CODES,
      apis: [api],
      topic: 'errors',
      ...(versions === undefined ? {} : { versions }),
      needs: ['three-nodes', ...needs],
      run: async (t) => {
        const topic = await createTopic(t)
        const id = t.name(type)
        await judge(t, await wrongBroker(t, id, type), id, topic)
      },
    }),
)
