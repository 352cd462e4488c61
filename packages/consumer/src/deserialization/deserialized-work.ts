import { type Handling, leftUnfinished, type RecordWork } from '../delivery/handler.js'
import type { Lease } from '../delivery/lease.js'
import type { BatchHandler, HandlerContext, RecordHandler } from '../delivery/run-options.js'
import type { ConsumerRecord } from '../record.js'
import type { RecordDeserializer } from './record-deserializer.js'

/**
 * `eachRecord` for fetched records. A record that cannot be deserialized is like one whose handler throws: tried again if that may
 * help, then put away or the end of the run.
 */
export const deserializeRecord =
  <Key, Value>(
    handler: RecordHandler<Key, Value>,
    deserializer: RecordDeserializer<Key, Value>,
  ): RecordWork =>
  (fetched, lease) => {
    const record = deserializer.read(fetched)
    if (record instanceof Promise) return handleLater(record, handler, lease)
    return record === undefined ? undefined : handler(record, lease)
  }

const handleLater = async <Key, Value>(
  reading: Promise<ConsumerRecord<Key, Value> | undefined>,
  handler: RecordHandler<Key, Value>,
  lease: Lease,
): Promise<void> => {
  const record = await reading
  // Meanwhile the partition may have gone.
  if (lease.isStopped) throw leftUnfinished
  if (record !== undefined) await handler(record, lease)
}

/**
 * `eachBatch` for fetched batches. The records before one that cannot be deserialized are a batch of their own; resolves to how many
 * records are finished.
 */
export const deserializeBatch =
  <Key, Value>(
    handler: BatchHandler<Key, Value>,
    handling: Handling,
    deserializer: RecordDeserializer<Key, Value>,
  ) =>
  async (lease: Lease): Promise<number> => {
    lease.atHand = lease.batch.length
    const { batch, fetched, count, error } = await deserializer.readBatch(lease.batch)
    if (lease.isStopped) return lease.finished
    if (error !== undefined && count === 0) return handleFirst(lease, handling, deserializer)
    lease.atHand = count
    const context: HandlerContext = lease
    if (batch.length > 0) await handling.call(() => handler(batch, context), lease, fetched)
    return count
  }

/** The first record cannot be read: 1 when it was put away, 0 when it can be read now and shall come again. */
const handleFirst = async (
  lease: Lease,
  handling: Handling,
  deserializer: RecordDeserializer<unknown, unknown>,
): Promise<number> => {
  const record = lease.batch[0] as ConsumerRecord
  let isReadable = false
  const readAgain = async (): Promise<void> => {
    await deserializer.read(record)
    isReadable = true
  }
  await handling.call(readAgain, lease, [record])
  return isReadable ? 0 : 1
}
