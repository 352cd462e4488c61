import type { Cluster } from '@ottla/network'
import {
  BrokerError,
  ErrorCode,
  InvalidArgumentError,
  KafkaError,
  LeaveGroup,
} from '@ottla/protocol'
import { describeGroups } from './describe-groups.js'
import { checkGroupId, retryGroupItems } from './group-items.js'
import type { OperationOptions } from './options.js'
import type { ItemResult } from './results.js'

/** A member to remove: a static one by `groupInstanceId`, any by the id that `describeGroups` tells. */
export type MemberReference =
  | { readonly groupInstanceId: string; readonly memberId?: string | undefined }
  | { readonly memberId: string; readonly groupInstanceId?: null | undefined }

/** What became of a member to remove. */
export interface RemovedMember extends ItemResult {
  /** Empty when it was named by `groupInstanceId`. */
  readonly memberId: string
  readonly groupInstanceId: string | null
}

/** Whom to remove. */
export interface RemoveGroupMembersOptions extends OperationOptions {
  /** Default: all members the group has. */
  readonly members?: readonly MemberReference[] | undefined
  /** For the broker's log. */
  readonly reason?: string | undefined
}

/** Several members, and static ones, can be removed from this version on (KIP-345). */
const severalVersion = 3
const reasonVersion = 5
/** Brokers cut off what is longer. */
const maxReasonLength = 255

interface Member {
  readonly memberId: string
  readonly groupInstanceId: string | null
}

/** See `Admin.removeGroupMembers`. */
export const removeGroupMembers = async (
  cluster: Cluster,
  groupId: string,
  options: RemoveGroupMembersOptions = {},
): Promise<RemovedMember[]> => {
  checkGroupId(groupId)
  const members = options.members?.map(resolve) ?? (await allMembers(cluster, groupId, options))
  const text = (options.reason ?? 'removed by an administrator').slice(0, maxReasonLength)
  const outcomes = await retryGroupItems<Member, RemovedMember>(
    cluster,
    `removing members of group ${groupId}`,
    members,
    () => groupId,
    options,
    async (node, open, { timeoutMs, signal, mayBeDone }) => {
      const { response, version } = await cluster.request(
        LeaveGroup,
        (version) => {
          const reason = version >= reasonVersion ? { reason: text } : {}
          return { groupId, members: open.map((member) => ({ ...member, ...reason })) }
        },
        { node, minVersion: severalVersion, timeoutMs, signal },
      )
      return open.map((member) => {
        const answer = response.members.find(({ memberId, groupInstanceId }) =>
          member.groupInstanceId === null
            ? memberId === member.memberId
            : groupInstanceId === member.groupInstanceId,
        )
        const errorCode =
          response.errorCode === ErrorCode.NONE
            ? (answer?.errorCode ?? ErrorCode.UNKNOWN_SERVER_ERROR)
            : response.errorCode
        // When the answer to an earlier attempt got lost, that attempt is who removed it.
        const isDone = mayBeDone && errorCode === ErrorCode.UNKNOWN_MEMBER_ID
        if (errorCode === ErrorCode.NONE || isDone) return member
        const path = `member ${member.groupInstanceId ?? member.memberId}`
        const place = { api: LeaveGroup.name, version, node, group: groupId, path }
        return new BrokerError(errorCode, place)
      })
    },
  )
  return outcomes.map((outcome, index) =>
    outcome instanceof KafkaError ? { ...(members[index] as Member), error: outcome } : outcome,
  )
}

const resolve = ({ memberId = '', groupInstanceId = null }: MemberReference): Member => {
  if (memberId === '' && (groupInstanceId === null || groupInstanceId === '')) {
    throw new InvalidArgumentError('a member to remove needs a memberId or a groupInstanceId')
  }
  return { memberId, groupInstanceId }
}

const allMembers = async (
  cluster: Cluster,
  groupId: string,
  { timeoutMs, signal }: OperationOptions,
): Promise<Member[]> => {
  const [group] = await describeGroups(cluster, [groupId], { timeoutMs, signal })
  if (group?.error !== undefined) throw group.error
  return (group?.members ?? []).map(({ memberId, groupInstanceId }) =>
    // A static member may be on its way to a new member id.
    groupInstanceId === null ? { memberId, groupInstanceId } : { memberId: '', groupInstanceId },
  )
}
