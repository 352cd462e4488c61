import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ZERO_UUID } from '../bytes/uuid.js'
import { WireError } from '../errors.js'
import { messageTypes } from '../registry.js'
import {
  anyCodec,
  type Codec,
  includesVersion,
  type MessageType,
  parseVersions,
  type Shape,
  type UnknownTaggedField,
} from './index.js'

/** Any value that a codec can carry at a version, in the form that decoding gives. */
function arbitraryOf(type: Codec, version: number, flexible: boolean): fc.Arbitrary<unknown> {
  const codec = anyCodec(type)
  switch (codec.kind) {
    case 'bool':
      return fc.boolean()
    case 'int8':
      return fc.integer({ min: -128, max: 127 })
    case 'int16':
      return fc.integer({ min: -32768, max: 32767 })
    case 'uint16':
      return fc.integer({ min: 0, max: 65535 })
    case 'int32':
      return fc.integer()
    case 'int64':
      return fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })
    case 'float64':
      return fc.double({ noNaN: true }).map((value) => value + 0)
    case 'uuid':
      return fc.oneof(fc.constant(ZERO_UUID), fc.uuid())
    case 'string':
      return fc.string({ unit: 'grapheme', maxLength: 30 })
    case 'bytes':
    case 'records':
      return fc.uint8Array({ maxLength: 200 })
    case 'notCompact':
      return arbitraryOf(codec.codec, version, flexible)
    case 'nullable': {
      const value = arbitraryOf(codec.codec, version, flexible)
      const allowed = includesVersion(parseVersions(codec.versions), version)
      return allowed ? fc.option(value, { nil: null }) : value
    }
    case 'array':
      return fc.array(arbitraryOf(codec.element, version, flexible), { maxLength: 3 })
    case 'struct':
      return structOf(codec.shape, version, flexible)
  }
}

function structOf(shape: Shape, version: number, flexible: boolean): fc.Arbitrary<object> {
  const entries = Object.entries(shape).map(([name, field]) => {
    const absent = fc.constant(null).map(() => field.absent())
    if (!includesVersion(field.range, version)) return [name, absent]
    const own = arbitraryOf(field.codec, version, flexible)
    return [name, field.tag === undefined ? own : fc.oneof(own, absent)]
  })
  const fields = fc.record(Object.fromEntries(entries))
  if (!flexible) return fields
  return fc
    .tuple(fields, fc.option(unknownTags, { freq: 6, nil: [] }))
    .map(([value, unknown]) =>
      unknown.length > 0 ? { ...value, unknownTaggedFields: unknown } : value,
    )
}

const unknownTags: fc.Arbitrary<UnknownTaggedField[]> = fc
  .uniqueArray(
    fc.record({
      tag: fc.integer({ min: 1000, max: 0xffffffff }),
      data: fc.uint8Array({ maxLength: 20 }),
    }),
    { maxLength: 3, selector: ({ tag }) => tag },
  )
  .map((fields) => fields.sort((a, b) => a.tag - b.tag))

interface Pair {
  readonly type: MessageType
  readonly version: number
}

const pairs: Pair[] = messageTypes().flatMap((type) => {
  const { min, max } = type.versions
  return Array.from({ length: max - min + 1 }, (_, index) => ({ type, version: min + index }))
})

/** A (message, version) pair with a value of it. */
function samples(type: MessageType): fc.Arbitrary<{ version: number; value: unknown }> {
  const versions = pairs.filter((pair) => pair.type === type).map(({ version }) => version)
  return fc.oneof(
    ...versions.map((version) =>
      fc.record({
        version: fc.constant(version),
        value: arbitraryOf(type.schema, version, type.flexible(version)),
      }),
    ),
  )
}

/** Decodes and says how it went; anything but a value or a complete WireError throws. */
function outcome({ type, version }: Pair, bytes: Uint8Array): 'value' | 'error' {
  try {
    type.at(version).decode(bytes)
    return 'value'
  } catch (error) {
    if (!(error instanceof WireError)) throw error
    expect(error).toMatchObject({
      messageName: type.name,
      version,
      path: expect.stringMatching(/^\//),
    })
    expect(error.offset).toBeGreaterThanOrEqual(0)
    expect(error.offset).toBeLessThanOrEqual(bytes.length)
    return 'error'
  }
}

describe('every version of every message', () => {
  test.each(pairs)('$type.name v$version decodes what it encodes', ({ type, version }) => {
    const codec = type.at(version)
    fc.assert(
      fc.property(arbitraryOf(type.schema, version, type.flexible(version)), (value) => {
        const bytes = codec.encode(value)
        const decoded = codec.decode(bytes)
        expect(decoded).toEqual(value)
        expect(codec.encode(decoded)).toEqual(bytes)
      }),
      { numRuns: 6 },
    )
  })

  test.each(pairs)('$type.name v$version refuses every strict prefix', (pair) => {
    const { type, version } = pair
    const values = arbitraryOf(type.schema, version, type.flexible(version))
    fc.assert(
      fc.property(values, (value) => {
        const bytes = type.at(version).encode(value)
        for (let length = 0; length < bytes.length; length++) {
          expect(outcome(pair, bytes.subarray(0, length))).toBe('error')
        }
      }),
      { numRuns: 1 },
    )
  })
})

/** What a caller without a type checker might pass. */
const garbage = fc.constantFrom<unknown>(
  ...[
    null,
    'x',
    1.5,
    -1,
    2 ** 40,
    1n,
    2n ** 70n,
    true,
    {},
    [],
    [null],
    [1n],
    Symbol('s'),
    new Date(0),
  ],
)

/** A value with something wrong somewhere inside it. */
function spoil(value: unknown, path: readonly number[], wrong: unknown): unknown {
  const [step = 0, ...rest] = path
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return wrong
  const keys = Object.keys(value)
  const key = keys[step % Math.max(1, keys.length)]
  if (key === undefined || path.length === 0) return wrong
  const inner = spoil((value as Record<string, unknown>)[key], rest, wrong)
  if (Array.isArray(value)) return value.map((one, index) => (String(index) === key ? inner : one))
  return { ...value, [key]: inner }
}

describe.each(messageTypes())('$name', (type) => {
  test('encodes or refuses with a WireError whatever it is given', () => {
    const path = fc.array(fc.nat(), { minLength: 1, maxLength: 6 })
    fc.assert(
      fc.property(samples(type), path, garbage, ({ version, value }, steps, wrong) => {
        try {
          type.at(version).encode(spoil(value, steps, wrong))
        } catch (error) {
          if (!(error instanceof WireError)) throw error
          expect(error.path).toMatch(/^\//)
        }
      }),
      { numRuns: 30 },
    )
  })

  test('gives a value or a WireError for any bytes', () => {
    const damaged = fc.tuple(
      samples(type),
      fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 4 }),
    )
    fc.assert(
      fc.property(damaged, ([{ version, value }, changes]) => {
        const bytes = type.at(version).encode(value)
        for (const [at, byte] of changes) if (bytes.length > 0) bytes[at % bytes.length] = byte
        outcome({ type, version }, bytes)
      }),
      { numRuns: 30 },
    )
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
        for (let version = type.versions.min; version <= type.versions.max; version++) {
          outcome({ type, version }, bytes)
        }
      }),
      { numRuns: 10 },
    )
  })
})
