import type { Cluster } from '@ottla/network'
import {
  BrokerError,
  ConsumerGroupDescribe,
  type ConsumerGroupDescribeResponse,
  DescribeGroups,
  type DescribeGroupsResponse,
  ErrorCode,
  KafkaError,
} from '@ottla/protocol'
import { readAssignment, readSubscription } from './consumer-protocol.js'
import { checkGroupId, retryGroupItems } from './group-items.js'
import type { GroupState, GroupType } from './list-groups.js'
import type { OperationOptions } from './options.js'
import type { ItemResult } from './results.js'
import type { ItemsAttempt } from './retry-items.js'
import type { TopicPartitions } from './topic-partitions.js'

/** A member of a group. */
export interface MemberDescription {
  readonly memberId: string
  /** Null for a dynamic member. */
  readonly groupInstanceId: string | null
  readonly clientId: string
  /** Address it came from. */
  readonly clientHost: string
  /** Empty while the group rebalances, and for members that are no consumers. */
  readonly subscribedTopics: readonly string[]
  readonly assignment: readonly TopicPartitions[]
  /** What the group coordinator wants it to have in the end; `consumer` groups only. */
  readonly targetAssignment?: readonly TopicPartitions[] | undefined
  /** `consumer` groups only. */
  readonly memberEpoch?: number | undefined
}

/** A group and its members. */
export interface GroupDescription extends ItemResult {
  readonly groupId: string
  /** Undefined when there is an error. */
  readonly type?: GroupType | undefined
  /** `Dead` when there is an error. */
  readonly state: GroupState
  readonly protocolType: string
  /** The assignor in use; empty while there is none. */
  readonly assignor: string
  /** Node id of the group's coordinator; -1 when there is an error. */
  readonly coordinator: number
  readonly members: readonly MemberDescription[]
}

/** See `Admin.describeGroups`. */
export const describeGroups = async (
  cluster: Cluster,
  groupIds: readonly string[],
  options: OperationOptions = {},
): Promise<GroupDescription[]> => {
  for (const groupId of groupIds) checkGroupId(groupId)
  const outcomes = await retryGroupItems<string, GroupDescription>(
    cluster,
    'describing groups',
    groupIds,
    (groupId) => groupId,
    options,
    async (node, open, attempt) => {
      const groups = [...new Set(open)]
      const all = await askConsumerGroups(cluster, node, groups, attempt)
      const others = groups.filter((groupId) => !all.has(groupId))
      const classic = await askClassicGroups(cluster, node, others, attempt)
      return open.map(
        (groupId) => (all.get(groupId) ?? classic.get(groupId)) as GroupDescription | KafkaError,
      )
    },
  )
  return outcomes.map((outcome, index) =>
    outcome instanceof KafkaError
      ? {
          groupId: groupIds[index] as string,
          state: 'Dead',
          protocolType: '',
          assignor: '',
          coordinator: -1,
          members: [],
          error: outcome,
        }
      : outcome,
  )
}

type Outcomes = Map<string, GroupDescription | KafkaError>

/** Groups of the new protocol (KIP-848); leaves out those that are no such group. */
const askConsumerGroups = async (
  cluster: Cluster,
  node: number,
  groupIds: readonly string[],
  { timeoutMs, signal }: ItemsAttempt,
): Promise<Outcomes> => {
  const outcomes: Outcomes = new Map()
  const versions = await cluster.versionsOf(ConsumerGroupDescribe, { node, timeoutMs, signal })
  if (versions === undefined) return outcomes
  const { response, version } = await cluster.request(
    ConsumerGroupDescribe,
    { groupIds: [...groupIds], includeAuthorizedOperations: false },
    { node, timeoutMs, signal },
  )
  const place = { api: ConsumerGroupDescribe.name, version, node }
  for (const group of response.groups) {
    const { groupId, errorCode, errorMessage: text } = group
    if (errorCode === ErrorCode.GROUP_ID_NOT_FOUND) continue
    if (errorCode === ErrorCode.UNSUPPORTED_VERSION) continue
    outcomes.set(
      groupId,
      errorCode === ErrorCode.NONE
        ? fromConsumerGroup(node, group)
        : new BrokerError(errorCode, { ...place, group: groupId, text }),
    )
  }
  return outcomes
}

const fromConsumerGroup = (
  coordinator: number,
  group: ConsumerGroupDescribeResponse['groups'][number],
): GroupDescription => ({
  groupId: group.groupId,
  type: 'consumer',
  state: group.groupState as GroupState,
  protocolType: 'consumer',
  assignor: group.assignorName,
  coordinator,
  members: group.members.map((member) => ({
    memberId: member.memberId,
    groupInstanceId: member.instanceId,
    clientId: member.clientId,
    clientHost: member.clientHost,
    subscribedTopics: member.subscribedTopicNames,
    assignment: partitionsOf(member.assignment),
    targetAssignment: partitionsOf(member.targetAssignment),
    memberEpoch: member.memberEpoch,
  })),
})

type Assignment = ConsumerGroupDescribeResponse['groups'][number]['members'][number]['assignment']

const partitionsOf = ({ topicPartitions }: Assignment): TopicPartitions[] =>
  topicPartitions.map(({ topicName, partitions }) => ({ topic: topicName, partitions }))

const askClassicGroups = async (
  cluster: Cluster,
  node: number,
  groupIds: readonly string[],
  { timeoutMs, signal }: ItemsAttempt,
): Promise<Outcomes> => {
  const outcomes: Outcomes = new Map()
  if (groupIds.length === 0) return outcomes
  const { response, version } = await cluster.request(
    DescribeGroups,
    { groups: [...groupIds] },
    { node, timeoutMs, signal },
  )
  const answers = new Map(response.groups.map((group) => [group.groupId, group]))
  for (const groupId of groupIds) {
    const group = answers.get(groupId)
    const errorCode = classicError(group)
    const place = { api: DescribeGroups.name, version, node, group: groupId }
    outcomes.set(
      groupId,
      group === undefined || errorCode !== ErrorCode.NONE
        ? new BrokerError(errorCode, { ...place, text: group?.errorMessage })
        : fromClassicGroup(node, group),
    )
  }
  return outcomes
}

type ClassicGroup = DescribeGroupsResponse['groups'][number]

/** Before version 6 a group that does not exist is described as dead, without error (KIP-1043). */
const classicError = (group: ClassicGroup | undefined): number => {
  if (group === undefined) return ErrorCode.UNKNOWN_SERVER_ERROR
  const isMissing = group.errorCode === ErrorCode.NONE && group.groupState === 'Dead'
  return isMissing ? ErrorCode.GROUP_ID_NOT_FOUND : group.errorCode
}

const fromClassicGroup = (coordinator: number, group: ClassicGroup): GroupDescription => {
  const isConsumer = group.protocolType === 'consumer'
  return {
    groupId: group.groupId,
    type: 'classic',
    state: group.groupState as GroupState,
    protocolType: group.protocolType,
    assignor: group.protocolData,
    coordinator,
    members: group.members.map((member) => ({
      memberId: member.memberId,
      groupInstanceId: member.groupInstanceId,
      clientId: member.clientId,
      clientHost: member.clientHost,
      subscribedTopics: isConsumer ? readSubscription(member.memberMetadata) : [],
      assignment: isConsumer ? readAssignment(member.memberAssignment) : [],
    })),
  }
}
