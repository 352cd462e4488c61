import { ErrorCode } from '@ottla/protocol'
import { refusal } from '../errors.js'
import { type BrokerImage, type MetadataImage, unfencedBrokers } from '../image/image.js'

/** A partition to be created: its replicas, the preferred leader first. */
export interface PlannedPartition {
  readonly partition: number
  readonly replicas: readonly number[]
}

/** An assignment written out by the client. */
export interface ManualAssignment {
  readonly partitionIndex: number
  readonly brokerIds: readonly number[]
}

/**
 * Spreads partitions over the brokers that are up: leaders go round from a random start, followers come next to them.
 * @throws BrokerError INVALID_REPLICATION_FACTOR
 */
export const placeReplicas = (
  image: MetadataImage,
  partitions: number,
  replicationFactor: number,
  random: () => number,
): PlannedPartition[] => {
  const cannot = (reason: string): Error =>
    refusal(
      ErrorCode.INVALID_REPLICATION_FACTOR,
      `Unable to replicate the partition ${replicationFactor} time(s): ${reason}`,
    )
  const brokers = unfencedBrokers(image).map(({ brokerId }) => brokerId)
  if (brokers.length === 0)
    throw cannot('All brokers are currently fenced or in controlled shutdown.')
  if (replicationFactor > image.brokers.size) {
    throw cannot(
      `The target replication factor of ${replicationFactor} cannot be reached because only ${image.brokers.size} broker(s) are registered or some brokers have all their log directories cordoned.`,
    )
  }
  const candidates = [...brokers, ...fencedBrokers(image)]
  const start = Math.floor(random() * brokers.length)
  return Array.from({ length: partitions }, (_, partition) => {
    const first = (start + partition) % brokers.length
    const replicas = candidates.map(
      (_, step) => candidates[(first + step) % candidates.length] as number,
    )
    return { partition, replicas: replicas.slice(0, replicationFactor) }
  })
}

const fencedBrokers = (image: MetadataImage): number[] =>
  [...image.brokers.values()].filter(({ fenced }) => fenced).map(({ brokerId }) => brokerId)

const bad = (text: string): Error => refusal(ErrorCode.INVALID_REPLICA_ASSIGNMENT, text)

/**
 * Checks an assignment given by the client.
 * @param present Replicas of the partitions that the topic has already, 0 for a new one: all must have as many.
 * @throws BrokerError INVALID_REPLICA_ASSIGNMENT
 */
export const checkManualAssignment = (
  image: MetadataImage,
  assignments: readonly ManualAssignment[],
  present = 0,
): PlannedPartition[] => {
  const planned = new Map<number, PlannedPartition>()
  let replicationFactor = present
  for (const { partitionIndex, brokerIds } of assignments) {
    if (planned.has(partitionIndex)) {
      throw bad(`Found multiple manual partition assignments for partition ${partitionIndex}`)
    }
    checkReplicas(image, partitionIndex, brokerIds, replicationFactor)
    replicationFactor = brokerIds.length
    planned.set(partitionIndex, { partition: partitionIndex, replicas: brokerIds })
  }
  for (let partition = 0; partition < planned.size; partition += 1) {
    if (!planned.has(partition))
      throw bad('partitions should be a consecutive 0-based integer sequence')
  }
  return [...planned.values()].sort((a, b) => a.partition - b.partition)
}

/** @throws BrokerError INVALID_REPLICA_ASSIGNMENT if these brokers cannot hold the partition. */
export const checkReplicas = (
  image: MetadataImage,
  partition: number,
  brokerIds: readonly number[],
  replicationFactor: number,
): void => {
  if (brokerIds.length === 0)
    throw bad('The manual partition assignment includes an empty replica list.')
  const seen = new Set<number>()
  for (const id of [...brokerIds].sort((a, b) => a - b)) {
    if (!image.brokers.has(id)) {
      throw bad(
        `The manual partition assignment includes broker ${id}, but no such broker is registered.`,
      )
    }
    if (seen.has(id)) {
      throw bad(`The manual partition assignment includes the broker ${id} more than once.`)
    }
    seen.add(id)
  }
  if (replicationFactor !== 0 && brokerIds.length !== replicationFactor) {
    throw bad(
      `The manual partition assignment includes a partition with ${brokerIds.length} replica(s), but this is not consistent with previous partitions, which have ${replicationFactor} replica(s).`,
    )
  }
  if (!brokerIds.some((id) => isActive(image.brokers.get(id)))) {
    throw bad(
      `All brokers specified in the manual partition assignment for partition ${partition} are fenced or in controlled shutdown.`,
    )
  }
}

/** Whether a broker may lead partitions. */
export const isActive = (broker: BrokerImage | undefined): boolean =>
  broker !== undefined && !broker.fenced && !broker.inControlledShutdown
