import {
  ConsumerProtocolAssignment,
  ConsumerProtocolSubscription,
  WireError,
} from '@ottla/protocol'
import { groupByTopic, type TopicPartition } from '../topic-partition.js'
import type { AssignorMember } from './assignors/assignor.js'
import type { JoinedMember } from './machine-types.js'

/** `protocol_type` of all groups of consumers. */
export const consumerProtocolType = 'consumer'

const newest = { subscription: 3, assignment: 3 } as const

/** What a member tells about itself when it joins. */
export interface MemberSubscription {
  readonly topics: readonly string[]
  readonly ownedPartitions: readonly TopicPartition[]
  readonly generationId: number
  readonly rackId: string | null
  /** The assignor's own bytes. */
  readonly userData: Uint8Array | null
}

/** Writes the metadata of a JoinGroup request: version int16, then the subscription. */
export const encodeSubscription = (subscription: MemberSubscription): Uint8Array =>
  withVersion(
    newest.subscription,
    ConsumerProtocolSubscription.at(newest.subscription).encode({
      topics: [...subscription.topics].sort(),
      userData: subscription.userData,
      ownedPartitions: toTopics(subscription.ownedPartitions),
      generationId: subscription.generationId,
      rackId: subscription.rackId,
    }),
  )

/**
 * Reads what a member sent, for the assignor. A version newer than ours is read as ours, as Kafka's clients do; some clients
 * announce version 1 and leave out what it added, so fields that are not there count as empty.
 *
 * @throws WireError for bytes that are no subscription.
 */
export const decodeSubscription = (member: JoinedMember): AssignorMember => {
  const { version, body } = splitVersion(member.metadata, 'ConsumerProtocolSubscription')
  const read = readPrefix(body, Math.min(version, newest.subscription))
  return {
    memberId: member.memberId,
    groupInstanceId: member.groupInstanceId,
    topics: read.topics,
    ownedPartitions: toPartitions(read.ownedPartitions),
    generationId: read.generationId,
    // Java's members without a rack may send an empty one.
    rackId: read.rackId === '' ? null : read.rackId,
    userData: read.userData,
  }
}

/** Writes a member's assignment for SyncGroup: version int16, then the assignment. */
export const encodeAssignment = (partitions: readonly TopicPartition[]): Uint8Array =>
  withVersion(
    newest.assignment,
    ConsumerProtocolAssignment.at(newest.assignment).encode({
      assignedPartitions: toTopics(partitions),
      userData: null,
    }),
  )

/**
 * Reads the assignment SyncGroup answered. No bytes at all mean no partitions: the leader does not know this member.
 *
 * @throws WireError for bytes that are no assignment.
 */
export const decodeAssignment = (bytes: Uint8Array): TopicPartition[] => {
  if (bytes.length === 0) return []
  const { version, body } = splitVersion(bytes, 'ConsumerProtocolAssignment')
  const codec = ConsumerProtocolAssignment.at(Math.min(version, newest.assignment))
  return toPartitions(codec.decode(body).assignedPartitions)
}

const withVersion = (version: number, body: Uint8Array): Uint8Array => {
  const bytes = new Uint8Array(2 + body.length)
  bytes[1] = version
  bytes.set(body, 2)
  return bytes
}

const splitVersion = (bytes: Uint8Array, messageName: string) => {
  if (bytes.length < 2) {
    throw new WireError({ message: 'the version is missing', messageName, offset: 0 })
  }
  const version = new DataView(bytes.buffer, bytes.byteOffset).getInt16(0)
  if (version < 0) throw new WireError({ message: `version ${version}`, messageName, offset: 0 })
  return { version, body: bytes.subarray(2) }
}

/** Falls back to lower versions, each of which is a prefix of the next, when the announced one does not fit. */
const readPrefix = (body: Uint8Array, version: number): ConsumerProtocolSubscription => {
  try {
    return ConsumerProtocolSubscription.at(version).decode(body)
  } catch (error) {
    for (let lower = version - 1; lower >= 0; lower--) {
      try {
        return ConsumerProtocolSubscription.at(lower).decode(body)
      } catch {
        // The first error names the version that the member announced.
      }
    }
    throw error
  }
}

const toTopics = (partitions: readonly TopicPartition[]) =>
  [...groupByTopic(partitions)].map(([topic, numbers]) => ({ topic, partitions: numbers }))

const toPartitions = (
  topics: readonly { readonly topic: string; readonly partitions: readonly number[] }[],
): TopicPartition[] =>
  topics.flatMap(({ topic, partitions }) => partitions.map((partition) => ({ topic, partition })))
