import { KafkaError } from '@ottla/protocol'
import { formatPartition, type TopicPartition } from '../topic-partition.js'

/** The record that an error is about. */
interface Place extends TopicPartition {
  readonly offsetNumber: number
}

/**
 * The key or value of a record that its deserializer could not read (code `OTTLA_SERDE`); `cause` is what that threw. Retriable
 * if the cause is, such as an error about a schema registry that is away. The record is not finished and not skipped: reading
 * goes on with it. To go on without it, seek to `nextOffset`.
 */
export class DeserializationError extends KafkaError {
  declare readonly topic: string
  declare readonly partition: number
  /** The record. */
  readonly offset: bigint
  /** The offset after it. */
  readonly nextOffset: bigint
  readonly part: 'key' | 'value'

  constructor(place: Place, part: 'key' | 'value', cause: unknown) {
    const { topic, partition, offsetNumber } = place
    const reason = cause instanceof Error ? cause.message : String(cause)
    super(
      `The record at offset ${offsetNumber} of ${formatPartition(place)} cannot be handed over, its ${part}Deserializer failed: ${reason}. Seek to ${offsetNumber + 1} to go on without it; consumer option onDeserializationError can skip or deliver such records.`,
      { code: 'OTTLA_SERDE' },
      { topic, partition, cause, retriable: cause instanceof KafkaError && cause.retriable },
    )
    this.offset = BigInt(offsetNumber)
    this.nextOffset = BigInt(offsetNumber + 1)
    this.part = part
  }
}
Object.defineProperty(DeserializationError.prototype, 'name', { value: 'DeserializationError' })
