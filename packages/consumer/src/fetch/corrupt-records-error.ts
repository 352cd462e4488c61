import { KafkaError } from '@ottla/protocol'
import { formatPartition, type TopicPartition } from '../topic-partition.js'

/**
 * Records that cannot be read: a checksum is wrong, or bytes are no records. Nothing was skipped: they are fetched again when the
 * next record is asked for, in case they were damaged on the way. To go on without them, seek to `nextOffset`.
 */
export class CorruptRecordsError extends KafkaError {
  /** The first record that was not delivered. */
  readonly offset: bigint
  /** Where the damaged batch ends, as its header says; undefined when the header itself is damaged. */
  readonly nextOffset: bigint | undefined

  constructor(place: TopicPartition, offset: number, nextOffset: number | undefined, cause: Error) {
    const way =
      nextOffset === undefined
        ? 'seek to a later offset to go on without them'
        : `seek to ${nextOffset} to go on without them`
    super(
      `The records of ${formatPartition(place)} from offset ${offset} cannot be read: ${cause.message}. They are fetched again; if that does not help, ${way}.`,
      { code: 'OTTLA_CORRUPT_RECORDS' },
      { ...place, cause },
    )
    this.offset = BigInt(offset)
    this.nextOffset = nextOffset === undefined ? undefined : BigInt(nextOffset)
  }
}
Object.defineProperty(CorruptRecordsError.prototype, 'name', { value: 'CorruptRecordsError' })
