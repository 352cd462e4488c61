import { ErrorCode } from '@ottla/protocol'
import type { GroupRequestEvent } from './events.js'
import type { Group } from './group.js'
import { metadataOf, noBytes } from './member.js'
import type { Step } from './step.js'

type DescribeEvent = Extract<GroupRequestEvent, { type: 'describeGroups' }>
type ListEvent = Extract<GroupRequestEvent, { type: 'listGroups' }>

/** From this version on a group that does not exist is an error (KIP-1043); before, it is a group in state Dead. */
const notFoundFrom = 6

/** DescribeGroups. Authorized operations are the caller's to fill in. */
export function describeGroups(step: Step, { request, requestId, version }: DescribeEvent): void {
  const groups = request.groups.map((groupId) => {
    const group = step.group(groupId)
    return group === undefined || group.state.kind === 'Dead'
      ? absentGroup(groupId, version)
      : describeGroup(group)
  })
  step.reply('describeGroups', requestId, { throttleTimeMs: 0, groups })
}

const absentGroup = (groupId: string, version: number) => ({
  errorCode: version >= notFoundFrom ? ErrorCode.GROUP_ID_NOT_FOUND : ErrorCode.NONE,
  errorMessage: version >= notFoundFrom ? `Group ${groupId} not found.` : null,
  groupId,
  groupState: 'Dead',
  protocolType: '',
  protocolData: '',
  members: [],
})

function describeGroup(group: Group) {
  // Only a stable group has a protocol that holds; an assignment is shown as long as the member has it.
  const isStable = group.state.kind === 'Stable'
  return {
    errorCode: ErrorCode.NONE,
    groupId: group.groupId,
    groupState: group.state.kind,
    protocolType: group.protocolType ?? '',
    protocolData: isStable ? (group.protocolName ?? '') : '',
    members: [...group.members.values()].map((member) => ({
      memberId: member.memberId,
      groupInstanceId: member.groupInstanceId,
      clientId: member.clientId,
      clientHost: member.clientHost,
      memberMetadata: isStable ? metadataOf(member, group.protocolName) : noBytes,
      memberAssignment: member.assignment,
    })),
  }
}

/** ListGroups of this partition: the caller joins the answers of all its partitions. */
export function listGroups(step: Step, { request, requestId }: ListEvent): void {
  const states = new Set(request.statesFilter.map((state) => state.toLowerCase()))
  const types = new Set(request.typesFilter.map((type) => type.toLowerCase()))
  const groups = [...step.machine.groups.values()].filter(
    ({ state }) =>
      (states.size === 0 || states.has(state.kind.toLowerCase())) &&
      (types.size === 0 || types.has('classic')),
  )
  step.reply('listGroups', requestId, {
    throttleTimeMs: 0,
    errorCode: ErrorCode.NONE,
    groups: groups.map((group) => ({
      groupId: group.groupId,
      protocolType: group.protocolType ?? '',
      groupState: group.state.kind,
      groupType: 'classic',
    })),
  })
}
