/** One partition, as the newest metadata tells. */
export interface PartitionMetadata {
  readonly partition: number
  /** Node id of the leader, -1 when there is none at the moment. */
  readonly leader: number
  /** Epoch of that leadership, -1 when the broker does not tell (Metadata before version 7). */
  readonly leaderEpoch: number
  readonly replicas: readonly number[]
  readonly isr: readonly number[]
  readonly offlineReplicas: readonly number[]
  /** Kafka's error code for this partition, 0 when it is well. */
  readonly errorCode: number
}

/** One topic, as the newest metadata tells. */
export interface TopicMetadata {
  readonly name: string
  /** Dashed lower-case uuid; `ZERO_UUID` when the broker does not tell (Metadata before version 10). */
  readonly topicId: string
  readonly isInternal: boolean
  /** Kafka's error code for this topic, 0 when it is well. */
  readonly errorCode: number
  /** Ordered by number and without gaps when the topic is well: `partitions[n].partition === n`. */
  readonly partitions: readonly PartitionMetadata[]
}

/** One broker. */
export interface BrokerMetadata {
  readonly node: number
  readonly host: string
  readonly port: number
  readonly rack: string | null
}
