import { describe, expect, it } from 'vitest'
import { InvalidArgumentError, WireError } from '../errors.js'
import { decodeRecords, encodeMessageSet, encodeRecordBatch, readBatchHeader } from './index.js'

const records = [
  { key: 'k0', value: 'first', timestamp: 100 },
  { key: null, value: null, timestamp: 300 },
  { key: 'k2', value: 'ü', timestamp: 200 },
]

const read = (bytes: Uint8Array) =>
  [...decodeRecords(bytes, { allowPartial: false })].flatMap((batch) =>
    [...batch].map(({ offset, timestamp, key, value, headers }) => {
      expect(headers).toEqual([])
      return [offset, timestamp, key?.toString() ?? null, value?.toString() ?? null]
    }),
  )

describe('a message set', () => {
  it('has the bytes of the old protocol', () => {
    const [first] = records
    const bytes = (magic: 0 | 1) =>
      Buffer.from(
        encodeMessageSet({ magic, records: first ? [first] : [], baseOffset: 5n }),
      ).toString('hex')
    const crc = (text: string) => text.slice(24, 32)
    expect(bytes(0)).toBe(
      `000000000000000500000015${crc(bytes(0))}0000000000026b30000000056669727374`,
    )
    expect(bytes(1)).toBe(
      `00000000000000050000001d${crc(bytes(1))}01000000000000000064000000026b30000000056669727374`,
    )
  })

  for (const compression of ['none', 'gzip', 'snappy', 'lz4'] as const) {
    it(`gives back records, ${compression} compression`, () => {
      const old = encodeMessageSet({ magic: 0, records, baseOffset: 40n, compression })
      expect(read(old)).toEqual([
        [40n, -1, 'k0', 'first'],
        [41n, -1, null, null],
        [42n, -1, 'k2', 'ü'],
      ])
      const bytes = encodeMessageSet({ magic: 1, records, baseOffset: 40n, compression })
      expect(read(bytes)).toEqual([
        [40n, 100, 'k0', 'first'],
        [41n, 300, null, null],
        [42n, 200, 'k2', 'ü'],
      ])
    })
  }

  it('shows a wrapper as a batch', () => {
    const bytes = encodeMessageSet({ magic: 1, records, baseOffset: 40n, compression: 'gzip' })
    const batch = readBatchHeader(bytes)
    expect(batch).toMatchObject({
      magic: 1,
      baseOffset: 40n,
      baseOffsetNumber: 40,
      lastOffset: 42n,
      lastOffsetDelta: 2,
      nextOffset: 43n,
      compression: 'gzip',
      timestampType: 'CreateTime',
      maxTimestamp: 300,
      count: 3,
      producerId: -1n,
      isControl: false,
    })
    expect(batch?.isValid()).toBe(true)
    expect(batch?.toArray()).toHaveLength(3)
  })

  it('counts inner offsets from the wrapper’s, except in a producer’s wrapper', () => {
    const sparse = [
      { value: 'a', offsetDelta: 2 },
      { value: 'b', offsetDelta: 7 },
    ]
    const offsets = (baseOffset: bigint) =>
      read(encodeMessageSet({ magic: 1, records: sparse, baseOffset, compression: 'lz4' })).map(
        ([offset]) => offset,
      )
    expect(offsets(1000n)).toEqual([1002n, 1007n])
    const fromProducer = Buffer.from(encodeMessageSet({ magic: 1, records, compression: 'gzip' }))
    fromProducer.writeBigInt64BE(0n)
    expect(read(fromProducer).map(([offset]) => offset)).toEqual([0n, 1n, 2n])
  })

  it('gives all records the append time of the wrapper', () => {
    const bytes = encodeMessageSet({ magic: 1, records, compression: 'gzip', logAppendTime: 777 })
    expect(read(bytes).map(([, timestamp]) => timestamp)).toEqual([777, 777, 777])
    expect(readBatchHeader(bytes)?.timestampType).toBe('LogAppendTime')
  })

  it('may stand beside batches of other magic', () => {
    const mixed = Buffer.concat([
      encodeMessageSet({ magic: 0, records: [{ value: 'zero' }] }),
      encodeMessageSet({ magic: 1, records: [{ value: 'one' }], baseOffset: 1n }),
      encodeRecordBatch({ records: [{ value: 'two' }], baseOffset: 2n }),
    ])
    expect(read(mixed)).toEqual([
      [0n, -1, null, 'zero'],
      [1n, -1, null, 'one'],
      [2n, -1, null, 'two'],
    ])
    expect([...decodeRecords(mixed)].map((batch) => batch.timestampType)).toEqual([
      'NoTimestampType',
      'CreateTime',
      'CreateTime',
    ])
  })

  it('is refused when it breaks the format', () => {
    const one = Buffer.from(encodeMessageSet({ magic: 1, records: [{ key: 'k', value: 'v' }] }))
    const changed = (at: number, ...values: number[]) => {
      const bytes = Buffer.from(one)
      bytes.set(values, at)
      return () => [...decodeRecords(bytes, { checkCrc: false })].map((batch) => batch.toArray())
    }
    expect(() => read(Buffer.concat([one.subarray(0, -1), Buffer.from('w')]))).toThrow(/CRC-32 of/)
    expect(changed(17, 4)).toThrow(/codec 4 does not exist in magic 1/)
    expect(changed(26, 0x7f)).toThrow(/a length of \d+ with 2 bytes left/)
    expect(changed(26, 0xff, 0xff, 0xff, 0xfe)).toThrow(/a length of -2/)
    expect(changed(31, 0xff, 0xff, 0xff, 0xff)).toThrow(/1 bytes follow the value/)
    const short = Buffer.concat([one.subarray(0, 26)])
    short.writeInt32BE(14, 8)
    expect(() => readBatchHeader(short)).toThrow(/takes 34 bytes at least, not 26/)
  })

  it('is refused when its wrapper is empty, nested or holds less than a message', () => {
    expect(() => encodeMessageSet({ magic: 1, records: [], compression: 'gzip' })).toThrow(
      InvalidArgumentError,
    )
    const wrap = (inner: Uint8Array | null) => {
      // A message whose attributes are made to say gzip, around a block that is.
      const whole = encodeMessageSet({ magic: 1, records: [{ value: inner }] })
      const bytes = Buffer.from(whole)
      bytes[17] = 1
      const [batch] = decodeRecords(bytes, { checkCrc: false })
      return () => batch?.toArray()
    }
    const gzipped = (bytes: Uint8Array) => {
      const set = encodeMessageSet({ magic: 1, records: [{ value: bytes }], compression: 'gzip' })
      return set.subarray(34)
    }
    expect(wrap(null)).toThrow(/has no value/)
    expect(wrap(Buffer.from('no gzip'))).toThrow(/gzip block is malformed/)
    const nested = encodeMessageSet({ magic: 1, records, compression: 'gzip' })
    expect(wrap(nested)).toThrow(WireError)
    const inside = gzipped(nested)
    expect(wrap(inside)()?.[0]?.value?.length).toBe(nested.length)
  })
})
