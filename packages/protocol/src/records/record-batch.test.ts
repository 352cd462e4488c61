import { describe, expect, it } from 'vitest'
import { InvalidArgumentError, WireError } from '../errors.js'
import {
  batchLayout,
  decodeRecords,
  encodeRecordBatch,
  patchBatch,
  RecordBatchBuilder,
  type RecordBatchInput,
  type RecordView,
  readBatchHeader,
} from './index.js'

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')

const show = (record: RecordView) => ({
  offset: record.offset,
  timestamp: record.timestamp,
  key: record.key?.toString() ?? null,
  value: record.value?.toString() ?? null,
  headers: record.headers.map(([name, value]) => [name, value?.toString() ?? null]),
})

const only = (bytes: Uint8Array) => {
  const [batch, ...more] = decodeRecords(bytes, { allowPartial: false })
  if (batch === undefined || more.length > 0) throw new Error('not one batch')
  return batch
}

describe('a record batch', () => {
  it('has the bytes that KIP-98 describes', () => {
    const bytes = encodeRecordBatch({
      records: [
        { key: 'k', value: 'v', timestamp: 1000, headers: [['h', null]] },
        { value: null, timestamp: 999 },
      ],
      producerId: 7n,
      producerEpoch: 2,
      baseSequence: 5,
      isTransactional: true,
    })
    const crc = hex(bytes.subarray(17, 21))
    expect(hex(bytes)).toBe(
      [
        ['0000000000000000', '00000044', 'ffffffff', '02', crc],
        ['0010', '00000001', '00000000000003e8', '00000000000003e8'],
        ['0000000000000007', '0002', '00000005', '00000002'],
        // Length 11, attributes, deltas 0 and 0, key, value, one header: name, null.
        ['16', '00', '00', '00', '02', '6b', '02', '76', '02', '02', '68', '01'],
        // Length 6, attributes, deltas -1 and 1, no key, no value, no headers.
        ['0c', '00', '01', '02', '01', '01', '00'],
      ]
        .flat()
        .join(''),
    )
    const batch = only(bytes)
    expect(batch).toMatchObject({
      magic: 2,
      sizeInBytes: bytes.length,
      baseOffset: 0n,
      lastOffset: 1n,
      nextOffset: 2n,
      partitionLeaderEpoch: -1,
      compression: 'none',
      timestampType: 'CreateTime',
      isTransactional: true,
      isControl: false,
      hasDeleteHorizon: false,
      baseTimestamp: 1000,
      maxTimestamp: 1000,
      producerId: 7n,
      producerEpoch: 2,
      baseSequence: 5,
      lastSequence: 6,
      count: 2,
    })
    expect(batch.toArray().map(show)).toEqual([
      { offset: 0n, timestamp: 1000, key: 'k', value: 'v', headers: [['h', null]] },
      { offset: 1n, timestamp: 999, key: null, value: null, headers: [] },
    ])
  })

  it('keeps offsets, epochs and times of any size', () => {
    const input: RecordBatchInput = {
      records: [
        { value: 'a', timestamp: 0, offsetDelta: 3 },
        { value: 'b', timestamp: 2 ** 52, offsetDelta: 2 ** 30 },
        { value: 'c', timestamp: -1, offsetDelta: 2 ** 31 - 1 },
      ],
      baseOffset: 2n ** 62n,
      partitionLeaderEpoch: 12,
      lastOffsetDelta: 2 ** 31 - 1,
      baseSequence: 2 ** 31 - 2,
      producerId: 2n ** 60n,
    }
    const batch = only(encodeRecordBatch(input))
    expect(batch.baseOffset).toBe(2n ** 62n)
    expect(batch.nextOffset).toBe(2n ** 62n + 2n ** 31n)
    expect(batch.producerId).toBe(2n ** 60n)
    expect(batch.maxTimestamp).toBe(2 ** 52)
    expect(batch.lastSequence).toBe(2 ** 31 - 3)
    expect(batch.toArray().map(({ offset, timestamp }) => [offset, timestamp])).toEqual([
      [2n ** 62n + 3n, 0],
      [2n ** 62n + 2n ** 30n, 2 ** 52],
      [2n ** 62n + 2n ** 31n - 1n, -1],
    ])
  })

  it('may be empty, as compaction leaves it', () => {
    const bytes = encodeRecordBatch({ records: [], baseOffset: 10n, lastOffsetDelta: 4 })
    expect(bytes).toHaveLength(61)
    const batch = only(bytes)
    expect(batch).toMatchObject({ count: 0, baseTimestamp: -1, nextOffset: 15n })
    expect(batch.toArray()).toEqual([])
  })

  it('gives all records the append time, and counts deltas from a delete horizon', () => {
    const records = [
      { value: 'a', timestamp: 5 },
      { value: 'b', timestamp: 9 },
    ]
    const appended = encodeRecordBatch({
      records,
      timestampType: 'LogAppendTime',
      maxTimestamp: 77,
    })
    expect(only(appended).timestampType).toBe('LogAppendTime')
    expect([...only(appended)].map((record) => record.timestamp)).toEqual([77, 77])
    const horizon = only(encodeRecordBatch({ records, deleteHorizon: 1000 }))
    expect(horizon).toMatchObject({ hasDeleteHorizon: true, baseTimestamp: 1000, maxTimestamp: 9 })
    expect([...horizon].map((record) => record.timestamp)).toEqual([5, 9])
  })

  it('is walked by a cursor, an iterator or as an array, all the same', () => {
    const batch = only(
      encodeRecordBatch({
        records: Array.from({ length: 300 }, (_, index) => ({
          key: `key ${index}`,
          value: 'x'.repeat(index * 3),
          timestamp: index * index * 1000,
        })),
      }),
    )
    const fromCursor: unknown[] = []
    for (const cursor = batch.records(); cursor.next(); ) fromCursor.push(show(cursor))
    const kept: RecordView[] = []
    for (const cursor = batch.records(); cursor.next(); ) kept.push(cursor.record())
    expect([...batch].map(show)).toEqual(fromCursor)
    expect(batch.toArray().map(show)).toEqual(fromCursor)
    expect(kept.map(show)).toEqual(fromCursor)
    expect(kept[299]).toMatchObject({ offsetDelta: 299, offsetNumber: 299, valueLength: 897 })
  })
})

