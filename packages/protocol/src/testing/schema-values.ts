import fc from 'fast-check'
import { ZERO_UUID } from '../bytes/uuid.js'
import {
  anyCodec,
  type Codec,
  includesVersion,
  parseVersions,
  type Shape,
  type UnknownTaggedField,
} from '../schema/index.js'

/** How values are made. */
export interface ValueOptions {
  readonly version: number
  readonly flexible: boolean
  /** Values for fields of a name and of a kind of type, instead of any; undefined: any. */
  readonly choose?: (field: string, kind: string) => fc.Arbitrary<unknown> | undefined
  /** Numbers are mostly small, as in requests that get beyond the first check. */
  readonly smallNumbers?: boolean
}

const whole = (bits: number, small: boolean): fc.Arbitrary<number> => {
  const min = -(2 ** (bits - 1))
  const max = 2 ** (bits - 1) - 1
  const edges = fc.constantFrom(0, -1, min, max)
  const wide = fc.oneof(fc.integer({ min, max }), edges)
  if (!small) return wide
  return fc.oneof({ arbitrary: fc.integer({ min: -2, max: 5 }), weight: 12 }, edges, wide)
}

/** Now and then what is so long that its compact length takes two bytes, which it does from 127 on. */
const seldomLong = <T>(short: fc.Arbitrary<T>, long: fc.Arbitrary<T>): fc.Arbitrary<T> =>
  fc.oneof({ arbitrary: short, weight: 19 }, { arbitrary: long, weight: 1 })

const texts = seldomLong(
  fc.string({ unit: 'grapheme', maxLength: 12 }),
  fc.string({ minLength: 120, maxLength: 300 }),
)
const byteFields = seldomLong(
  fc.uint8Array({ maxLength: 60 }),
  fc.uint8Array({ minLength: 120, maxLength: 300 }),
)

/** Any value that a codec can carry, in the form that decoding gives. */
function anyOf(type: Codec, name: string, options: ValueOptions): fc.Arbitrary<unknown> {
  const codec = anyCodec(type)
  const small = options.smallNumbers === true
  switch (codec.kind) {
    case 'bool':
      return fc.boolean()
    case 'int8':
      return whole(8, small)
    case 'int16':
      return whole(16, small)
    case 'uint16':
      return fc.integer({ min: 0, max: 65535 })
    case 'int32':
      return whole(32, small)
    case 'int64': {
      const wide = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })
      return small ? fc.oneof({ arbitrary: whole(8, true).map(BigInt), weight: 5 }, wide) : wide
    }
    case 'float64':
      return fc.double({ noNaN: true }).map((value) => value + 0)
    case 'uuid':
      return fc.oneof(fc.constant(ZERO_UUID), fc.uuid())
    case 'string':
      return texts
    case 'bytes':
    case 'records':
      return byteFields
    case 'notCompact':
      return anyOf(codec.codec, name, options)
    case 'nullable': {
      const value = fieldOf(codec.codec, name, options)
      const allowed = includesVersion(parseVersions(codec.versions), options.version)
      return allowed ? fc.option(value, { nil: null, freq: 4 }) : value
    }
    case 'array':
      return fc.array(fieldOf(codec.element, name, options), { maxLength: 2 })
    case 'struct':
      return structOf(codec.shape, options)
  }
}

/** The chosen values of a field's name, where what it holds is no list or struct. */
function fieldOf(codec: Codec, name: string, options: ValueOptions): fc.Arbitrary<unknown> {
  const { kind } = anyCodec(codec)
  const isPlain = kind !== 'array' && kind !== 'struct' && kind !== 'nullable'
  return (isPlain ? options.choose?.(name, kind) : undefined) ?? anyOf(codec, name, options)
}

/** Any value of a struct or message at a version. */
export function structOf(shape: Shape, options: ValueOptions): fc.Arbitrary<object> {
  const entries = Object.entries(shape).map(([name, field]) => {
    const absent = fc.constant(null).map(() => field.absent())
    if (!includesVersion(field.range, options.version)) return [name, absent]
    const own = fieldOf(field.codec, name, options)
    return [name, field.tag === undefined ? own : fc.oneof(own, absent)]
  })
  const fields = fc.record(Object.fromEntries(entries))
  if (!options.flexible) return fields
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
