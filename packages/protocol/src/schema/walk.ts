import type { ArrayOf } from './array.js'
import type { Codec } from './codec.js'
import type { NotCompact, Nullable } from './nullable.js'
import type { ScalarKind } from './scalars.js'
import type { Shape, Struct } from './struct.js'
import type { BytesCodec, NullCapable, RecordsCodec, StringCodec } from './variable.js'

/**
 * Every kind of codec, for tools that walk a schema: `switch (anyCodec(field.codec).kind)` narrows
 * to its parts.
 */
export type AnyCodec =
  | (Codec & { readonly kind: ScalarKind })
  | StringCodec
  | BytesCodec
  | RecordsCodec
  | ArrayOf<Codec>
  | Nullable<NullCapable<unknown>>
  | NotCompact<Codec>
  | Struct<Shape>

/** A codec as the union of all kinds; schemas are made of nothing else. */
export function anyCodec(codec: Codec): AnyCodec {
  return codec as AnyCodec
}
