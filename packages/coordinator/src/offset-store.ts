/** A committed offset. */
export interface CommittedOffset {
  readonly offset: bigint
  /** Leader epoch of the last consumed record; -1 if it is not known. */
  readonly leaderEpoch: number
  readonly metadata: string
  readonly commitTimestampMs: number
  /** From OffsetCommit 2-4 with a retention time; undefined: the broker's retention applies. */
  readonly expireTimestampMs: number | undefined
  /** Id of the topic when the offset was committed, all zeros if it was not known: a topic made anew has another one. */
  readonly topicId: string
}

/** A committed offset with its place. */
export interface PlacedOffset {
  readonly topic: string
  readonly partition: number
  readonly committed: CommittedOffset
}

/** Committed offsets of one group, by topic and partition. */
export class OffsetStore {
  private readonly byTopic = new Map<string, Map<number, CommittedOffset>>()

  get isEmpty(): boolean {
    return this.byTopic.size === 0
  }

  get topics(): Iterable<string> {
    return this.byTopic.keys()
  }

  /** Partitions of a topic with their offsets. */
  partitions(topic: string): ReadonlyMap<number, CommittedOffset> {
    return this.byTopic.get(topic) ?? new Map()
  }

  get(topic: string, partition: number): CommittedOffset | undefined {
    return this.byTopic.get(topic)?.get(partition)
  }

  set(topic: string, partition: number, committed: CommittedOffset): void {
    let partitions = this.byTopic.get(topic)
    if (partitions === undefined) {
      partitions = new Map()
      this.byTopic.set(topic, partitions)
    }
    partitions.set(partition, committed)
  }

  delete(topic: string, partition: number): void {
    const partitions = this.byTopic.get(topic)
    if (partitions?.delete(partition) === true && partitions.size === 0) this.byTopic.delete(topic)
  }

  /** Removes offsets, except those committed anew while their tombstones were written: these follow the tombstones. */
  deleteUnchanged(offsets: readonly PlacedOffset[]): void {
    for (const { topic, partition, committed } of offsets) {
      if (this.get(topic, partition) === committed) this.delete(topic, partition)
    }
  }

  /** Every offset. */
  *all(): Iterable<PlacedOffset> {
    for (const [topic, partitions] of this.byTopic) {
      for (const [partition, committed] of partitions) yield { topic, partition, committed }
    }
  }
}