describe('decodeRecords', () => {
  const batch = encodeRecordBatch({ records: [{ value: 'some value', timestamp: 1 }] })

  it('walks batches and leaves an incomplete one at the end', () => {
    const bytes = Buffer.concat([batch, batch, batch.subarray(0, -1)])
    const found = [...decodeRecords(bytes)]
    expect(found.map(({ position }) => position)).toEqual([0, batch.length])
    expect(found[1]?.bytes.equals(batch)).toBe(true)
    expect(() => [...decodeRecords(bytes, { allowPartial: false })]).toThrow(
      /no whole batch \(RecordBatch, byte 156\)/,
    )
  })

  it('checks the checksum unless told not to', () => {
    const bytes = Buffer.from(batch)
    bytes[bytes.length - 3] = 0
    expect(() => [...decodeRecords(bytes)]).toThrow(/CRC-32C of the 78 bytes is not [0-9a-f]{8}/)
    expect([...decodeRecords(bytes, { checkCrc: false })]).toHaveLength(1)
    expect(readBatchHeader(bytes)?.isValid()).toBe(false)
    expect(readBatchHeader(batch)?.isValid()).toBe(true)
  })

  it('refuses sizes, magics and codecs that do not exist', () => {
    const changed = (at: number, ...values: number[]) => {
      const bytes = Buffer.from(batch)
      bytes.set(values, at)
      return () => [...decodeRecords(bytes, { checkCrc: false })].map((found) => found.toArray())
    }
    expect(changed(8, 0xff)).toThrow(/a batch of -\d+ bytes is too short \(RecordBatch, byte 8\)/)
    expect(changed(8, 0, 0, 0, 13)).toThrow(/13 bytes is too short/)
    expect(changed(8, 0, 0, 0, 48)).toThrow(/a record batch of 48 bytes is too short/)
    expect(changed(batchLayout.magic, 3)).toThrow(/magic 3 is unknown/)
    expect(changed(batchLayout.attributes + 1, 5)).toThrow(/compression codec 5 does not exist/)
    expect(changed(batchLayout.recordCount, 0xff)).toThrow(/record count is -/)
    expect(changed(batchLayout.recordCount, 0, 0, 0, 2)).toThrow(
      /announces 2 records and ends after 1/,
    )
    expect(changed(batchLayout.recordCount, 0, 0, 0, 0)).toThrow(/17 bytes follow the last of 0/)
    expect(readBatchHeader(batch.subarray(0, 16))).toBeNull()
    expect(readBatchHeader(batch.subarray(0, 60))).toBeNull()
  })

  it('refuses records whose lengths disagree', () => {
    const record = (...bytes: number[]) => {
      const whole = Buffer.concat([batch.subarray(0, 61), Buffer.from(bytes)])
      whole.writeInt32BE(whole.length - 12, 8)
      return () =>
        [...decodeRecords(whole, { checkCrc: false })].map((found) =>
          found.toArray().map((one) => one.headers),
        )
    }
    expect(record(0x0c, 0, 0, 0, 1, 1, 0)()).toEqual([[[]]])
    expect(record(0x0a, 0, 0, 0, 1, 1, 0)).toThrow(/has size 5/)
    expect(record(0x0e, 0, 0, 0, 1, 1, 0)).toThrow(/has size 7 with 6 bytes left/)
    expect(record(0x0c, 0, 0, 0, 4, 1, 0)).toThrow(/key of record 0 has length 2|value of record 0/)
    expect(record(0x0c, 0, 0, 0, 3, 1, 0)).toThrow(/key of record 0 has length -2/)
    expect(record(0x0c, 0, 0, 0, 1, 2, 0)).toThrow(/its fields take/)
    expect(record(0x0e, 0, 0, 0, 1, 1, 0, 0)).toThrow(/its fields take/)
    expect(record(0x0c, 0, 0, 0, 1, 1, 2)).toThrow(/1 headers cannot lie in 0 bytes/)
    expect(record(0x10, 0, 0, 0, 1, 1, 2, 1, 1)).toThrow(/header name is null/)
    expect(record(0x12, 0, 0, 0, 1, 1, 2, 0, 1, 9)).toThrow(/1 bytes follow the last header/)
    expect(record(0xff, 0xff, 0xff, 0xff, 0xff, 1, 1)).toThrow(/longer than five bytes/)
  })

  it('stops decompressing at the limit', () => {
    const bytes = encodeRecordBatch({
      records: [{ value: Buffer.alloc(100_000) }],
      compression: 'gzip',
    })
    const [found] = decodeRecords(bytes, { maxDecompressedBytes: 1000 })
    expect(() => found?.toArray()).toThrow(WireError)
    expect(found?.count).toBe(1)
  })
})

