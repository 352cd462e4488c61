import { show } from '@ottla/network'
import { InvalidArgumentError } from '@ottla/protocol'
import { type ConsumerBatch, RecordArray } from '../batch.js'
import { isOffset } from '../check-places.js'
import type { ConsumerRecord } from '../record.js'
import { formatPartition, type TopicPartitionOffset } from '../topic-partition.js'
import type { StoredOffset } from './group-offsets.js'

/** An offset to commit (the next to read), with words of the application's own beside it. */
export interface OffsetToCommit extends TopicPartitionOffset {
  readonly metadata?: string
  /** Epoch of the leader that wrote the record before the offset. */
  readonly leaderEpoch?: number
}

/** What can be committed: an offset as it is, a record or a batch as the offset after it. */
export type Committable =
  | OffsetToCommit
  | ConsumerRecord<unknown, unknown>
  | ConsumerBatch<unknown, unknown>

/**
 * The offsets to store.
 *
 * @throws InvalidArgumentError for an offset below 0.
 */
export const toStoredOffsets = (what: Committable | readonly Committable[]): StoredOffset[] => {
  // A batch is an array itself, of records.
  if (what instanceof RecordArray) return [ofBatch(what)]
  if (Array.isArray(what)) return what.map((item: Committable) => toStoredOffset(item))
  return [toStoredOffset(what as Committable)]
}

const toStoredOffset = (what: Committable): StoredOffset => {
  if (what instanceof RecordArray) return ofBatch(what)
  if (typeof what !== 'object' || what === null) {
    throw new InvalidArgumentError(
      `commit() takes a record, a batch, or { topic, partition, offset }, not ${show(what)}.`,
    )
  }
  if ('offsetNumber' in what) {
    const { topic, partition, offsetNumber, leaderEpoch } = what
    return { topic, partition, offset: offsetNumber + 1, leaderEpoch, metadata: null }
  }
  const { topic, partition, offset, leaderEpoch = -1, metadata = null } = what as OffsetToCommit
  if (!isOffset(offset)) {
    throw new InvalidArgumentError(
      `The offset to commit for ${formatPartition({ topic, partition })} must be 0 or more, not ${String(offset)}.`,
    )
  }
  return { topic, partition, offset: Number(offset), leaderEpoch, metadata }
}

const ofBatch = (batch: RecordArray<unknown, unknown>): StoredOffset => ({
  topic: batch.topic,
  partition: batch.partition,
  offset: batch.nextOffsetNumber,
  leaderEpoch: batch[batch.length - 1]?.leaderEpoch ?? -1,
  metadata: null,
})
