import type { RecordHeader, RecordView } from '@ottla/protocol'

/** What the records of one fetched batch have in common. */
export interface RecordOrigin {
  readonly topic: string
  readonly partition: number
  /** Epoch of the leader that wrote the batch, -1 if it has none. */
  readonly leaderEpoch: number
}

/**
 * A record as consumed. Key, value and headers are views of the fetched bytes, made on each access; they stay valid for as
 * long as they are held and keep the bytes of their fetch (up to some megabytes) alive: copy what you keep for long.
 */
export class ConsumerRecord {
  private readonly origin: RecordOrigin
  private readonly view: RecordView

  constructor(origin: RecordOrigin, view: RecordView) {
    this.origin = origin
    this.view = view
  }

  get topic(): string {
    return this.origin.topic
  }

  get partition(): number {
    return this.origin.partition
  }

  get offset(): bigint {
    return this.view.offset
  }

  /** The offset as a number; exact below 2^53. */
  get offsetNumber(): number {
    return this.view.offsetNumber
  }

  /** Milliseconds since 1970, by the producer's clock or the broker's (`message.timestamp.type`); -1 for none. */
  get timestamp(): number {
    return this.view.timestamp
  }

  get key(): Buffer | null {
    return this.view.key
  }

  /** Null is a tombstone: with a key, compaction deletes what the key held. */
  get value(): Buffer | null {
    return this.view.value
  }

  /** Names and values in the producer's order; names may repeat. */
  get headers(): readonly RecordHeader[] {
    return this.view.headers
  }

  /** Epoch of the leader that wrote the record, -1 if unknown. */
  get leaderEpoch(): number {
    return this.origin.leaderEpoch
  }

  /** The first header's value of that name; undefined if there is none. */
  header(name: string): Buffer | null | undefined {
    return this.view.headers.find(([header]) => header === name)?.[1]
  }

  /** For `JSON.stringify`: the offset as a string, because JSON has no bigint; bytes as `Buffer` writes them. */
  toJSON(): object {
    const { offset, ...rest } = this.fields()
    return { ...rest, offset: offset.toString() }
  }

  /** For `console.log`: what the getters say, not the views they read from. */
  [Symbol.for('nodejs.util.inspect.custom')](
    _depth: number,
    options: object,
    inspect: (value: object, options: object) => string,
  ): string {
    return `ConsumerRecord ${inspect(this.fields(), options)}`
  }

  private fields() {
    const { topic, partition, offset, timestamp, key, value, headers, leaderEpoch } = this
    return { topic, partition, offset, timestamp, key, value, headers, leaderEpoch }
  }
}
