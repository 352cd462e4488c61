import {
  AddRaftVoter,
  AlterConfigs,
  AlterPartitionReassignments,
  AlterUserScramCredentials,
  ConsumerGroupDescribe,
  CreateAcls,
  CreateDelegationToken,
  CreatePartitions,
  CreateTopics,
  DeleteAcls,
  DeleteTopics,
  DescribeAcls,
  DescribeDelegationToken,
  DescribeQuorum,
  DescribeTopicPartitions,
  ElectLeaders,
  ErrorCode,
  ExpireDelegationToken,
  Metadata,
  OffsetDelete,
  RemoveRaftVoter,
  RenewDelegationToken,
  ShareGroupDescribe,
  StreamsGroupTopologyDescriptionUpdate,
  UnregisterBroker,
  UnregisterController,
  ZERO_UUID,
} from '@ottla/protocol'
import { documents } from '../rules/documents.js'
import { type Rule, rule } from '../rules/rule.js'
import { createTopic, newest, topicResource } from '../steps/index.js'
import { NO_SUCH_NODE } from './nobody.js'
import { type RefusedPlace, refused } from './refused.js'

const ERRORS = documents.errorCodes
const KIP_48 = 'KIP-48: Delegation token support for Kafka'
const KIP_140 = 'KIP-140: Add administrative RPCs for adding, deleting, and listing ACLs'
const KIP_853 = 'KIP-853: KRaft Controller Membership Changes'

const BAD_NAME = 'a name/that no topic can have'

const own = ({ errorCode }: RefusedPlace) => ({ errorCode })

/** Group ids of no characters. */
const emptyGroups: readonly Rule[] = [
  refused({
    api: ConsumerGroupDescribe,
    id: 'consumer-group-describe.empty-group-id',
    says: 'An empty group id is refused with INVALID_GROUP_ID.',
    source: ERRORS,
    code: 'INVALID_GROUP_ID',
    ask: () => ({ groupIds: [''], includeAuthorizedOperations: false }),
    answer: ({ errorCode }) => ({ groups: [{ groupId: '', errorCode, members: [] }] }),
  }),
  refused({
    api: ShareGroupDescribe,
    id: 'share-group-describe.empty-group-id',
    says: 'An empty group id is refused with INVALID_GROUP_ID.',
    source: ERRORS,
    code: 'INVALID_GROUP_ID',
    needs: ['share-groups'],
    ask: () => ({ groupIds: [''], includeAuthorizedOperations: false }),
    answer: ({ errorCode }) => ({ groups: [{ groupId: '', errorCode, members: [] }] }),
  }),
  refused({
    api: OffsetDelete,
    id: 'offset-delete.empty-group-id',
    says: 'An empty group id is refused with INVALID_GROUP_ID.',
    source: ERRORS,
    code: 'INVALID_GROUP_ID',
    ask: ({ topic }) => ({
      groupId: '',
      topics: [{ name: topic.name, partitions: [{ partitionIndex: 0 }] }],
    }),
    answer: own,
  }),
]

