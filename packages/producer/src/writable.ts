import { Writable } from 'node:stream'
import type { KafkaError, RecordBytes } from '@ottla/protocol'
import type { Delivery } from './delivery.js'
import type { ProducerRecord } from './record.js'

/** What every record of a stream has unless it says otherwise. */
export type WritableOptions<Key = RecordBytes, Value = RecordBytes> = Partial<
  ProducerRecord<Key, Value>
>

/** The producer as streams see it. */
export interface RecordSink<Key, Value> {
  send(record: ProducerRecord<Key, Value>, delivery: Delivery): void
  /** Resolves when there is room for more. */
  drained(): Promise<void>
  /** Resolves when everything sent is delivered or given up. */
  flushed(): Promise<void>
}

/** Sends chunks as records, and remembers the first that could not be delivered. */
class Pipe<Key, Value> implements Delivery {
  failure: KafkaError | undefined
  readonly #sink: RecordSink<Key, Value>
  readonly #defaults: WritableOptions<Key, Value>
  readonly #onFailure: (error: KafkaError) => void

  constructor(
    sink: RecordSink<Key, Value>,
    defaults: WritableOptions<Key, Value>,
    onFailure: (error: KafkaError) => void,
  ) {
    this.#sink = sink
    this.#defaults = defaults
    this.#onFailure = onFailure
  }

  delivered(): void {}

  failed(error: KafkaError): void {
    if (this.failure !== undefined) return
    this.failure = error
    this.#onFailure(error)
  }

  /** Resolves when the next chunk may come. */
  write(chunk: unknown): Promise<void> {
    this.#sink.send(this.#recordOf(chunk), this)
    return this.#sink.drained()
  }

  async end(): Promise<void> {
    await this.#sink.flushed()
    if (this.failure !== undefined) throw this.failure
  }

  /** Strings and bytes are values; anything else is a record, whose fields win over those of the stream. */
  #recordOf(chunk: unknown): ProducerRecord<Key, Value> {
    const own =
      typeof chunk === 'string' || chunk instanceof Uint8Array
        ? { value: chunk }
        : (chunk as Partial<ProducerRecord<Key, Value>>)
    // What is missing or wrong is refused by the producer's own check.
    return { ...this.#defaults, ...own } as ProducerRecord<Key, Value>
  }
}

/** See `Producer.writable`. */
export const createWritable = <Key, Value>(
  sink: RecordSink<Key, Value>,
  defaults: WritableOptions<Key, Value>,
): Writable => {
  const pipe = new Pipe(sink, defaults, (error) => stream.destroy(error))
  const after = (done: Promise<void>, callback: (error?: Error | null) => void): void => {
    done.then(() => callback(), callback)
  }
  const stream: Writable = new Writable({
    objectMode: true,
    write(chunk, _encoding, callback) {
      try {
        after(pipe.write(chunk), callback)
      } catch (error) {
        callback(error as Error)
      }
    },
    final: (callback) => after(pipe.end(), callback),
  })
  return stream
}

/** See `Producer.webWritable`. */
export const createWebWritable = <Key, Value>(
  sink: RecordSink<Key, Value>,
  defaults: WritableOptions<Key, Value>,
): WritableStream<unknown> => {
  let controller: WritableStreamDefaultController | undefined
  const pipe = new Pipe(sink, defaults, (error) => controller?.error(error))
  return new WritableStream({
    start(given) {
      controller = given
    },
    write: (chunk) => pipe.write(chunk),
    close: () => pipe.end(),
  })
}
