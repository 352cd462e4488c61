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
  const codec: Struct<S> = {
    kind: 'struct',
    shape,
    compile: (context) => compileStruct(fields, context) as Plan<StructValue<S>, StructInput<S>>,
    compileNullable: (context) => compileNullable(codec.compile(context), context),
    zero: () => absentValues(fields) as StructValue<S>,
    isZero: (value) =>
      fields.every(([name, { isAbsent }]) => {
        const own = (value as Fields)[name]
        return own === undefined || isAbsent(own)
      }) && unknownFields(value as Fields).length === 0,
  }
  return codec
}

function absentValues(fields: readonly (readonly [string, Field])[]): Fields {
  return Object.fromEntries(fields.map(([name, { absent }]) => [name, absent()]))
}

/** A nullable struct has a marker before it (KIP-893): an int8, or 0 or 1 as a uvarint where it is a tagged field. */
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
  readonly names: readonly string[]
  readonly plans: readonly Plan[]
  readonly fields: readonly Field[]
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
    names: inline.map(([name]) => name),
    plans: inline.map(([, { codec }]) => codec.compile({ version, flexible })),
    fields: inline.map(([, one]) => one),
    tagged,
    lacking: all.filter(([, { range }]) => !includesVersion(range, version)),
  }
}

function compileStruct(all: readonly (readonly [string, Field])[], context: Context): Plan<Fields> {
  const layout = layOut(all, context)
  const minBytes = layout.plans.reduce((sum, plan) => sum + plan.minBytes, 0)
  return {
    read: compileRead(all, layout, context.flexible),
    write: compileWrite(layout, context),
    minBytes: minBytes + (context.flexible ? 1 : 0),
  }
}

/** Reading starts from a copy of the defaults, so that objects have one hidden class in all versions. */
function compileRead(
  all: readonly (readonly [string, Field])[],
  { names, plans, tagged }: Layout,
  flexible: boolean,
): Plan<Fields>['read'] {
  const template = absentValues(all)
  const reads = plans.map((plan) => plan.read)
  const fresh = all.filter(
    ([name, { absent }]) =>
      !names.includes(name) && typeof absent() === 'object' && absent() !== null,
  )
  return (reader: Reader) => {
    const value: Fields = { ...template }
    let index = 0
    try {
      for (; index < reads.length; index++) {
        value[names[index] as string] = (reads[index] as Plan['read'])(reader)
      }
    } catch (error) {
      throw stepOut(error, names[index] as string)
    }
    for (const [name, { absent }] of fresh) value[name] = absent()
    if (flexible) readTagged(reader, value, tagged)
    return value
  }
}

function compileWrite(
  { names, plans, fields, tagged, lacking }: Layout,
  { version, flexible }: Context,
): Plan<Fields>['write'] {
  const writes = plans.map((plan) => plan.write)
  const mustBeAbsent = lacking.filter(([, { ignorable }]) => !ignorable)
  return (writer: Writer, value: Fields) => {
    if (typeof value !== 'object' || value === null) throw expected('an object', value)
    for (const [name, { isAbsent }] of mustBeAbsent) {
      const own = value[name]
      if (own !== undefined && !isAbsent(own)) throw stepOut(unsupported(version), name)
    }
    let index = 0
    try {
      for (; index < writes.length; index++) {
        let own = value[names[index] as string]
        if (own === undefined) own = substitute(fields[index] as Field)
        ;(writes[index] as Plan['write'])(writer, own)
      }
    } catch (error) {
      throw stepOut(error, names[index] as string)
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