/** What a cluster without an authorizer, and without a secret for tokens, says. */
const disabled: readonly Rule[] = [
  refused({
    api: DescribeAcls,
    id: 'describe-acls.no-authorizer',
    says: 'Without an authorizer there are no ACLs: SECURITY_DISABLED.',
    source: KIP_140,
    code: 'SECURITY_DISABLED',
    needs: ['no-authorizer'],
    ask: () => ({
      resourceTypeFilter: 1,
      resourceNameFilter: null,
      patternTypeFilter: 1,
      principalFilter: null,
      hostFilter: null,
      operation: 1,
      permissionType: 1,
    }),
    answer: ({ errorCode }) => ({ errorCode, resources: [] }),
  }),
  refused({
    api: CreateAcls,
    id: 'create-acls.no-authorizer',
    says: 'Without an authorizer no ACL is created: SECURITY_DISABLED.',
    source: KIP_140,
    code: 'SECURITY_DISABLED',
    needs: ['no-authorizer'],
    ask: ({ topic }) => ({
      creations: [
        {
          resourceType: 2,
          resourceName: topic.name,
          resourcePatternType: 3,
          principal: 'User:conformance-nobody',
          host: '*',
          operation: 3,
          permissionType: 3,
        },
      ],
    }),
    answer: ({ errorCode }) => ({ results: [{ errorCode }] }),
  }),
  refused({
    api: DeleteAcls,
    id: 'delete-acls.no-authorizer',
    says: 'Without an authorizer no ACL is deleted: SECURITY_DISABLED.',
    source: KIP_140,
    code: 'SECURITY_DISABLED',
    needs: ['no-authorizer'],
    ask: () => ({
      filters: [
        {
          resourceTypeFilter: 2,
          resourceNameFilter: 'conformance-nothing',
          patternTypeFilter: 3,
          principalFilter: null,
          hostFilter: null,
          operation: 1,
          permissionType: 1,
        },
      ],
    }),
    answer: ({ errorCode }) => ({ filterResults: [{ errorCode, matchingAcls: [] }] }),
  }),
  rule({
    id: 'delete-topics.disabled',
    says: 'Where topics may not be deleted, TOPIC_DELETION_DISABLED says so, and the topic stays.',
    source: 'KIP-322: Return new error code for DeleteTopics API when topic deletion disabled',
    apis: [DeleteTopics, Metadata],
    topic: 'errors',
    needs: ['no-topic-deletion'],
    versions: { min: 3 },
    run: async (t) => {
      const { name } = await createTopic(t)
      const topics = [{ name, topicId: ZERO_UUID }]
      const errorCode = ErrorCode.TOPIC_DELETION_DISABLED
      const request = { topicNames: [name], topics, timeoutMs: t.deadlineMs }
      const refusal = await t.client.ask(DeleteTopics, request)
      t.expect(refusal, { responses: [{ name, errorCode }] })
      const there = { topics: [{ name }], allowAutoTopicCreation: false }
      t.expect(await t.client.ask(Metadata, there, newest(t, Metadata)), {
        topics: [{ name, errorCode: ErrorCode.NONE }],
      })
    },
  }),
]

/** Nodes and voters that are not there. */
const nodes: readonly Rule[] = [
  refused({
    api: UnregisterBroker,
    id: 'unregister-broker.unknown',
    says: 'A broker that is not registered is refused with BROKER_ID_NOT_REGISTERED.',
    source: 'KIP-631: The Quorum-based Kafka Controller',
    code: 'BROKER_ID_NOT_REGISTERED',
    ask: () => ({ brokerId: NO_SUCH_NODE }),
    answer: own,
  }),
  refused({
    api: UnregisterController,
    id: 'unregister-controller.unknown',
    says: 'A controller that is not registered is refused with CONTROLLER_ID_NOT_REGISTERED.',
    source: 'KIP-1312: Support unregistering controllers',
    code: 'CONTROLLER_ID_NOT_REGISTERED',
    ask: () => ({ controllerId: NO_SUCH_NODE }),
    answer: own,
  }),
  refused({
    api: AddRaftVoter,
    id: 'add-raft-voter.other-cluster',
    says: 'A request for another cluster is refused with INCONSISTENT_CLUSTER_ID.',
    source: KIP_853,
    code: 'INCONSISTENT_CLUSTER_ID',
    ask: () => ({
      clusterId: 'conformance-none-00000',
      timeoutMs: 1000,
      voterId: NO_SUCH_NODE,
      voterDirectoryId: ZERO_UUID,
      listeners: [],
    }),
    answer: own,
  }),
  refused({
    api: RemoveRaftVoter,
    id: 'remove-raft-voter.other-cluster',
    says: 'A request for another cluster is refused with INCONSISTENT_CLUSTER_ID.',
    source: KIP_853,
    code: 'INCONSISTENT_CLUSTER_ID',
    ask: () => ({
      clusterId: 'conformance-none-00000',
      voterId: NO_SUCH_NODE,
      voterDirectoryId: ZERO_UUID,
    }),
    answer: own,
  }),
  refused({
    api: DescribeQuorum,
    id: 'describe-quorum.other-topic',
    says: 'A topic that is not the log of the metadata has no quorum: UNKNOWN_TOPIC_OR_PARTITION.',
    source: 'KIP-595: A Raft Protocol for the Metadata Quorum',
    code: 'UNKNOWN_TOPIC_OR_PARTITION',
    ask: ({ topic }) => ({
      topics: [{ topicName: topic.name, partitions: [{ partitionIndex: 0 }] }],
    }),
    answer: ({ topic, errorCode }) => ({
      topics: [{ topicName: topic.name, partitions: [{ partitionIndex: 0, errorCode }] }],
    }),
  }),
]

