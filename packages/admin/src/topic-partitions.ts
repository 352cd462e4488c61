/** Partitions of a topic. */
export interface TopicPartitions {
  readonly topic: string
  readonly partitions: readonly number[]
}
