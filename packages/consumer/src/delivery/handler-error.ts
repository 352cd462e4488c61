import { KafkaError } from '@ottla/protocol'
import { DeserializationError } from '../deserialization/deserialization-error.js'
import type { ConsumerRecord } from '../record.js'
import { formatPartition } from '../topic-partition.js'

/**
 * A handler of `run` threw, which ends the run (code `OTTLA_HANDLER`): `cause` is what it threw, `topic`, `partition` and `offset`
 * are those of its record, for `eachBatch` the first of the batch. The record is not finished.
 */
export class HandlerError extends KafkaError {
  declare readonly topic: string
  declare readonly partition: number
  readonly offset: bigint

  constructor(record: ConsumerRecord, cause: unknown) {
    const { topic, partition, offset } = record
    const reason = cause instanceof Error ? cause.message : String(cause)
    super(
      `The handler of ${formatPartition(record)}@${offset} threw: ${reason}. The record is not finished; run() options retry and deadLetter go on in spite of it.`,
      { code: 'OTTLA_HANDLER' },
      { topic, partition, cause },
    )
    this.offset = offset
  }
}
Object.defineProperty(HandlerError.prototype, 'name', { value: 'HandlerError' })

/** A record could neither be handled nor put away; its message tells the place. */
export class NotPutAway extends AggregateError {}

/** What a run ends with: `error` with its place, unless it tells that itself. */
export const withPlace = (error: unknown, record: ConsumerRecord | undefined): unknown => {
  const isPlaced = error instanceof DeserializationError || error instanceof NotPutAway
  return isPlaced || record === undefined ? error : new HandlerError(record, error)
}