/** No document says it: what the controller does with the time that a request has. */
const DEADLINES =
  'KIP-631; QuorumController.appendWriteEvent and KafkaEventQueue: an event past its deadline ends with a TimeoutException'

const late = (api: string) =>
  ({
    says: `${api} with a timeout of 0 is past its deadline when the controller comes to it, and refused with REQUEST_TIMED_OUT.`,
    source: DEADLINES,
    code: 'REQUEST_TIMED_OUT',
  }) as const

/** What the controller has no time for. */
const timedOut: readonly Rule[] = [
  refused({
    ...late('CreateTopics'),
    api: CreateTopics,
    id: 'create-topics.no-time',
    ask: ({ topic: { name } }) => {
      const place = { numPartitions: 1, replicationFactor: 1, assignments: [], configs: [] }
      return { topics: [{ name: `${name}-late`, ...place }], timeoutMs: 0, validateOnly: true }
    },
    answer: ({ topic: { name }, errorCode }) => ({ topics: [{ name: `${name}-late`, errorCode }] }),
  }),
  refused({
    ...late('CreatePartitions'),
    api: CreatePartitions,
    id: 'create-partitions.no-time',
    ask: ({ topic: { name } }) => ({
      topics: [{ name, count: 2, assignments: null }],
      timeoutMs: 0,
      validateOnly: true,
    }),
    answer: ({ topic: { name }, errorCode }) => ({ results: [{ name, errorCode }] }),
  }),
  refused({
    ...late('DeleteTopics'),
    api: DeleteTopics,
    id: 'delete-topics.no-time',
    ask: ({ topic: { name } }) => ({
      topics: [{ name, topicId: ZERO_UUID }],
      topicNames: [name],
      timeoutMs: 0,
    }),
    answer: ({ topic: { name }, errorCode }) => ({ responses: [{ name, errorCode }] }),
  }),
  refused({
    ...late('ElectLeaders'),
    api: ElectLeaders,
    id: 'elect-leaders.no-time',
    versions: { min: 1 },
    ask: ({ topic }) => ({
      electionType: 0,
      topicPartitions: [{ topic: topic.name, partitions: [0] }],
      timeoutMs: 0,
    }),
    answer: own,
  }),
  refused({
    ...late('AlterPartitionReassignments'),
    api: AlterPartitionReassignments,
    id: 'alter-partition-reassignments.no-time',
    ask: ({ topic }) => ({
      topics: [{ name: topic.name, partitions: [{ partitionIndex: 0, replicas: null }] }],
      timeoutMs: 0,
    }),
    answer: own,
  }),
]