describe('RecordBatchBuilder', () => {
  it('takes records until the batch is full, and the first in any case', () => {
    const builder = new RecordBatchBuilder({ maxBytes: 200 })
    const value = Buffer.alloc(50)
    const taken = [0, 1, 2].map(() => builder.tryAppend(null, value))
    expect(taken).toEqual([0, 1, -1])
    expect(builder.count).toBe(2)
    const size = builder.byteLength
    expect(builder.tryAppend(null, 'ü'.repeat(30))).toBe(-1)
    expect(builder.byteLength).toBe(size)
    expect(builder.tryAppend(null, 'u'.repeat(10))).toBe(2)
    expect(only(builder.finish()).count).toBe(3)
    builder.reset()
    expect(builder.tryAppend('key', Buffer.alloc(5000))).toBe(0)
    expect(builder.tryAppend('key', '')).toBe(-1)
    expect(only(builder.finish()).sizeInBytes).toBe(5000 + 61 + 12)
  })

  it('writes strings of all scripts, short and long', () => {
    const texts = ['', 'plain', 'süß', 'ключ', '鍵', '🔑', 'éa', 'a'.repeat(600), 'é'.repeat(600)]
    const builder = new RecordBatchBuilder({ maxBytes: 1 << 20, buffer: new Uint8Array(64) })
    for (const text of texts) builder.tryAppend(text, text, [[text, text]], 5)
    for (const text of texts) builder.tryAppend(text, text, undefined, 5)
    const batch = only(builder.finish())
    const expected = (text: string, index: number) => ({
      offset: BigInt(index),
      timestamp: 5,
      key: text,
      value: text,
      headers: index < texts.length ? [[text, text]] : [],
    })
    expect([...batch].map(show)).toEqual([...texts, ...texts].map(expected))
  })

  it('can be finished again under another producer epoch', () => {
    const builder = new RecordBatchBuilder()
    builder.tryAppend('k', 'v', [], 1)
    expect(only(builder.finish({ producerId: 1n, producerEpoch: 0 })).producerEpoch).toBe(0)
    expect(only(builder.finish({ producerId: 1n, producerEpoch: 1 })).producerEpoch).toBe(1)
  })

  it('takes records compressed elsewhere', () => {
    const builder = new RecordBatchBuilder()
    builder.tryAppend('k', 'v'.repeat(1000), [], 1)
    const inline = builder.finish({ compression: 'snappy' })
    const [found] = decodeRecords(inline)
    const compressedRecords = found?.bytes.subarray(61)
    expect(hex(builder.finish({ compression: 'snappy', compressedRecords }))).toBe(hex(inline))
  })

  it('refuses what is neither text nor bytes, and times that are no whole numbers', () => {
    const builder = new RecordBatchBuilder()
    const wrong: unknown = 5
    expect(() => builder.tryAppend(wrong as string, 'v')).toThrow(InvalidArgumentError)
    expect(() => builder.tryAppend('k', 'v', [[wrong as string, '']])).toThrow(InvalidArgumentError)
    for (const timestamp of [1.5, Number.NaN, 2 ** 60]) {
      expect(() => builder.tryAppend('k', 'v', [], timestamp)).toThrow(InvalidArgumentError)
    }
    builder.tryAppend('k', 'v', [], 1)
    expect(() => builder.tryAppend('k', 'v', [], 1.5)).toThrow(InvalidArgumentError)
    expect(builder.count).toBe(1)
  })
})

