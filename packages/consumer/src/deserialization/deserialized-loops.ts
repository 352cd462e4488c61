import type { ConsumerBatch } from '../batch.js'
import type { LoopSource } from '../delivery/lease-source.js'
import { BatchLoop, type ClaimedBy, RecordLoop } from '../delivery/loops.js'
import type { ConsumerRecord } from '../record.js'
import type { RecordDeserializer } from './record-deserializer.js'

/** What loops draw from, and what turns records into the application's types; undefined for bytes. */
export interface TypedSource<Key, Value> extends LoopSource {
  readonly deserializer: RecordDeserializer<Key, Value> | undefined
}

/** A loop over records. */
export const openRecords = <Key, Value>(
  source: TypedSource<Key, Value>,
  claimed?: ClaimedBy,
): AsyncIterableIterator<ConsumerRecord<Key, Value>> => {
  const loop = new RecordLoop(source, claimed)
  const { deserializer } = source
  if (deserializer !== undefined) return new DeserializedRecords(loop, deserializer)
  // Without a deserializer, Key and Value are Buffer.
  return loop as AsyncIterableIterator<ConsumerRecord<Key, Value>>
}

/** A loop over batches. */
export const openBatches = <Key, Value>(
  source: TypedSource<Key, Value>,
  claimed?: ClaimedBy,
): AsyncIterableIterator<ConsumerBatch<Key, Value>> => {
  const loop = new BatchLoop(source, claimed)
  const { deserializer } = source
  if (deserializer !== undefined) return new DeserializedBatches(loop, deserializer)
  return loop as AsyncIterableIterator<ConsumerBatch<Key, Value>>
}

/** What both loops have in common: `next` is that of the loop below, and what `read` makes of it. */
abstract class DeserializedLoop<In, Out, Loop extends RecordLoop | BatchLoop>
  implements AsyncIterableIterator<Out>
{
  protected readonly loop: Loop

  constructor(loop: Loop) {
    this.loop = loop
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  return(): Promise<IteratorResult<Out>> {
    return this.loop.return() as Promise<IteratorResult<Out>>
  }

  async next(): Promise<IteratorResult<Out>> {
    for (;;) {
      const result: IteratorResult<unknown> = await this.loop.next()
      if (result.done === true) return { done: true, value: undefined }
      try {
        const value = await this.read(result.value as In)
        // While a deserializer took its time, the partition may have gone.
        if (this.loop.isStopped) this.loop.putBack()
        else if (value !== undefined) return { done: false, value }
      } catch (error) {
        // What could not be read stays the next to be read; `for await` does not call `return` after this.
        await this.loop.return()
        throw error
      }
    }
  }

  /** What is handed over, undefined for nothing. */
  protected abstract read(item: In): Out | undefined | Promise<Out | undefined>
}

class DeserializedRecords<Key, Value> extends DeserializedLoop<
  ConsumerRecord,
  ConsumerRecord<Key, Value>,
  RecordLoop
> {
  readonly #deserializer: RecordDeserializer<Key, Value>

  constructor(loop: RecordLoop, deserializer: RecordDeserializer<Key, Value>) {
    super(loop)
    this.#deserializer = deserializer
  }

  protected read(record: ConsumerRecord) {
    return this.#deserializer.read(record)
  }
}

class DeserializedBatches<Key, Value> extends DeserializedLoop<
  ConsumerBatch,
  ConsumerBatch<Key, Value>,
  BatchLoop
> {
  readonly #deserializer: RecordDeserializer<Key, Value>

  constructor(loop: BatchLoop, deserializer: RecordDeserializer<Key, Value>) {
    super(loop)
    this.#deserializer = deserializer
  }

  protected async read(records: ConsumerBatch): Promise<ConsumerBatch<Key, Value> | undefined> {
    const { batch, count, error } = await this.#deserializer.readBatch(records)
    if (count === 0) throw error
    // What precedes a record that cannot be read is handed over first.
    if (error !== undefined) this.loop.shorten(count)
    return batch.length === 0 ? undefined : batch
  }
}
