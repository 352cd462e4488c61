import type { RecordBytes, RecordHeaderInput } from '@ottla/protocol'

/**
 * Headers of a record to send: an ordered list of `[name, value]` (names may repeat), anything else that gives such pairs when
 * iterated (a `Map`, `Headers`), or an object whose values may be lists. Strings are sent as UTF-8.
 */
export type HeadersInput =
  | readonly RecordHeaderInput[]
  | Iterable<RecordHeaderInput>
  | { readonly [name: string]: RecordBytes | readonly RecordBytes[] }

/** A record to send. `Key` and `Value` are what the producer's serializers take; without them, strings and bytes. */
export interface ProducerRecord<Key = RecordBytes, Value = RecordBytes> {
  readonly topic: string
  /** Same key, same partition; null or absent: any partition. Strings are sent as UTF-8. */
  readonly key?: Key | null | undefined
  /** The payload; null is a tombstone, which deletes the key from a compacted topic. Strings are sent as UTF-8. */
  readonly value: Value | null
  /** The partition, if the partitioner is not to choose. */
  readonly partition?: number | undefined
  readonly headers?: HeadersInput | undefined
  /** Milliseconds since 1970; the time of the call by default. */
  readonly timestamp?: number | undefined
}

/** Where the broker put a record. */
export class RecordMetadata {
  readonly topic: string
  readonly partition: number
  /** Offset in the partition; -1 when the broker did not tell it: `acks: 0`, or a retry it had already stored. */
  readonly offset: bigint
  /** Milliseconds since 1970: the record's own, or the broker's if the topic has `message.timestamp.type=LogAppendTime`. */
  readonly timestamp: number

  constructor(topic: string, partition: number, offset: bigint, timestamp: number) {
    this.topic = topic
    this.partition = partition
    this.offset = offset
    this.timestamp = timestamp
  }

  /** JSON has no 64-bit integers: the offset becomes a string. */
  toJSON(): { topic: string; partition: number; offset: string; timestamp: number } {
    const { topic, partition, offset, timestamp } = this
    return { topic, partition, offset: offset.toString(), timestamp }
  }
}

/** The headers of a record without. */
export const noHeaders: readonly RecordHeaderInput[] = Object.freeze([])

/** Brings both forms of headers into the ordered list that goes out. */
export const listHeaders = (headers: HeadersInput): readonly RecordHeaderInput[] => {
  if (isList(headers)) return headers
  if (isIterable(headers)) return [...headers]
  const list: RecordHeaderInput[] = []
  for (const [name, value] of Object.entries(headers)) {
    if (isMany(value)) for (const one of value) list.push([name, one])
    else list.push([name, value])
  }
  return list
}

const isList = (headers: HeadersInput): headers is readonly RecordHeaderInput[] =>
  Array.isArray(headers)

const isIterable = (headers: HeadersInput): headers is Iterable<RecordHeaderInput> =>
  Symbol.iterator in headers

const isMany = (value: RecordBytes | readonly RecordBytes[]): value is readonly RecordBytes[] =>
  Array.isArray(value)
