import { LazyRecord, type RecordSource } from '@ottla/protocol'

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
export class ConsumerRecord extends LazyRecord {
  declare private readonly origin: RecordOrigin

  constructor(
    origin: RecordOrigin,
    source: RecordSource,
    offsetDelta: number,
    timestampDelta: number,
    keyStart: number,
    keyLength: number,
    valueStart: number,
    valueLength: number,
    end: number,
  ) {
    super(source, offsetDelta, timestampDelta, keyStart, keyLength, valueStart, valueLength, end)
    this.origin = origin
  }

  get topic(): string {
    return this.origin.topic
  }

  get partition(): number {
    return this.origin.partition
  }

  /** Epoch of the leader that wrote the record, -1 if unknown. */
  get leaderEpoch(): number {
    return this.origin.leaderEpoch
  }

  /** The first header's value of that name; undefined if there is none. */
  header(name: string): Buffer | null | undefined {
    return this.headers.find(([header]) => header === name)?.[1]
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
