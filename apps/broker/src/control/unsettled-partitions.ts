import {
  ConsumerProtocolAssignment,
  ConsumerProtocolSubscription,
  Reader,
  WireError,
} from '@ottla/protocol'
import type { MetadataImage } from '../image/image.js'

/** A member as DescribeGroups has it. */
export interface DescribedMember {
  readonly memberMetadata: Uint8Array
  readonly memberAssignment: Uint8Array
}

/**
 * Partitions of the subscribed topics that no member has, as `topic-partition`. A cooperative group (KIP-429) is Stable
 * between its two rebalances, too: then those that one member gave up wait for the next.
 */
export const unsettledPartitions = (
  members: readonly DescribedMember[],
  { topicsByName }: Pick<MetadataImage, 'topicsByName'>,
): string[] => {
  const wanted = new Set(members.flatMap(({ memberMetadata }) => subscribedTopics(memberMetadata)))
  const had = new Set(
    members.flatMap(({ memberAssignment }) => assignedPartitions(memberAssignment)),
  )
  return [...wanted]
    .flatMap((name) =>
      (topicsByName.get(name)?.partitions ?? []).map((_, partition) => `${name}-${partition}`),
    )
    .filter((each) => !had.has(each))
}

const subscribedTopics = (bytes: Uint8Array): readonly string[] =>
  readVersioned(bytes, (version, reader) => {
    const newest = ConsumerProtocolSubscription.versions.max
    return ConsumerProtocolSubscription.at(Math.min(version, newest)).read(reader).topics
  })

const assignedPartitions = (bytes: Uint8Array): readonly string[] =>
  readVersioned(bytes, (version, reader) => {
    const newest = ConsumerProtocolAssignment.versions.max
    return ConsumerProtocolAssignment.at(Math.min(version, newest))
      .read(reader)
      .assignedPartitions.flatMap(({ topic, partitions }) =>
        partitions.map((partition) => `${topic}-${partition}`),
      )
  })

/** A version, then the body. Members write what they like here: what is in no form we know is nothing. */
const readVersioned = (
  bytes: Uint8Array,
  read: (version: number, reader: Reader) => readonly string[],
): readonly string[] => {
  if (bytes.length < 2) return []
  const reader = new Reader(bytes)
  const version = reader.int16()
  try {
    return version < 0 ? [] : read(version, reader)
  } catch (error) {
    if (error instanceof WireError) return []
    throw error
  }
}
