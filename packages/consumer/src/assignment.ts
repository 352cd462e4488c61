import { AssignedPartition, type BufferBudget } from './fetch/assigned-partition.js'
import { comparePartitions, PartitionMap, type TopicPartition } from './topic-partition.js'

/** The partitions this consumer reads. */
export class Assignment {
  readonly #partitions = new PartitionMap<AssignedPartition>()
  #list: readonly AssignedPartition[] = []
  /** What all of them have fetched ahead. */
  readonly budget: BufferBudget = { usedBytes: 0 }

  /** All of them, by topic and number. */
  get all(): readonly AssignedPartition[] {
    return this.#list
  }

  get isEmpty(): boolean {
    return this.#list.length === 0
  }

  get({ topic, partition }: TopicPartition): AssignedPartition | undefined {
    return this.#partitions.get(topic, partition)
  }

  /** Adds partitions, each waiting (`isHeld`) to be let go. Those already there stay as they are. */
  add(partitions: readonly TopicPartition[]): AssignedPartition[] {
    const added: AssignedPartition[] = []
    for (const { topic, partition } of partitions) {
      if (this.#partitions.get(topic, partition) !== undefined) continue
      const assigned = new AssignedPartition(topic, partition, this.budget)
      this.#partitions.set(topic, partition, assigned)
      added.push(assigned)
    }
    this.#relist()
    return added
  }

  /** Takes partitions away; whatever is still fetched or handed out of them is void. */
  remove(partitions: readonly AssignedPartition[]): void {
    for (const partition of partitions) {
      partition.isRevoked = true
      partition.discard()
      this.#partitions.delete(partition.topic, partition.partition)
    }
    this.#relist()
  }

  #relist(): void {
    this.#list = [...this.#partitions.values()].sort(comparePartitions)
  }
}

/** Topic and number alone, for callbacks and callers. */
export const namesOf = (partitions: readonly AssignedPartition[]): TopicPartition[] =>
  partitions.map(({ topic, partition }) => ({ topic, partition }))
