import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { WireError } from '../errors.js'
import { messageTypes } from '../registry.js'
import { structOf } from '../testing/schema-values.js'
import type { MessageType } from './index.js'

/** Any value of a message at a version. */
const valuesOf = (type: MessageType, version: number): fc.Arbitrary<object> =>
  structOf(type.schema.shape, { version, flexible: type.flexible(version) })

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
        value: valuesOf(type, version),
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
      fc.property(valuesOf(type, version), (value) => {
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
    const values = valuesOf(type, version)
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
