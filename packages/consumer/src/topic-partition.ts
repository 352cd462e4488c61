/** One partition of a topic. */
export interface TopicPartition {
  readonly topic: string
  readonly partition: number
}

/** A place in a partition: the offset of the next record to read, or the next to be committed. */
export interface TopicPartitionOffset extends TopicPartition {
  readonly offset: bigint
}

/** `orders-3`, the way Kafka's tools and file names write a partition. For messages only: names may hold hyphens. */
export const formatPartition = ({ topic, partition }: TopicPartition): string =>
  `${topic}-${partition}`

/** Orders by topic, then by partition number, as Kafka's Java client sorts what it puts on the wire. */
export const comparePartitions = (a: TopicPartition, b: TopicPartition): number =>
  a.topic === b.topic ? a.partition - b.partition : a.topic < b.topic ? -1 : 1

/** Groups partitions by topic, topics and partition numbers in rising order. */
export const groupByTopic = (partitions: Iterable<TopicPartition>): Map<string, number[]> => {
  const topics = new Map<string, number[]>()
  for (const { topic, partition } of [...partitions].sort(comparePartitions)) {
    const numbers = topics.get(topic)
    if (numbers === undefined) topics.set(topic, [partition])
    else numbers.push(partition)
  }
  return topics
}

/**
 * A map keyed by topic and partition number: a Map of topics holding an array each. Composite string keys would cost a
 * concatenation and a hash on every look-up.
 */
export class PartitionMap<Value> {
  readonly #topics = new Map<string, (Value | undefined)[]>()
  #size = 0

  get size(): number {
    return this.#size
  }

  get(topic: string, partition: number): Value | undefined {
    return this.#topics.get(topic)?.[partition]
  }

  set(topic: string, partition: number, value: Value): void {
    let values = this.#topics.get(topic)
    if (values === undefined) {
      values = []
      this.#topics.set(topic, values)
    }
    if (values[partition] === undefined) this.#size++
    values[partition] = value
  }

  delete(topic: string, partition: number): boolean {
    const values = this.#topics.get(topic)
    if (values?.[partition] === undefined) return false
    values[partition] = undefined
    this.#size--
    if (values.every((value) => value === undefined)) this.#topics.delete(topic)
    return true
  }

  clear(): void {
    this.#topics.clear()
    this.#size = 0
  }

  *values(): Generator<Value, void, undefined> {
    for (const values of this.#topics.values()) {
      for (const value of values) if (value !== undefined) yield value
    }
  }
}
