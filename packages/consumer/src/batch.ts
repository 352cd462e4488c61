import type { ConsumerRecord } from './record.js'

/**
 * Records of one partition in rising order, as handed out by `batches()` and `eachBatch`: an array with a few words about
 * where it comes from. Records are views: keys, values and headers are decoded when touched (deserializers run before).
 */
export interface ConsumerBatch<Key = Buffer, Value = Buffer>
  extends ReadonlyArray<ConsumerRecord<Key, Value>> {
  readonly topic: string
  readonly partition: number
  /** Offset of the first record. */
  readonly firstOffset: bigint
  /** Offset of the last record. */
  readonly lastOffset: bigint
  /** Where reading goes on after this batch: what is committed for it. Offsets may have gaps, so do not compute it. */
  readonly nextOffset: bigint
  /** The offset after the newest readable record, as of the fetch that brought this batch. */
  readonly highWatermark: bigint
}

/** The array behind `ConsumerBatch`. `map`, `filter` and `slice` give plain arrays. */
export class RecordArray<Key = Buffer, Value = Buffer>
  extends Array<ConsumerRecord<Key, Value>>
  implements ConsumerBatch<Key, Value>
{
  readonly topic: string
  readonly partition: number
  readonly highWatermark: bigint
  /** Set when the records are in place. */
  nextOffsetNumber = 0

  static override get [Symbol.species](): ArrayConstructor {
    return Array
  }

  constructor(topic: string, partition: number, highWatermark: bigint) {
    super()
    this.topic = topic
    this.partition = partition
    this.highWatermark = highWatermark
  }

  get firstOffset(): bigint {
    return this[0]?.offset ?? this.nextOffset
  }

  get lastOffset(): bigint {
    return this[this.length - 1]?.offset ?? this.nextOffset
  }

  get nextOffset(): bigint {
    return BigInt(this.nextOffsetNumber)
  }

  /** The records from `index` on, without those that `keep` refuses, as a batch of their own. */
  rest(index: number, keep?: (index: number) => boolean): RecordArray<Key, Value> {
    const rest = new RecordArray<Key, Value>(this.topic, this.partition, this.highWatermark)
    for (let at = index; at < this.length; at++) {
      if (keep === undefined || keep(at)) rest.push(this[at] as ConsumerRecord<Key, Value>)
    }
    rest.nextOffsetNumber = this.nextOffsetNumber
    return rest
  }
}
