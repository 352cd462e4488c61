import type { Clock, Cluster } from '@ottla/network'
import type { KafkaError } from '@ottla/protocol'
import type { ResolvedConsumerOptions } from '../options.js'
import type { TopicPartition } from '../topic-partition.js'

/** What the session asks of the consumer. */
export interface GroupSessionEvents {
  /** Topics to join with; waits until their names are known. */
  readonly topics: () => Promise<readonly string[]>
  /** Whether the subscription of this moment wants the topic. */
  readonly wants: (topic: string) => boolean
  /** This member leads a group that wants these topics and has to notice their changes; undefined: it does not lead. */
  readonly onLeading: (topics: readonly string[] | undefined) => void
  /** Partitions came, beside those that stay. */
  readonly onAssigned: (partitions: readonly TopicPartition[]) => Promise<void>
  /** Partitions go, all if none are named; resolves when they are given up. */
  readonly onRelease: (
    lost: boolean,
    reason: string,
    partitions?: readonly TopicPartition[],
  ) => Promise<void>
  /** The member is out of the group until it joins again: it was paused, or has left. */
  readonly onPutAside: () => void
  /** The membership has ended for good. */
  readonly onFailed: (error: KafkaError) => void
  /** Another attempt follows, but whoever watches may want to know. */
  readonly onRetry: (error: KafkaError) => void
}

/** What a `GroupSession` works with. */
export interface GroupSessionSetup {
  readonly cluster: Cluster
  readonly clock: Clock
  readonly options: ResolvedConsumerOptions
  readonly groupId: string
  readonly backoffMs: (failures: number) => number
  /** Name of the connection to the coordinator, unique per consumer. */
  readonly lane: string
  readonly signal: AbortSignal
  readonly events: GroupSessionEvents
}