describe('patchBatch', () => {
  const records = [
    { value: 'a', timestamp: 5 },
    { value: 'b', timestamp: 9 },
  ]

  it('puts offset and leader epoch without touching the checksum', () => {
    const bytes = Buffer.concat([Buffer.alloc(7), encodeRecordBatch({ records })])
    const before = readBatchHeader(bytes, 7)?.crc
    patchBatch(bytes, 7, { baseOffset: 1234n, partitionLeaderEpoch: 3 })
    const batch = readBatchHeader(bytes, 7)
    expect(batch).toMatchObject({ baseOffset: 1234n, lastOffset: 1235n, partitionLeaderEpoch: 3 })
    expect(batch?.crc).toBe(before)
    expect(batch?.isValid()).toBe(true)
    patchBatch(bytes, 7, { baseOffset: 2 ** 40 })
    expect(batch?.baseOffset).toBe(2n ** 40n)
  })

  it('puts the append time or the largest timestamp, with a new checksum', () => {
    const bytes = Buffer.from(encodeRecordBatch({ records }))
    patchBatch(bytes, 0, { logAppendTime: 100 })
    expect([...only(bytes)].map((record) => record.timestamp)).toEqual([100, 100])
    patchBatch(bytes, 0, { maxTimestamp: 9 })
    expect(only(bytes)).toMatchObject({ timestampType: 'CreateTime', maxTimestamp: 9 })
  })

  it('refuses what is no whole batch of magic 2', () => {
    const bytes = Buffer.from(encodeRecordBatch({ records }))
    expect(() => patchBatch(bytes, 1, { baseOffset: 1 })).toThrow(WireError)
    expect(() => patchBatch(bytes.subarray(0, 70), 0, { baseOffset: 1 })).toThrow(WireError)
    expect(() => patchBatch(Buffer.alloc(10), 0, { baseOffset: 1 })).toThrow(WireError)
  })
})
