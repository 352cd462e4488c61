import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { decodeRecords, encodeRecordBatch, murmur2, partitionForKey } from './index.js'
import type { RecordBatchView, RecordView } from './records/index.js'

/** Batches written and described by Kafka's own Java classes; test/apache-kafka/README.md has the format. */
const file = new URL('../../../test/apache-kafka/vectors/records.json', import.meta.url)

type Value = string | null | { readonly repeat: string; readonly times: number }

interface RecordVector {
  readonly offset: string
  readonly timestamp: string
  readonly key: string | null
  readonly value: Value
  readonly headers: readonly { readonly key: string; readonly value: string | null }[]
}

interface BatchVector {
  readonly magic: number
  readonly compression: string
  readonly baseOffset: string
  readonly records: readonly RecordVector[]
}

interface Vectors {
  readonly batches: readonly { name: string; bytes: string; batches: readonly BatchVector[] }[]
  readonly keys: readonly { key: string; murmur2: number; partitions: Record<string, number> }[]
}

const vectors: Vectors = JSON.parse(readFileSync(file, 'utf8'))

const hex = (bytes: Uint8Array | null) => bytes && Buffer.from(bytes).toString('hex')

function describeValue(value: Buffer | null, expected: Value | undefined): Value {
  const text = hex(value)
  if (typeof expected !== 'object' || expected === null) return text
  return text === expected.repeat.repeat(expected.times) ? expected : text
}

function describeRecord(record: RecordView, expected: RecordVector | undefined): RecordVector {
  return {
    offset: String(record.offset),
    timestamp: String(record.timestamp),
    key: hex(record.key),
    value: describeValue(record.value, expected?.value),
    headers: record.headers.map(([key, value]) => ({ key, value: hex(value) })),
  }
}

function describeBatch(batch: RecordBatchView, expected: BatchVector | undefined): unknown {
  return {
    magic: batch.magic,
    baseOffset: String(batch.baseOffset),
    lastOffset: String(batch.lastOffset),
    nextOffset: String(batch.nextOffset),
    sizeInBytes: batch.sizeInBytes,
    compression: batch.compression,
    timestampType: batch.timestampType,
    maxTimestamp: String(batch.maxTimestamp),
    partitionLeaderEpoch: batch.partitionLeaderEpoch,
    producerId: String(batch.producerId),
    producerEpoch: batch.producerEpoch,
    baseSequence: batch.baseSequence,
    isTransactional: batch.isTransactional,
    isControl: batch.isControl,
    ...(batch.hasDeleteHorizon ? { deleteHorizon: String(batch.baseTimestamp) } : {}),
    records: batch
      .toArray()
      .map((record, index) => describeRecord(record, expected?.records[index])),
  }
}

/** Writes a batch again from what was read of it. */
function encodeAgain(batch: RecordBatchView): Uint8Array {
  const { timestampType, hasDeleteHorizon, baseTimestamp } = batch
  return encodeRecordBatch({
    records: batch.toArray(),
    baseOffset: batch.baseOffset,
    partitionLeaderEpoch: batch.partitionLeaderEpoch,
    timestampType: timestampType === 'LogAppendTime' ? 'LogAppendTime' : 'CreateTime',
    baseTimestamp,
    maxTimestamp: batch.maxTimestamp,
    lastOffsetDelta: batch.lastOffsetDelta,
    producerId: batch.producerId,
    producerEpoch: batch.producerEpoch,
    baseSequence: batch.baseSequence,
    isTransactional: batch.isTransactional,
    isControl: batch.isControl,
    deleteHorizon: hasDeleteHorizon ? baseTimestamp : undefined,
  })
}

describe('batches that Java wrote', () => {
  test.each(vectors.batches)('$name', ({ bytes, batches }) => {
    const read = [...decodeRecords(Buffer.from(bytes, 'hex'))]
    expect(read.map((batch, index) => describeBatch(batch, batches[index]))).toEqual(batches)
    for (const batch of read) {
      // Compressed bytes are the library's; timestamps under log append time are no longer the records' own.
      if (batch.magic < 2 || batch.compression !== 'none') continue
      if (batch.timestampType === 'LogAppendTime') continue
      expect(hex(encodeAgain(batch))).toBe(hex(batch.bytes))
    }
  })
})

test.each(vectors.keys)('key $key is hashed and placed as in Java', (vector) => {
  const key = Buffer.from(vector.key, 'hex')
  expect(murmur2(key)).toBe(vector.murmur2)
  for (const [count, partition] of Object.entries(vector.partitions)) {
    expect([count, partitionForKey(key, Number(count))]).toEqual([count, partition])
  }
})
