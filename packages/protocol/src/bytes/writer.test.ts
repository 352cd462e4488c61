import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { WireError } from '../errors.js'
import { Reader } from './reader.js'
import { Writer } from './writer.js'

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')

const written = (write: (writer: Writer) => void): string => {
  const writer = new Writer()
  write(writer)
  return hex(writer.finish())
}

/** One of each primitive: how to write and to read it. */
const int32 = fc.integer()
const int64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })
const text = fc.option(fc.string({ unit: 'grapheme', maxLength: 60 }), { nil: null })
const blob: fc.Arbitrary<Uint8Array | null> = fc.option(fc.uint8Array({ maxLength: 60 }), {
  nil: null,
})

interface Step {
  readonly value: unknown
  write(writer: Writer): void
  read(reader: Reader): unknown
}

function step<T>(
  values: fc.Arbitrary<T>,
  write: (writer: Writer, value: T) => void,
  read: (reader: Reader) => T,
): fc.Arbitrary<Step> {
  return values.map((value) => ({ value, write: (writer) => write(writer, value), read }))
}

const steps = fc.oneof(
  step(
    fc.boolean(),
    (w, v) => w.boolean(v),
    (r) => r.boolean(),
  ),
  step(
    fc.integer({ min: -128, max: 127 }),
    (w, v) => w.int8(v),
    (r) => r.int8(),
  ),
  step(
    fc.integer({ min: -32768, max: 32767 }),
    (w, v) => w.int16(v),
    (r) => r.int16(),
  ),
  step(
    fc.integer({ min: 0, max: 65535 }),
    (w, v) => w.uint16(v),
    (r) => r.uint16(),
  ),
  step(
    int32,
    (w, v) => w.int32(v),
    (r) => r.int32(),
  ),
  step(
    fc.integer({ min: 0, max: 0xffffffff }),
    (w, v) => w.uint32(v),
    (r) => r.uint32(),
  ),
  step(
    int64,
    (w, v) => w.int64(v),
    (r) => r.int64(),
  ),
  step(
    fc.maxSafeInteger(),
    (w, v) => w.int64Number(v),
    (r) => r.int64Number(),
  ),
  step(
    fc.double({ noNaN: true }),
    (w, v) => w.float64(v),
    (r) => r.float64(),
  ),
  step(
    fc.integer({ min: 0, max: 0xffffffff }),
    (w, v) => w.uvarint(v),
    (r) => r.uvarint(),
  ),
  step(
    int32,
    (w, v) => w.varint(v),
    (r) => r.varint(),
  ),
  step(
    int64,
    (w, v) => w.varlong(v),
    (r) => r.varlong(),
  ),
  step(
    fc.uuid(),
    (w, v) => w.uuid(v),
    (r) => r.uuid(),
  ),
  step(
    text,
    (w, v) => w.string(v),
    (r) => r.string(),
  ),
  step(
    text,
    (w, v) => w.compactString(v),
    (r) => r.compactString(),
  ),
  step(
    blob,
    (w, v) => w.bytes(v),
    (r) => r.bytes(),
  ),
  step(
    blob,
    (w, v) => w.compactBytes(v),
    (r) => r.compactBytes(),
  ),
)

describe('Writer and Reader', () => {
  test('give back every primitive, wherever the buffer grows and whatever is kept by reference', () => {
    fc.assert(
      fc.property(fc.array(steps), fc.integer({ min: 1, max: 60 }), (list, referenceBytes) => {
        const small = new Writer({ initialBytes: 16, referenceBytes })
        const large = new Writer({ initialBytes: 100_000 })
        for (const { write } of list) {
          write(small)
          write(large)
        }
        expect(hex(small.finish())).toBe(hex(large.finish()))
        expect(hex(Buffer.concat(small.parts()))).toBe(hex(large.view()))
        expect(small.byteLength).toBe(large.byteLength)
        const reader = new Reader(small.finish())
        for (const { value, read } of list) expect(read(reader)).toEqual(value)
        expect(reader.remaining).toBe(0)
      }),
    )
  })

  test('write the varints of the Kafka protocol', () => {
    const cases: [number, string][] = [
      [0, '00'],
      [-1, '01'],
      [1, '02'],
      [64, '8001'],
      [-65, '8101'],
      [2 ** 31 - 1, 'feffffff0f'],
      [-(2 ** 31), 'ffffffff0f'],
    ]
    for (const [value, bytes] of cases) {
      expect(written((writer) => writer.varint(value))).toBe(bytes)
    }
  })

  test('refuse varints of too many bits', () => {
    const read = (bytes: string): Reader => new Reader(Buffer.from(bytes, 'hex'))
    expect(() => read('ffffffff1f').uvarint()).toThrow('more than 32 bits')
    expect(() => read('8080808080808000').uvarint()).toThrow('more than 32 bits')
    expect(() => read('ffffffffffffffffff02').varlong()).toThrow('more than 64 bits')
    expect(() => read('ffffffff').uvarint()).toThrow('expected 1 more bytes, 0 remain (byte 4)')
  })

  test('frame what is written with its size, references included', () => {
    const writer = new Writer({ initialBytes: 16, referenceBytes: 4 })
    const large = new Uint8Array(200).fill(7)
    writer.framed(() => {
      writer.sized(() => {
        writer.int8(1)
        writer.bytes(large)
        writer.int8(2)
      })
      writer.bytes(large)
    })
    const body = `01000000c8${hex(large)}02`
    expect(hex(writer.finish())).toBe(
      `00000${(2 + 206 + 204).toString(16)}ce01${body}000000c8${hex(large)}`,
    )
    expect(writer.parts().filter((part) => part === large)).toHaveLength(2)
    expect(hex(Buffer.concat(writer.parts()))).toBe(hex(writer.finish()))
  })

  test('refuse values out of range, with what was expected', () => {
    const cases: [(writer: Writer) => void, string][] = [
      [(writer) => writer.int8(128), 'expected an int8 (-128 to 127), got 128'],
      [(writer) => writer.int16(1.5), 'expected an int16 (-32768 to 32767), got 1.5'],
      [(writer) => writer.uint16(-1), 'expected a uint16 (0 to 65535), got -1'],
      [(writer) => writer.int32(2 ** 31), 'got 2147483648'],
      [(writer) => writer.uint32(-1), 'expected a uint32'],
      [
        (writer) => writer.int64(2n ** 63n),
        'expected an int64 as a bigint, got 9223372036854775808n',
      ],
      [(writer) => writer.int64Number(2 ** 53), 'expected a safe integer'],
      [(writer) => writer.uvarint(-1), 'expected a uint32'],
      [
        (writer) => writer.uuid('nonsense'),
        'expected a dashed uuid (36 characters), got "nonsense"',
      ],
      [(writer) => writer.string('x'.repeat(32768)), 'at most 32767 bytes, got 32768'],
      [(writer) => writer.compactString('é'.repeat(16384)), 'at most 32767 bytes, got 32768'],
    ]
    for (const [write, message] of cases) {
      expect(() => write(new Writer())).toThrow(message)
      expect(() => write(new Writer())).toThrow(WireError)
    }
  })
})
