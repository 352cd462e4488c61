import type { Clock, MetadataCache } from '@ottla/network'
import { BrokerError, ErrorCode, errorInfo, Metadata } from '@ottla/protocol'
import type { AssignedPartition } from './assigned-partition.js'

/** Why a partition cannot be read at the moment. */
export interface Absence {
  readonly error: BrokerError
  /** Whether the application has to know: waiting on is no use, or was in vain. */
  readonly isFinal: boolean
}

/** What a `Presence` looks at. */
export interface PresenceSetup {
  readonly metadata: MetadataCache
  readonly clock: Clock
  /** How long a partition may be missing; Infinity where somebody else sees to it, as a group's leader does. */
  readonly patienceMs: () => number
}

/**
 * Tells partitions that do not exist from those that merely have no leader. A missing one may be on its way, as metadata gets about
 * some time after a topic was made; one that stays away was misspelled, and reading nothing for ever would not say so.
 */
export class Presence {
  readonly #setup: PresenceSetup

  constructor(setup: PresenceSetup) {
    this.#setup = setup
  }

  /** What the newest metadata has against a partition; undefined for nothing. */
  absenceOf(partition: AssignedPartition): Absence | undefined {
    const { topic: name, partition: number } = partition
    const topic = this.#setup.metadata.topic(name)
    if (topic === undefined) return undefined
    const { errorCode, partitions } = topic
    const place = { api: Metadata.name, topic: name }
    if (errorCode === ErrorCode.NONE && partitions[number] !== undefined) {
      partition.absentSinceMs = undefined
      return undefined
    }
    if (errorCode === ErrorCode.NONE) {
      const advice = `the topic has ${partitions.length} partition(s), numbered from 0; correct the number, or add partitions to the topic`
      return this.#missing(partition, advice)
    }
    if (errorCode === ErrorCode.UNKNOWN_TOPIC_OR_PARTITION) {
      return this.#missing(partition, 'the topic does not exist; create it, or correct its name')
    }
    if (errorInfo(errorCode).retriable) return undefined
    return { error: new BrokerError(errorCode, place), isFinal: true }
  }

  #missing(partition: AssignedPartition, advice: string): Absence {
    const { clock, patienceMs } = this.#setup
    partition.absentSinceMs ??= clock.monotonic()
    const forMs = clock.monotonic() - partition.absentSinceMs
    const { topic, partition: number } = partition
    const error = new BrokerError(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, {
      api: Metadata.name,
      topic,
      partition: number,
      advice: `${advice}. The brokers have said so for ${Math.round(forMs / 1000)} s; reading on looks for it anew`,
    })
    return { error, isFinal: forMs >= patienceMs() }
  }
}
