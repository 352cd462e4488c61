import type { Reader } from '../bytes/reader.js'
import { expected, type Writer } from '../bytes/writer.js'
import { WireError } from '../errors.js'
import type { Context, Infer, InferInput, Plan } from './codec.js'
import type { Field } from './field.js'
import { stepOut } from './path.js'
import {
  type Fields,
  readTagged,
  type TaggedPlan,
  type UnknownTaggedField,
  unknownFields,
  writeTagged,
} from './tagged.js'
import type { NullCapable } from './variable.js'
import { includesVersion } from './versions.js'

/** Fields by name, in the order of the wire. */
export type Shape = Readonly<Record<string, Field>>

/** What a struct decodes to. */
export type StructValue<S extends Shape> = {
  -readonly [K in keyof S]: Infer<S[K]['codec']>
} & {
  /** Tagged fields that this schema does not know; present only if there were any. */
  unknownTaggedFields?: UnknownTaggedField[]
}

/** What a struct accepts for encoding. */
export type StructInput<S extends Shape> = {
  readonly [K in keyof S as S[K]['required'] extends true ? K : never]: InferInput<S[K]['codec']>
} & {
  readonly [K in keyof S as S[K]['required'] extends true ? never : K]?:
    | InferInput<S[K]['codec']>
    | undefined
} & {
  /** Tagged fields to write besides those of the schema; flexible versions only. */
  readonly unknownTaggedFields?: readonly UnknownTaggedField[] | undefined
}

/** Fields in order, then tagged fields in flexible versions. */
export interface Struct<S extends Shape> extends NullCapable<StructValue<S>, StructInput<S>> {
  readonly kind: 'struct'
  readonly shape: S
}

/** Declares a struct. Versions of its fields are versions of the message around it. */
// @__NO_SIDE_EFFECTS__
export function struct<const S extends Shape>(shape: S): Struct<S> {
  const fields: readonly (readonly [string, Field])[] = Object.entries(shape)
  const Value = plainConstructor()
  const absentValue = compileAbsent(fields, Value)
  const codec: Struct<S> = {
    kind: 'struct',
    shape,
    compile: (context) =>
      compileStruct(fields, context, Value) as Plan<StructValue<S>, StructInput<S>>,
    compileNullable: (context) => compileNullable(codec.compile(context), context),
    zero: () => absentValue() as StructValue<S>,
    isZero: (value) =>
      typeof value === 'object' &&
      value !== null &&
      fields.every(([name, { isAbsent }]) => {
        const own = (value as Fields)[name]
        return own === undefined || isAbsent(own)
      }) &&
      unknownFields(value as Fields).length === 0,
  }
  return codec
}

/**
 * A nullable struct has a marker before it (KIP-893): an int8, or 0 or 1 as a uvarint where it is a
 * tagged field.
 */
function compileNullable<Value, Input>(
  plan: Plan<Value, Input>,
  { tagged }: Context,
): Plan<Value | null, Input | null> {
  return {
    read(reader) {
      const present = tagged ? reader.uvarint() !== 0 : reader.int8() >= 0
      return present ? plan.read(reader) : null
    },
    write(writer, value) {
      if (tagged) writer.uvarint(value === null ? 0 : 1)
      else writer.int8(value === null ? -1 : 1)
      if (value !== null) plan.write(writer, value)
    },
    minBytes: 1,
  }
}

/** The fields of a struct at one version, sorted by what is to be done with them. */
interface Layout {
  readonly inline: ReadonlyMap<string, Plan>
  readonly tagged: readonly TaggedPlan[]
  /** Fields that this version lacks. */
  readonly lacking: readonly (readonly [string, Field])[]
}

function layOut(all: readonly (readonly [string, Field])[], context: Context): Layout {
  const { version, flexible } = context
  const present = all.filter(([, { range }]) => includesVersion(range, version))
  const inline = present.filter(([, { tag }]) => tag === undefined)
  const tagged = present.flatMap(([name, { tag, codec, isAbsent }]) =>
    tag === undefined
      ? []
      : [{ tag, name, isAbsent, plan: codec.compile({ version, flexible, tagged: true }) }],
  )
  return {
    inline: new Map(
      inline.map(([name, { codec }]) => [name, codec.compile({ version, flexible })]),
    ),
    tagged,
    lacking: all.filter(([, { range }]) => !includesVersion(range, version)),
  }
}

