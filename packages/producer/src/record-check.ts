import { show } from '@ottla/network'
import { InvalidArgumentError, type RecordBytes, type RecordHeaderInput } from '@ottla/protocol'
import type { ProducerRecord } from './record.js'

/** More than any record needs besides its key, value and headers: length, attributes, deltas, lengths, header count. */
const recordOverheadBytes = 36
const headerOverheadBytes = 10
/** Header of the batch that a record lies in. */
export const batchOverheadBytes = 61

/** Bytes that a key or value takes at most: UTF-8 needs up to three bytes for one UTF-16 unit. -1 for what is neither. */
const mostBytes = (bytes: unknown): number => {
  if (bytes === null) return 0
  if (typeof bytes === 'string') return bytes.length * 3
  return bytes instanceof Uint8Array ? bytes.length : -1
}

const exactBytes = (bytes: RecordBytes | undefined): number =>
  typeof bytes === 'string' ? Buffer.byteLength(bytes) : (bytes?.length ?? 0)

const exactRecordBytes = (
  record: ProducerRecord,
  headers: readonly RecordHeaderInput[],
): number => {
  let size = recordOverheadBytes + exactBytes(record.key) + exactBytes(record.value)
  for (const [name, value] of headers) {
    size += headerOverheadBytes + Buffer.byteLength(name) + exactBytes(value)
  }
  return size
}

const invalid = (record: ProducerRecord, what: string): InvalidArgumentError =>
  new InvalidArgumentError(`A record${place(record)} cannot be sent: ${what}.`, {
    topic: typeof record?.topic === 'string' ? record.topic : undefined,
  })

const place = (record: ProducerRecord): string =>
  typeof record?.topic === 'string' ? ` for topic ${record.topic}` : ''

const fields = ['topic', 'key', 'value', 'partition', 'headers', 'timestamp']

const headersForm =
  'headers must be [name, value] pairs or an object; names are strings, values strings, Uint8Arrays or null'

/** Comparisons instead of a lookup: this runs for every field of every record. */
const isField = (name: string): boolean =>
  name === 'topic' ||
  name === 'value' ||
  name === 'key' ||
  name === 'headers' ||
  name === 'partition' ||
  name === 'timestamp'

/** What users of other clients may have meant. */
const hints: Readonly<Record<string, string>> = {
  messages: 'give the records themselves: send([{ topic, key, value }, …])',
  topicMessages: 'give the records themselves: send([{ topic, key, value }, …])',
  acks: 'acks is an option of the producer',
  compression: 'compression is an option of the producer',
  timeout: 'use the option deliveryTimeoutMs of the producer, or a signal',
  payload: 'the payload is called value',
  message: 'the payload is called value',
  data: 'the payload is called value',
  offset: 'the broker gives offsets',
  0: 'it is an array, which send takes and enqueue does not',
}

const unknownField = (record: ProducerRecord, name: string): InvalidArgumentError => {
  const near = fields.find((field) => field === name.toLowerCase())
  const meant = near === undefined ? hints[name] : `the field is called ${near}`
  const hint = meant === undefined ? '' : `; ${meant}`
  return invalid(record, `it has no field ${name} (only ${fields.join(', ')})${hint}`)
}

/**
 * Refuses what cannot be sent, before anything is kept of it.
 *
 * @returns the most bytes that the record takes without its headers, as no character was looked at.
 * @throws InvalidArgumentError naming the field and what it should be.
 */
export const checkRecord = (record: ProducerRecord): number => {
  if (typeof record !== 'object' || record === null) {
    throw new InvalidArgumentError('A record must be an object: { topic, key?, value }.')
  }
  for (const field in record) if (!isField(field)) throw unknownField(record, field)
  const { topic, key, value, partition, headers, timestamp } = record
  if (typeof topic !== 'string' || topic.length === 0) {
    throw invalid(record, 'topic must be a non-empty string')
  }
  const keyBytes = key === undefined ? 0 : mostBytes(key)
  if (keyBytes < 0) {
    throw invalid(record, 'key must be a string, a Uint8Array or null')
  }
  const valueBytes = mostBytes(value)
  if (valueBytes < 0) {
    throw invalid(record, 'value must be a string, a Uint8Array or null (a tombstone)')
  }
  if (partition !== undefined && (!Number.isInteger(partition) || partition < 0)) {
    throw invalid(record, `partition must be an integer from 0 on, not ${show(partition)}`)
  }
  if (timestamp !== undefined && (!Number.isSafeInteger(timestamp) || timestamp < 0)) {
    throw invalid(record, `timestamp must be milliseconds since 1970, not ${show(timestamp)}`)
  }
  if (headers !== undefined && (typeof headers !== 'object' || headers === null)) {
    throw invalid(record, headersForm)
  }
  return recordOverheadBytes + keyBytes + valueBytes
}

/**
 * Refuses malformed headers.
 *
 * @returns the most bytes that they take.
 * @throws InvalidArgumentError
 */
export const checkHeaders = (
  record: ProducerRecord,
  headers: readonly RecordHeaderInput[],
): number => {
  let bytes = 0
  for (const header of headers) {
    const valueBytes =
      Array.isArray(header) && header.length === 2 && typeof header[0] === 'string'
        ? mostBytes(header[1])
        : -1
    if (valueBytes < 0) {
      throw invalid(record, headersForm)
    }
    bytes += headerOverheadBytes + header[0].length * 3 + valueBytes
  }
  return bytes
}

/**
 * Refuses a record that no request could carry.
 *
 * @param mostBytes what the other checks said: only if that is too much are its characters looked at.
 * @throws InvalidArgumentError with code `OTTLA_RECORD_TOO_LARGE`.
 */
export const checkSize = (
  record: ProducerRecord,
  headers: readonly RecordHeaderInput[],
  mostBytes: number,
  maxBytes: number,
): void => {
  if (mostBytes + batchOverheadBytes <= maxBytes) return
  const size = exactRecordBytes(record, headers) + batchOverheadBytes
  if (size <= maxBytes) return
  throw new InvalidArgumentError(
    `A record of ${size} bytes for topic ${record.topic} cannot be sent: maxRequestSize is ${maxBytes} bytes. ` +
      'Raise it, and the topic’s max.message.bytes, or send less.',
    { code: 'OTTLA_RECORD_TOO_LARGE', topic: record.topic },
  )
}
