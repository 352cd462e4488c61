import type { Reader } from '../bytes/reader.js'
import { expected, type Writer } from '../bytes/writer.js'
import type { Codec, Context, Infer, InferInput, Plan } from './codec.js'
import { nullOnRead, nullOnWrite } from './nullability.js'
import { stepOut } from './path.js'
import { int32 } from './scalars.js'
import type { NullCapable } from './variable.js'

/** A list; its elements are never null. */
export interface ArrayOf<C extends Codec>
  extends NullCapable<Infer<C>[], readonly InferInput<C>[]> {
  readonly kind: 'array'
  readonly element: C
}

/**
 * A list of `element`. A count that the remaining bytes cannot hold is refused before any element
 * is read.
 */
// @__NO_SIDE_EFFECTS__
export function array<C extends Codec>(element: C): ArrayOf<C> {
  const child = element as Codec<Infer<C>, InferInput<C>>
  return {
    kind: 'array',
    element,
    compile: (context) => compileArray(child, context, false) as Plan<Infer<C>[]>,
    compileNullable: (context) => compileArray(child, context, true),
    zero: () => [],
    isZero: (value) => Array.isArray(value) && value.length === 0,
  }
}

function compileArray<Value, Input>(
  element: Codec<Value, Input>,
  { version, flexible }: Context,
  nullable: boolean,
): Plan<Value[] | null, readonly Input[] | null> {
  const plan = element.compile({ version, flexible })
  const readAll = elementsReader(element, plan)
  const writeAll = elementsWriter(element, plan)
  return {
    read(reader: Reader): Value[] | null {
      const at = reader.offset
      const count = flexible ? reader.compactCount() : reader.count()
      if (count < 0) return nullOnRead(nullable, at)
      reader.checkCount(count, plan.minBytes)
      return readAll(reader, count)
    },
    write(writer: Writer, values: readonly Input[] | null): void {
      if (values === null) {
        nullOnWrite(nullable)
        if (flexible) writer.uvarint(0)
        else writer.int32(-1)
        return
      }
      if (!Array.isArray(values)) throw expected('an array', values)
      if (flexible) writer.uvarint(values.length + 1)
      else writer.int32(values.length)
      writeAll(writer, values)
    },
    minBytes: flexible ? 1 : 4,
  }
}

function elementsReader<Value, Input>(
  element: Codec<Value, Input>,
  { read }: Plan<Value, Input>,
): (reader: Reader, count: number) => Value[] {
  if (isInt32(element)) return (reader, count) => reader.int32s(count) as Value[]
  return (reader, count) => {
    const values = new Array<Value>(count)
    let index = 0
    try {
      for (; index < count; index++) values[index] = read(reader)
    } catch (error) {
      throw stepOut(error, index)
    }
    return values
  }
}

function elementsWriter<Value, Input>(
  element: Codec<Value, Input>,
  { write }: Plan<Value, Input>,
): (writer: Writer, values: readonly Input[]) => void {
  if (isInt32(element)) {
    return (writer, values) => {
      try {
        writer.int32s(values as readonly number[])
      } catch (error) {
        throw stepOut(
          error,
          values.findIndex((value) => typeof value !== 'number' || (value | 0) !== value),
        )
      }
    }
  }
  return (writer, values) => {
    let index = 0
    try {
      for (; index < values.length; index++) write(writer, values[index] as Input)
    } catch (error) {
      throw stepOut(error, index)
    }
  }
}

/**
 * Lists of int32 (nodes, partitions) are most of a metadata response and skip the call per element.
 */
function isInt32(element: Codec): boolean {
  return element === (int32 as Codec)
}
