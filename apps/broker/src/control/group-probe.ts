import { BrokerError, ZERO_UUID } from '@ottla/protocol'
import type { GroupClient } from '../group/group-service.js'
import type { BrokerServices } from '../services.js'
import { unsettledPartitions } from './unsettled-partitions.js'

/** A group whose members all have their partitions. */
export interface StableGroup {
  readonly memberIds: readonly string[]
}

/** A group as it is now; `Dead` if there is none. */
export interface ProbedGroup extends StableGroup {
  readonly state: string
  /** Of a group with the assignor `cooperative-sticky`: partitions between two members, as `topic-partition`. */
  readonly unsettled: readonly string[]
}

/** How the controls ask the groups: as a client would, from inside. */
const asClient = (apiVersion: number): GroupClient => ({
  apiVersion,
  clientId: 'controls',
  remoteAddress: '127.0.0.1:0',
  onDisconnect: () => () => undefined,
})

/** While a partition of `__consumer_offsets` has no leader here, its groups are not there. */
const orElse = async <Result>(ask: () => Promise<Result>, otherwise: Result): Promise<Result> => {
  try {
    return await ask()
  } catch (error) {
    if (error instanceof BrokerError) return otherwise
    throw error
  }
}

/** State and members of a group. */
export const describeGroup = (services: BrokerServices, groupId: string): Promise<ProbedGroup> => {
  const none: ProbedGroup = { state: 'Dead', memberIds: [], unsettled: [] }
  return orElse(async () => {
    const response = await services.groups.request('describeGroups', asClient(5), groupId, {
      groups: [groupId],
      includeAuthorizedOperations: false,
    })
    const group = response.groups[0]
    if (group === undefined) return none
    const memberIds = group.members.map(({ memberId }) => memberId)
    const isCooperative = group.protocolData === 'cooperative-sticky'
    const unsettled = isCooperative ? unsettledPartitions(group.members, services.image) : []
    return { state: group.groupState, memberIds, unsettled }
  }, none)
}

/** What a group has committed for a partition; -1 if nothing. */
export const committedOffset = (
  services: BrokerServices,
  groupId: string,
  topic: string,
  partition: number,
): Promise<bigint> =>
  orElse(async () => {
    const topics = [{ name: topic, topicId: ZERO_UUID, partitionIndexes: [partition] }]
    const response = await services.groups.request('offsetFetch', asClient(8), groupId, {
      groupId,
      topics: [],
      groups: [{ groupId, memberId: null, memberEpoch: -1, topics }],
      requireStable: false,
    })
    return response.groups?.[0]?.topics?.[0]?.partitions?.[0]?.committedOffset ?? -1n
  }, -1n)