function compileStruct(
  all: readonly (readonly [string, Field])[],
  context: Context,
  Value: new () => Fields,
): Plan<Fields> {
  const layout = layOut(all, context)
  let minBytes = context.flexible ? 1 : 0
  for (const plan of layout.inline.values()) minBytes += plan.minBytes
  return {
    read: compileRead(all, layout, context.flexible, Value),
    write: compileWrite(all, layout, context),
    minBytes,
  }
}

/**
 * Reads every field of the shape in its order, one that the version lacks by its default, so that
 * all versions of a struct give objects of one hidden class. Defaults that are objects are made
 * anew each time: messages never share them.
 */
function compileRead(
  all: readonly (readonly [string, Field])[],
  { inline, tagged }: Layout,
  flexible: boolean,
  Value: new () => Fields,
): Plan<Fields>['read'] {
  const names = all.map(([name]) => name)
  const reads = all.map(([name, { absent }]): Plan['read'] => inline.get(name)?.read ?? absent)
  return (reader: Reader) => {
    const value = new Value()
    let index = 0
    try {
      for (; index < reads.length; index++) {
        value[names[index] as string] = (reads[index] as Plan['read'])(reader)
      }
    } catch (error) {
      throw stepOut(error, names[index] as string)
    }
    if (flexible) readTagged(reader, value, tagged)
    return value
  }
}

/** Makes structs of defaults. */
function compileAbsent(
  all: readonly (readonly [string, Field])[],
  Value: new () => Fields,
): () => Fields {
  const names = all.map(([name]) => name)
  const makers = all.map(([, { absent }]) => absent)
  return () => {
    const value = new Value()
    for (let index = 0; index < names.length; index++) {
      value[names[index] as string] = (makers[index] as () => unknown)()
    }
    return value
  }
}

/**
 * A constructor of plain objects. One per struct lets V8 give its objects room for exactly their
 * fields; copying a template object costs less while few schemas are in use and twice as much once
 * many are, because all copies share one inline cache.
 */
function plainConstructor(): new () => Fields {
  function Value(): void {}
  Value.prototype = Object.prototype
  const made: object = Value
  return made as new () => Fields
}

function compileWrite(
  all: readonly (readonly [string, Field])[],
  { inline, tagged, lacking }: Layout,
  { version, flexible }: Context,
): Plan<Fields>['write'] {
  const steps = all.flatMap(([name, field]) => {
    const plan = inline.get(name)
    return plan === undefined ? [] : [{ name, field, write: plan.write }]
  })
  const mustBeAbsent = lacking.flatMap(([name, { ignorable, isAbsent }]) =>
    ignorable ? [] : [{ name, isAbsent }],
  )
  return (writer: Writer, value: Fields) => {
    if (typeof value !== 'object' || value === null) throw expected('an object', value)
    for (const { name, isAbsent } of mustBeAbsent) {
      const own = value[name]
      if (own !== undefined && !isAbsent(own)) throw stepOut(unsupported(version), name)
    }
    let current = ''
    try {
      for (const { name, field, write } of steps) {
        current = name
        const own = value[name]
        write(writer, own === undefined ? substitute(field) : own)
      }
    } catch (error) {
      throw stepOut(error, current)
    }
    if (flexible) writeTagged(writer, value, tagged)
    else if (value.unknownTaggedFields !== undefined && unknownFields(value).length > 0) {
      throw stepOut(unsupported(version), 'unknownTaggedFields')
    }
  }
}

function substitute({ required, absent }: Field): unknown {
  if (required) throw new WireError({ message: 'required field is missing' })
  return absent()
}

function unsupported(version: number): WireError {
  return new WireError({
    message: `version ${version} has no such field, so it must be left out or hold its default`,
  })
}
