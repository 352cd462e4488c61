import type { Reader } from '../bytes/reader.js'
import { expected, type Writer } from '../bytes/writer.js'
import { WireError } from '../errors.js'
import type { Plan } from './codec.js'
import { stepOut } from './path.js'

/**
 * A tagged field that the schema does not know, kept as raw bytes so that it survives decoding and
 * encoding.
 */
export interface UnknownTaggedField {
  readonly tag: number
  readonly data: Uint8Array
}

/** A tagged field of a struct at one version. */
export interface TaggedPlan {
  readonly tag: number
  readonly name: string
  readonly plan: Plan
  isAbsent(value: unknown): boolean
}

/** The object that a struct's fields are read into or written from. */
export type Fields = Record<string, unknown>

/**
 * Reads the tagged fields at the end of a struct: count, then tag, size and data of each, tags
 * ascending.
 */
export function readTagged(reader: Reader, value: Fields, known: readonly TaggedPlan[]): void {
  const count = reader.uvarint()
  if (count === 0) return
  reader.checkCount(count, 2)
  const unknown: UnknownTaggedField[] = []
  let previous = -1
  for (let index = 0; index < count; index++) {
    const at = reader.offset
    const tag = reader.uvarint()
    if (tag <= previous) throw reader.fail(`tagged field ${tag} after ${previous}`, at)
    previous = tag
    const size = reader.uvarint()
    const field = known.find((one) => one.tag === tag)
    if (field === undefined) unknown.push({ tag, data: reader.raw(size) })
    else value[field.name] = readOne(reader, field, size)
  }
  if (unknown.length > 0) value.unknownTaggedFields = unknown
}

function readOne(reader: Reader, { plan, name }: TaggedPlan, size: number): unknown {
  if (size > reader.remaining) {
    throw stepOut(reader.fail(`tagged field of ${size} bytes in ${reader.remaining} bytes`), name)
  }
  const { end } = reader
  const ownEnd = reader.offset + size
  reader.end = ownEnd
  try {
    const value = plan.read(reader)
    if (reader.offset < ownEnd) throw reader.fail(`${reader.remaining} bytes after the value`)
    return value
  } catch (error) {
    throw stepOut(error, name)
  } finally {
    reader.end = end
  }
}

/**
 * Writes the tagged fields that do not hold their default, and the unknown ones among them in the
 * order of tags.
 */
export function writeTagged(writer: Writer, value: Fields, known: readonly TaggedPlan[]): void {
  if (value.unknownTaggedFields === undefined && !known.some((field) => isPresent(value, field))) {
    writer.uvarint(0)
    return
  }
  const entries = taggedEntries(writer, value, known)
  writer.uvarint(entries.length)
  for (const { tag, write } of entries) {
    writer.uvarint(tag)
    writer.sized(write)
  }
}

function isPresent(value: Fields, { name, isAbsent }: TaggedPlan): boolean {
  const own = value[name]
  return own !== undefined && !isAbsent(own)
}

interface TaggedEntry {
  readonly tag: number
  readonly write: () => void
}

function taggedEntries(
  writer: Writer,
  value: Fields,
  known: readonly TaggedPlan[],
): readonly TaggedEntry[] {
  const unknown = unknownFields(value)
  for (const { tag } of unknown) {
    if (
      known.some((field) => field.tag === tag) ||
      unknown.filter((one) => one.tag === tag).length > 1
    ) {
      throw stepOut(new WireError({ message: `tag ${tag} is taken` }), 'unknownTaggedFields')
    }
  }
  return [
    ...known
      .filter((field) => isPresent(value, field))
      .map((field) => ({ tag: field.tag, write: () => writeOne(writer, value, field) })),
    ...unknown.map(({ tag, data }) => ({ tag, write: () => writer.raw(data) })),
  ].sort((a, b) => a.tag - b.tag)
}

function writeOne(writer: Writer, value: Fields, { name, plan }: TaggedPlan): void {
  try {
    plan.write(writer, value[name])
  } catch (error) {
    throw stepOut(error, name)
  }
}

/** The unknown tagged fields of a value to be written, checked. */
export function unknownFields(value: Fields): readonly UnknownTaggedField[] {
  const { unknownTaggedFields: fields } = value
  if (fields === undefined) return []
  if (!Array.isArray(fields)) throw stepOut(expected('an array', fields), 'unknownTaggedFields')
  for (const one of fields) {
    if (
      !(Number.isInteger(one?.tag) && one.tag >>> 0 === one.tag && one.data instanceof Uint8Array)
    ) {
      const error = new WireError({ message: 'expected { tag: uint32, data: Uint8Array }' })
      throw stepOut(error, 'unknownTaggedFields')
    }
  }
  return fields
}
