import fc from 'fast-check'

/** A change to bytes, as plain data: it shrinks, and prints. */
export interface Mutation {
  readonly kind: (typeof kinds)[number]
  /** Place, modulo the length. */
  readonly at: number
  /** What is written, counted or chosen. */
  readonly value: number
  readonly bytes: Uint8Array
}

const kinds = [
  'flip',
  'set',
  'int16',
  'int32',
  'int64',
  'varint',
  'insert',
  'remove',
  'repeat',
  'cut',
  'append',
] as const

/** Numbers at which lengths, counts and sums turn over. */
const edges = [
  0, 1, -1, 2, -2, 127, 128, 255, 256, 0x7fff, 0x8000, 0xffff, 0x10000, 0xfffffff, 0x10000000,
  0x7fffffff, -0x80000000, 0x40000000, 0x20000000, 0x7ffffff0,
]

/** Varints: the largest and smallest, too long, without an end, padded with zeros. */
const varints = [
  'ffffffff0f',
  'feffffff0f',
  'ffffffff1f',
  'ffffffffffffffffff01',
  'feffffffffffffffff01',
  'ffffffffffffffffffff',
  'ffffffffffffffffffffffffffff',
  '8080808000',
  '80808080808080808000',
  '808001',
].map((text) => Buffer.from(text, 'hex'))

/** One change. */
export const mutation: fc.Arbitrary<Mutation> = fc.record({
  kind: fc.constantFrom(...kinds),
  at: fc.oneof(fc.nat(40), fc.nat(0xffff)),
  value: fc.nat(0xffff),
  bytes: fc.uint8Array({ minLength: 1, maxLength: 12 }),
})

/** The bytes with one change. */
export function mutate(input: Buffer, { kind, at, value, bytes }: Mutation): Buffer {
  const place = input.length === 0 ? 0 : at % input.length
  const edge = edges[value % edges.length] as number
  const output = Buffer.from(input)
  const over = (patch: Uint8Array): Buffer => {
    output.set(patch.subarray(0, output.length - place), place)
    return output
  }
  const splice = (removed: number, inserted: Uint8Array): Buffer =>
    Buffer.concat([input.subarray(0, place), inserted, input.subarray(place + removed)])
  const number = Buffer.alloc(8)
  number.writeBigInt64BE(BigInt(edge))
  switch (kind) {
    case 'flip':
      return over(Buffer.of((input[place] ?? 0) ^ (1 << (value & 7))))
    case 'set':
      return over(Buffer.of(value & 0xff))
    case 'int16':
      return over(number.subarray(6))
    case 'int32':
      return over(number.subarray(4))
    case 'int64':
      return over(number)
    case 'varint':
      return splice(value & 1, varints[value % varints.length] as Buffer)
    case 'insert':
      return splice(0, bytes)
    case 'remove':
      return splice(1 + (value % 16), Buffer.alloc(0))
    case 'repeat':
      return splice(0, input.subarray(place, place + 1 + (value % 64)))
    case 'cut':
      return output.subarray(0, place)
    case 'append':
      return Buffer.concat([input, bytes])
  }
}

/** A mutation as bytes; {@link readMutation} reads them. */
export function writeMutation({ kind, at, value, bytes }: Mutation): Buffer {
  const head = Buffer.alloc(6)
  head[0] = kinds.indexOf(kind)
  head.writeUInt16BE(at, 1)
  head.writeUInt16BE(value, 3)
  head[5] = bytes.length
  return Buffer.concat([head, bytes])
}

/** The mutation that begins the bytes, and how many bytes it takes; any bytes are one. */
export function readMutation(input: Buffer): { mutation: Mutation; size: number } {
  const byte = (at: number): number => input[at] ?? 0
  const size = 6 + byte(5)
  const kind = kinds[byte(0) % kinds.length] ?? 'flip'
  const at = byte(1) * 256 + byte(2)
  const value = byte(3) * 256 + byte(4)
  return { mutation: { kind, at, value, bytes: input.subarray(6, size) }, size }
}

/** The bytes, changed in one to four ways. */
export function mutated(valid: fc.Arbitrary<Uint8Array>): fc.Arbitrary<Uint8Array> {
  return fc
    .tuple(valid, fc.array(mutation, { minLength: 1, maxLength: 4 }))
    .map(([bytes, list]) => list.reduce(mutate, Buffer.from(bytes)))
}

/** Bytes of no meaning: few different ones, or any. */
export const rawBytes: fc.Arbitrary<Uint8Array> = fc.oneof(
  fc.uint8Array({ maxLength: 300 }),
  fc
    .array(fc.constantFrom(0, 1, 2, 0x7f, 0x80, 0xff), { maxLength: 200 })
    .map((list) => Uint8Array.from(list)),
)
