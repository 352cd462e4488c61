import type { MessageType } from '@ottla/protocol'
import { anyCodec, type Codec, type Field, type Shape } from '@ottla/protocol/registry'
import type { KafkaField, KafkaSchema } from './schemas.js'

/** What one version of a message says of a field, in words that both sides can be put into. */
export interface FieldFacts {
  /** Path such as `topics/partitions/errorCode`. */
  readonly path: string
  /** Kafka's type, with `struct` for a struct's name: `int32`, `[]string`, `[]struct`. */
  readonly type: string
  readonly nullable: boolean
  readonly tag: number | undefined
  /** The default that holds, as text: `-1`, `null`, `''`, `[]`. */
  readonly default: string
  readonly ignorable: boolean
  /** Whether a flexible version writes it in the compact encoding. */
  readonly compact: boolean
}

/**
 * The fields of a version of one of our messages, in the order of the wire, those of inner structs
 * after their field.
 */
export function ourFacts(message: MessageType, version: number): FieldFacts[] {
  return shapeFacts(message.schema.shape, version, '')
}

/** The same of Kafka's JSON. */
export function kafkaFacts(schema: KafkaSchema, version: number): FieldFacts[] {
  const common = new Map(schema.commonStructs?.map(({ name, fields }) => [name, fields]))
  return kafkaFieldFacts(schema.fields ?? [], common, version, '')
}

function shapeFacts(shape: Shape, version: number, parent: string): FieldFacts[] {
  return Object.entries(shape).flatMap(([name, field]) => {
    if (version < field.range.min || version > field.range.max) return []
    const path = parent + name
    const { type, nullable, compact, shape: inner } = unwrap(field.codec, version)
    const { tag, ignorable } = field
    const facts = {
      path,
      type,
      nullable,
      tag,
      default: ourDefault(field, type),
      ignorable,
      compact,
    }
    return [facts, ...(inner === undefined ? [] : shapeFacts(inner, version, `${path}/`))]
  })
}

interface Unwrapped {
  readonly type: string
  readonly nullable: boolean
  readonly compact: boolean
  readonly shape?: Shape
}

function unwrap(declared: Codec, version: number): Unwrapped {
  const codec = anyCodec(declared)
  switch (codec.kind) {
    case 'nullable':
      return { ...unwrap(codec.codec, version), nullable: inRange(codec.versions, version) }
    case 'notCompact':
      return { ...unwrap(codec.codec, version), compact: false }
    case 'array': {
      const element = unwrap(codec.element, version)
      return { ...element, type: `[]${element.type}`, nullable: false }
    }
    case 'struct':
      return { type: 'struct', nullable: false, compact: true, shape: codec.shape }
    default:
      return { type: codec.kind, nullable: false, compact: true }
  }
}

function kafkaFieldFacts(
  fields: readonly KafkaField[],
  common: ReadonlyMap<string, KafkaField[]>,
  version: number,
  parent: string,
): FieldFacts[] {
  return fields.flatMap((field) => {
    if (!inRange(field.versions ?? field.taggedVersions ?? 'none', version)) return []
    const path = parent + lowerFirst(field.name)
    const element = field.type.replace('[]', '')
    const inner = field.fields ?? common.get(element)
    const type = inner === undefined ? field.type : field.type.replace(element, 'struct')
    const facts: FieldFacts = {
      path,
      type,
      nullable: inRange(field.nullableVersions ?? 'none', version),
      tag: inRange(field.taggedVersions ?? 'none', version) ? field.tag : undefined,
      default: field.default === undefined ? zero(type) : literal(field.default, type),
      ignorable: field.ignorable ?? false,
      compact: field.flexibleVersions !== 'none',
    }
    return [facts, ...kafkaFieldFacts(inner ?? [], common, version, `${path}/`)]
  })
}

function ourDefault(field: Field, type: string): string {
  return field.default === undefined ? zero(type) : literal(field.default ?? 'null', type)
}

/** A default as text; Kafka writes some numbers as strings or in hex. */
function literal(value: string | number | bigint | boolean, type: string): string {
  if (value === 'null') return 'null'
  return /^u?int/.test(type) ? String(BigInt(value)) : String(value)
}

/** The default of a type whose field names none. */
function zero(type: string): string {
  if (type.startsWith('[]')) return '[]'
  if (/^(u?int|float)/.test(type)) return '0'
  return { bool: 'false', records: 'null' }[type] ?? ''
}

/** Whether a range such as `0-4`, `3`, `2+` or `none` holds a version. */
function inRange(range: string, version: number): boolean {
  if (range === 'none') return false
  const [first = 0, last] = range.replace('+', '-Infinity').split('-').map(Number)
  return version >= first && version <= (last ?? first)
}

function lowerFirst(name: string): string {
  return name.charAt(0).toLowerCase() + name.slice(1)
}
