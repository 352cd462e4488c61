import type {
  HeartbeatRequest,
  JoinGroupRequest,
  LeaveGroupRequest,
  OffsetCommitRequest,
  OffsetFetchRequest,
  SyncGroupRequest,
} from '@ottla/protocol'
import type { Asked, Harness } from './harness.js'

/** Text as bytes. */
export const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)

/** Bytes as text. */
export const text = (value: Uint8Array | undefined): string => new TextDecoder().decode(value)

/** A JoinGroup of group `g`. */
export const join = (fields: Partial<JoinGroupRequest> = {}): JoinGroupRequest => ({
  groupId: 'g',
  sessionTimeoutMs: 10_000,
  rebalanceTimeoutMs: 60_000,
  memberId: '',
  groupInstanceId: null,
  protocolType: 'consumer',
  protocols: [{ name: 'range', metadata: bytes('m') }],
  reason: null,
  ...fields,
})

/** A SyncGroup of group `g`. */
export const sync = (
  memberId: string,
  generationId: number,
  assignments: Readonly<Record<string, string>> = {},
  fields: Partial<SyncGroupRequest> = {},
): SyncGroupRequest => ({
  groupId: 'g',
  generationId,
  memberId,
  groupInstanceId: null,
  protocolType: 'consumer',
  protocolName: 'range',
  assignments: Object.entries(assignments).map(([member, assignment]) => ({
    memberId: member,
    assignment: bytes(assignment),
  })),
  ...fields,
})

/** A Heartbeat of group `g`. */
export const beat = (
  memberId: string,
  generationId: number,
  groupInstanceId: string | null = null,
): HeartbeatRequest => ({ groupId: 'g', memberId, generationId, groupInstanceId })

/** A LeaveGroup of group `g`. */
export const leave = (
  ...members: { memberId: string; groupInstanceId?: string }[]
): LeaveGroupRequest => ({
  groupId: 'g',
  memberId: members[0]?.memberId ?? '',
  members: members.map(({ memberId, groupInstanceId = null }) => ({
    memberId,
    groupInstanceId,
    reason: null,
  })),
})

/** An OffsetCommit of group `g`. */
export const commit = (
  offsets: Readonly<Record<string, bigint>>,
  fields: Partial<OffsetCommitRequest> = {},
): OffsetCommitRequest => ({
  groupId: 'g',
  generationIdOrMemberEpoch: -1,
  memberId: '',
  groupInstanceId: null,
  retentionTimeMs: -1n,
  topics: Object.entries(offsets).map(([name, committedOffset]) => ({
    name,
    topicId: '00000000-0000-0000-0000-000000000000',
    partitions: [
      {
        partitionIndex: 0,
        committedOffset,
        committedLeaderEpoch: 5,
        commitTimestamp: -1n,
        committedMetadata: 'note',
      },
    ],
  })),
  ...fields,
})

/** An OffsetFetch of everything group `g` has. */
export const fetchAll = (groupId = 'g'): OffsetFetchRequest => ({
  groupId: '',
  topics: [],
  groups: [{ groupId, memberId: null, memberEpoch: -1, topics: null }],
  requireStable: false,
})

/** Committed offsets of group `g` by topic, as the machine answers them. */
export function offsetsOf(harness: Harness): Record<string, bigint> {
  const { response } = harness.ask('offsetFetch', fetchAll())
  const topics = response?.groups?.[0]?.topics ?? []
  return Object.fromEntries(
    topics.map(({ name, partitions }) => [name ?? '', partitions[0]?.committedOffset ?? -1n]),
  )
}

/** Joins as clients do since KIP-394: the first answer gives the id, the second join waits. */
export function joinTwice(
  harness: Harness,
  fields: Partial<JoinGroupRequest> = {},
): { readonly memberId: string; readonly asked: Asked<'joinGroup'> } {
  const memberId = harness.ask('joinGroup', join(fields)).response?.memberId ?? ''
  return { memberId, asked: harness.ask('joinGroup', join({ ...fields, memberId })) }
}
