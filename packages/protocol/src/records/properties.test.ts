import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compressionNames } from '../compression/codec.js'
import { WireError } from '../errors.js'
import {
  decodeRecords,
  encodeMessageSet,
  encodeRecordBatch,
  type RecordBytes,
  type RecordInput,
} from './index.js'

/** Strings of every script, lone surrogates included, and bytes; null where Kafka allows it. */
const bytes = fc.option(
  fc.oneof(
    fc.string({ maxLength: 700 }),
    fc.string({ unit: 'binary', maxLength: 300 }),
    fc.uint8Array({ maxLength: 9000 }),
  ),
)

const record: fc.Arbitrary<RecordInput> = fc.record({
  key: bytes,
  value: bytes,
  headers: fc.array(fc.tuple(fc.string({ unit: 'binary', maxLength: 20 }), bytes), {
    maxLength: 4,
  }),
  timestamp: fc.oneof(fc.integer(), fc.integer({ min: -1, max: 2 ** 52 })),
})

const records = fc.array(record, { minLength: 1, maxLength: 30 })

const plain = (value: RecordBytes | undefined): string | null =>
  value === null || value === undefined ? null : Buffer.from(value).toString('hex')

const expected = (input: readonly RecordInput[], baseOffset: bigint) =>
  input.map(({ key, value, headers = [], timestamp }, index) => ({
    offset: baseOffset + BigInt(index),
    timestamp,
    key: plain(key),
    value: plain(value),
    headers: headers.map(([name, bytes]) => [Buffer.from(name).toString(), plain(bytes)]),
  }))

const readAll = (bytes: Uint8Array, checkCrc = true) =>
  [...decodeRecords(bytes, { checkCrc, maxDecompressedBytes: 1 << 22 })].flatMap((batch) =>
    batch.toArray().map((record) => ({
      offset: record.offset,
      timestamp: record.timestamp,
      key: plain(record.key),
      value: plain(record.value),
      headers: record.headers.map(([name, value]) => [name, plain(value)]),
    })),
  )

/** Reads bytes that may be anything: a value or a WireError, nothing else. */
const readAnything = (bytes: Uint8Array, checkCrc: boolean): void => {
  try {
    readAll(bytes, checkCrc)
  } catch (error) {
    if (!(error instanceof WireError)) throw error
  }
}

const baseOffset = fc.bigInt({ min: 0n, max: 2n ** 62n })

describe.each(compressionNames)('record batches, %s compression', (compression) => {
  it('give back what was written', () => {
    fc.assert(
      fc.property(records, baseOffset, (input, baseOffset) => {
        const batch = encodeRecordBatch({ records: input, baseOffset, compression })
        expect(readAll(batch)).toEqual(expected(input, baseOffset))
      }),
      { numRuns: 60 },
    )
  })

  it('are partial, or malformed without the length, for every strict prefix', () => {
    fc.assert(
      fc.property(fc.array(record, { minLength: 1, maxLength: 2 }), (input) => {
        const batch = Buffer.from(encodeRecordBatch({ records: input, compression }))
        const step = Math.max(1, batch.length >> 7)
        for (let size = 0; size < batch.length; size += step) {
          expect(readAll(batch.subarray(0, size))).toEqual([])
          if (size < 62) continue
          const cut = Buffer.from(batch.subarray(0, size))
          cut.writeInt32BE(size - 12, 8)
          expect(() => readAll(cut, false)).toThrow(WireError)
        }
      }),
      { numRuns: 10 },
    )
  })

  it('are read or refused with a WireError when bytes are changed', () => {
    const changes = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 5 })
    fc.assert(
      fc.property(fc.array(record, { minLength: 1, maxLength: 4 }), changes, (input, changes) => {
        const batch = Buffer.from(encodeRecordBatch({ records: input, compression }))
        for (const [at, value] of changes) batch[12 + (at % (batch.length - 12))] = value
        readAnything(batch, false)
      }),
      { numRuns: 300 },
    )
  })
})

describe('message sets', () => {
  it('give back what was written, with every codec', () => {
    const codec = fc.constantFrom('none', 'gzip', 'snappy', 'lz4')
    fc.assert(
      fc.property(
        records,
        fc.constantFrom(0, 1),
        codec,
        baseOffset,
        (input, magic, compression, base) => {
          const bare = input.map(({ key = null, value, timestamp = -1 }) => ({
            key,
            value,
            timestamp,
          }))
          const set = encodeMessageSet({ magic, records: bare, baseOffset: base, compression })
          const times = bare.map((one) => (magic === 0 ? { ...one, timestamp: -1 } : one))
          expect(readAll(set)).toEqual(expected(times, base))
        },
      ),
      { numRuns: 150 },
    )
  })

  it('are read or refused with a WireError when bytes are changed', () => {
    const codec = fc.constantFrom('none', 'gzip', 'snappy', 'lz4')
    const changes = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 5 })
    fc.assert(
      fc.property(
        fc.array(record, { minLength: 1, maxLength: 4 }),
        fc.constantFrom(0, 1),
        codec,
        changes,
        (input, magic, compression, changes) => {
          const set = Buffer.from(encodeMessageSet({ magic, records: input, compression }))
          for (const [at, value] of changes) set[12 + (at % (set.length - 12))] = value
          readAnything(set, false)
        },
      ),
      { numRuns: 500 },
    )
  })
})

describe('random bytes', () => {
  it('are read or refused with a WireError, behind a header of every magic', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 300 }),
        fc.nat(2),
        fc.nat(7),
        (random, magic, codec) => {
          readAnything(random, true)
          const framed = Buffer.concat([Buffer.alloc(12), random])
          framed.writeInt32BE(random.length, 8)
          if (random.length > 10) {
            framed[16] = magic
            framed[magic === 2 ? 22 : 17] = codec
          }
          readAnything(framed, false)
        },
      ),
      { numRuns: 3000 },
    )
  })
})
