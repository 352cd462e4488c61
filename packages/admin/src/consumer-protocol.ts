import {
  ConsumerProtocolAssignment,
  ConsumerProtocolSubscription,
  type MessageType,
  Reader,
  WireError,
} from '@ottla/protocol'
import type { TopicPartitions } from './topic-partitions.js'

/** The topics in a member's subscription; none while it has sent none, or when it is in no form we know. */
export const readSubscription = (bytes: Uint8Array): readonly string[] =>
  read(ConsumerProtocolSubscription, bytes, (version, reader) =>
    ConsumerProtocolSubscription.at(version).read(reader),
  )?.topics ?? []

/** The partitions in a member's assignment; none while it has none, or when it is in no form we know. */
export const readAssignment = (bytes: Uint8Array): readonly TopicPartitions[] =>
  read(ConsumerProtocolAssignment, bytes, (version, reader) =>
    ConsumerProtocolAssignment.at(version).read(reader),
  )?.assignedPartitions ?? []

/** A version as int16, then the body. Members write what they like here, so nothing in it is an error. */
const read = <Value>(
  { versions }: Pick<MessageType, 'versions'>,
  bytes: Uint8Array,
  readBody: (version: number, reader: Reader) => Value,
): Value | undefined => {
  if (bytes.length < 2) return undefined
  try {
    const reader = new Reader(bytes)
    const version = reader.int16()
    // Newer versions only add at the end.
    return version < 0 ? undefined : readBody(Math.min(version, versions.max), reader)
  } catch (error) {
    if (error instanceof WireError) return undefined
    throw error
  }
}
