import type { Reader } from '../bytes/reader.js'
import type { Writer } from '../bytes/writer.js'
import { expected } from '../bytes/writer.js'
import type { Codec, Context, Infer, InferInput, Plan } from './codec.js'
import { stepOut } from './path.js'
import { type NullCapable, refuseNull } from './variable.js'

/** A list; its elements are never null. */
export interface ArrayOf<C extends Codec>
  extends NullCapable<Infer<C>[], readonly InferInput<C>[]> {
  readonly kind: 'array'
  readonly element: C
}

/** A list of `element`. A count that the remaining bytes cannot hold is refused before any element is read. */
// @__NO_SIDE_EFFECTS__
export function array<C extends Codec>(element: C): ArrayOf<C> {
  const child = element as Codec<Infer<C>, InferInput<C>>
  const codec: ArrayOf<C> = {
    kind: 'array',
    element,
    compile: (context) => refuseNull(codec.compileNullable(context)),
    compileNullable: (context) => compileArray(child, context),
    zero: () => [],
    isZero: (value) => value.length === 0,
  }
  return codec
}

function compileArray<Value, Input>(
  element: Codec<Value, Input>,
  { version, flexible }: Context,
): Plan<Value[] | null, readonly Input[] | null> {
  const { read, write, minBytes } = element.compile({ version, flexible })
  return {
    read(reader: Reader): Value[] | null {
      const count = flexible ? reader.compactCount() : reader.count()
      if (count < 0) return null
      reader.checkCount(count, minBytes)
      const values: Value[] = []
      try {
        while (values.length < count) values.push(read(reader))
      } catch (error) {
        throw stepOut(error, values.length)
      }
      return values
    },
    write(writer: Writer, values: readonly Input[] | null): void {
      if (values !== null && !Array.isArray(values)) throw expected('an array', values)
      const count = values === null ? -1 : values.length
      if (flexible) writer.uvarint(count + 1)
      else writer.int32(count)
      let index = 0
      try {
        for (; index < count; index++) write(writer, values?.[index] as Input)
      } catch (error) {
        throw stepOut(error, index)
      }
    },
    minBytes: flexible ? 1 : 4,
  }
}