/** Others. */
const various: readonly Rule[] = [
  refused({
    api: AlterConfigs,
    id: 'alter-configs.impossible-topic',
    says: 'Configs of a topic of a name that none can have are refused with INVALID_TOPIC_EXCEPTION.',
    source: ERRORS,
    code: 'INVALID_TOPIC_EXCEPTION',
    ask: () => ({
      resources: [{ ...topicResource(BAD_NAME), configs: [] }],
      validateOnly: true,
    }),
    answer: ({ errorCode }) => ({ responses: [{ ...topicResource(BAD_NAME), errorCode }] }),
  }),
  refused({
    api: DescribeTopicPartitions,
    id: 'describe-topic-partitions.impossible-topic',
    says: 'A name that no topic can have is refused with INVALID_TOPIC_EXCEPTION.',
    source: 'KIP-966: Eligible Leader Replicas, DescribeTopicPartitions',
    code: 'INVALID_TOPIC_EXCEPTION',
    ask: () => ({ topics: [{ name: BAD_NAME }], responsePartitionLimit: 1, cursor: null }),
    answer: ({ errorCode }) => ({ topics: [{ name: BAD_NAME, errorCode }] }),
  }),
  refused({
    api: AlterUserScramCredentials,
    id: 'alter-user-scram-credentials.twice',
    says: 'A credential that is set twice in a request is refused with DUPLICATE_RESOURCE.',
    source: 'KIP-554: Add Broker-side SCRAM Config API',
    code: 'DUPLICATE_RESOURCE',
    ask: ({ groupId: name }) => {
      const salt = Buffer.from('salt-of-conformance')
      const secret = { iterations: 4096, salt, saltedPassword: Buffer.alloc(32, 7) }
      const upsertion = { name, mechanism: 1, ...secret }
      return { deletions: [], upsertions: [upsertion, upsertion] }
    },
    answer: ({ groupId, errorCode }) => ({ results: [{ user: groupId, errorCode }] }),
  }),
  refused({
    api: StreamsGroupTopologyDescriptionUpdate,
    id: 'streams-group-topology-description-update.unsupported',
    says: 'A broker that keeps no descriptions of topologies refuses them with UNSUPPORTED_VERSION.',
    source: 'KIP-1331: Streams Group Topology Description Plugin',
    code: 'UNSUPPORTED_VERSION',
    needs: ['streams-groups'],
    ask: ({ groupId }) => ({
      groupId,
      memberId: 'nobody',
      topologyEpoch: 0,
      topologyDescription: { subtopologies: [], globalStores: [] },
    }),
    answer: own,
  }),
]

const token = { hmac: Buffer.alloc(64, 3) }
const TOKENS = {
  says: 'Without a secret for delegation tokens there are none: DELEGATION_TOKEN_AUTH_DISABLED.',
  source: KIP_48,
  code: 'DELEGATION_TOKEN_AUTH_DISABLED',
  needs: ['no-delegation-tokens', 'sasl-plain'],
  connect: (t: Parameters<Rule['run']>[0]) => t.connect({ listener: 'sasl', as: 'admin' }),
} as const

/** Tokens of a cluster that has none. */
const noTokens: readonly Rule[] = [
  refused({
    ...TOKENS,
    api: CreateDelegationToken,
    id: 'create-delegation-token.disabled',
    ask: () => ({
      ownerPrincipalType: null,
      ownerPrincipalName: null,
      renewers: [],
      maxLifetimeMs: -1n,
    }),
    answer: own,
  }),
  refused({
    ...TOKENS,
    api: RenewDelegationToken,
    id: 'renew-delegation-token.disabled',
    ask: () => ({ ...token, renewPeriodMs: 1000n }),
    answer: own,
  }),
  refused({
    ...TOKENS,
    api: ExpireDelegationToken,
    id: 'expire-delegation-token.disabled',
    ask: () => ({ ...token, expiryTimePeriodMs: 1000n }),
    answer: own,
  }),
  refused({
    ...TOKENS,
    api: DescribeDelegationToken,
    id: 'describe-delegation-token.disabled',
    ask: () => ({ owners: null }),
    answer: own,
  }),
]

/** Rules of requests that are refused, one by one. */
export const rules: readonly Rule[] = [
  ...emptyGroups,
  ...disabled,
  ...nodes,
  ...timedOut,
  ...various,
  ...noTokens,
]
