import { isUtf8 } from 'node:buffer'
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

  /**
   * For `JSON.stringify`: see `RecordJson`. Nothing is lost: text is written as text, other bytes in base64, and the two cannot be
   * confused.
   */
  toJSON(): RecordJson {
    const { key, value, headers, offset, ...rest } = this.fields()
    return {
      ...rest,
      offset: offset.toString(),
      key: toJsonBytes(key),
      value: toJsonBytes(value),
      headers: headers.map(([name, bytes]) => [name, toJsonBytes(bytes)]),
    }
  }

  /** For `console.log`: what the getters say, with text as text. */
  [Symbol.for('nodejs.util.inspect.custom')](
    _depth: number,
    options: object,
    inspect: (value: object, options: object) => string,
  ): string {
    const { key, value, headers, ...rest } = this.fields()
    const shown = {
      ...rest,
      key: textOrBytes(key),
      value: textOrBytes(value),
      headers: headers.map(([name, bytes]) => [name, textOrBytes(bytes)]),
    }
    return `ConsumerRecord ${inspect(shown, options)}`
  }

  private fields() {
    const { topic, partition, offset, timestamp, key, value, headers, leaderEpoch } = this
    return { topic, partition, offset, timestamp, key, value, headers, leaderEpoch }
  }
}

/** Bytes in JSON: a string where they are valid UTF-8, else an object that holds them in base64; null stays null. */
export type JsonBytes = string | { readonly base64: string } | null

/** A record in JSON. The offset is a string of digits: JSON has no 64-bit integers. */
export interface RecordJson {
  readonly topic: string
  readonly partition: number
  readonly offset: string
  readonly timestamp: number
  readonly key: JsonBytes
  readonly value: JsonBytes
  readonly headers: readonly (readonly [name: string, value: JsonBytes])[]
  readonly leaderEpoch: number
}

const textOrBytes = (bytes: Buffer | null): string | Buffer | null =>
  bytes !== null && isUtf8(bytes) ? bytes.toString() : bytes

const toJsonBytes = (bytes: Buffer | null): JsonBytes => {
  const shown = textOrBytes(bytes)
  return shown instanceof Uint8Array ? { base64: shown.toString('base64') } : shown
}
