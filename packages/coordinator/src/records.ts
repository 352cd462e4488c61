import {
  coordinatorRecordId,
  decodeCoordinatorKey,
  decodeCoordinatorValue,
  encodeCoordinatorKey,
  encodeCoordinatorValue,
  GroupMetadataKey,
  GroupMetadataValue,
  LegacyOffsetCommitKey,
  OffsetCommitKey,
  OffsetCommitValue,
} from '@ottla/protocol'
import type { CoordinatorRecord } from './events.js'
import type { Group } from './group.js'
import { type Member, metadataOf, noBytes } from './member.js'
import type { CommittedOffset } from './offset-store.js'

/** Versions Kafka 4.4 writes: of an offset with and without an expiry of its own, and of a group. */
const versions = { expiringOffset: 1, offset: 4, group: 3 }

/** The record that stores a group with its members and the assignments given. */
export function groupRecord(
  group: Group,
  assignments: ReadonlyMap<string, Uint8Array> | undefined,
): CoordinatorRecord {
  return {
    key: encodeCoordinatorKey(GroupMetadataKey, { group: group.groupId }),
    value: encodeCoordinatorValue(GroupMetadataValue, versions.group, {
      protocolType: group.protocolType ?? '',
      generation: group.generationId,
      protocol: group.protocolName,
      leader: group.leaderId,
      currentStateTimestamp: BigInt(group.stateSinceMs),
      members: [...group.members.values()].map((member) => ({
        memberId: member.memberId,
        groupInstanceId: member.groupInstanceId,
        clientId: member.clientId,
        clientHost: member.clientHost,
        rebalanceTimeout: member.rebalanceTimeoutMs,
        sessionTimeout: member.sessionTimeoutMs,
        subscription: metadataOf(member, group.protocolName),
        assignment: assignments?.get(member.memberId) ?? member.assignment,
      })),
    }),
  }
}

/** The record that removes a group. */
export const groupTombstone = (groupId: string): CoordinatorRecord => ({
  key: encodeCoordinatorKey(GroupMetadataKey, { group: groupId }),
  value: null,
})

/** The record of a committed offset. */
export function offsetRecord(
  groupId: string,
  topic: string,
  partition: number,
  committed: CommittedOffset,
): CoordinatorRecord {
  const { expireTimestampMs } = committed
  const version = expireTimestampMs === undefined ? versions.offset : versions.expiringOffset
  return {
    key: encodeCoordinatorKey(OffsetCommitKey, { group: groupId, topic, partition }),
    value: encodeCoordinatorValue(OffsetCommitValue, version, {
      offset: committed.offset,
      leaderEpoch: committed.leaderEpoch,
      metadata: committed.metadata,
      commitTimestamp: BigInt(committed.commitTimestampMs),
      expireTimestamp: BigInt(expireTimestampMs ?? -1),
      topicId: committed.topicId,
    }),
  }
}

/** The record that removes a committed offset. */
export const offsetTombstone = (
  groupId: string,
  topic: string,
  partition: number,
): CoordinatorRecord => ({
  key: encodeCoordinatorKey(OffsetCommitKey, { group: groupId, topic, partition }),
  value: null,
})

/** What a record of the partition says. */
export type ReplayedRecord =
  | {
      readonly kind: 'offset'
      readonly groupId: string
      readonly topic: string
      readonly partition: number
      /** Undefined: removed. */
      readonly committed: CommittedOffset | undefined
    }
  | {
      readonly kind: 'group'
      readonly groupId: string
      /** Undefined: removed. */
      readonly value: GroupMetadataValue | undefined
    }
  /** A record of a kind that this machine does not keep, such as those of KIP-848 groups. */
  | { readonly kind: 'other'; readonly id: number }

/**
 * Reads a record of `__consumer_offsets`.
 *
 * @throws WireError for bytes that do not follow the schema.
 */
export function readRecord({ key, value }: CoordinatorRecord): ReplayedRecord {
  const id = coordinatorRecordId(key)
  if (id === GroupMetadataKey.apiKey) {
    const { group } = decodeCoordinatorKey(GroupMetadataKey, key)
    const metadata = value === null ? undefined : decodeCoordinatorValue(GroupMetadataValue, value)
    return { kind: 'group', groupId: group, value: metadata }
  }
  if (id !== OffsetCommitKey.apiKey && id !== LegacyOffsetCommitKey.apiKey)
    return { kind: 'other', id }
  const keyType = id === OffsetCommitKey.apiKey ? OffsetCommitKey : LegacyOffsetCommitKey
  const { group, topic, partition } = decodeCoordinatorKey(keyType, key)
  const committed = value === null ? undefined : committedOffset(value)
  return { kind: 'offset', groupId: group, topic, partition, committed }
}

function committedOffset(bytes: Uint8Array): CommittedOffset {
  const value = decodeCoordinatorValue(OffsetCommitValue, bytes)
  return {
    offset: value.offset,
    leaderEpoch: value.leaderEpoch,
    metadata: value.metadata,
    commitTimestampMs: Number(value.commitTimestamp),
    expireTimestampMs: value.expireTimestamp === -1n ? undefined : Number(value.expireTimestamp),
    topicId: value.topicId,
  }
}

/** The members a group record holds. Their protocols other than the selected one are not stored. */
export function membersOf(value: GroupMetadataValue): Member[] {
  return value.members.map((member) => ({
    memberId: member.memberId,
    groupInstanceId: member.groupInstanceId,
    clientId: member.clientId,
    clientHost: member.clientHost,
    rebalanceTimeoutMs:
      member.rebalanceTimeout === -1 ? member.sessionTimeout : member.rebalanceTimeout,
    sessionTimeoutMs: member.sessionTimeout,
    protocolType: value.protocolType,
    protocols: [{ name: value.protocol ?? '', metadata: member.subscription }],
    assignment: member.assignment ?? noBytes,
    isNew: false,
  }))
}
