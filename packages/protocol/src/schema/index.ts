export { type Api, api, type HeaderVersions } from './api.js'
export { type ArrayOf, array } from './array.js'
export type { Codec, Context, Infer, InferInput, Plan } from './codec.js'
export { type Field, type FieldOptions, field, type IsRequired } from './field.js'
export {
  type Message,
  type MessageCodec,
  type MessageKind,
  type MessageOptions,
  type MessageType,
  message,
} from './message.js'
export { type NotCompact, type Nullable, notCompact, nullable } from './nullable.js'
export {
  bool,
  float64,
  int8,
  int16,
  int32,
  int64,
  type Scalar,
  type ScalarKind,
  uint16,
  uint32,
  uuid,
} from './scalars.js'
export { type Shape, type Struct, type StructInput, type StructValue, struct } from './struct.js'
export type { UnknownTaggedField } from './tagged.js'
export {
  type BytesCodec,
  bytes,
  type NullCapable,
  type RecordsCodec,
  records,
  type StringCodec,
  string,
} from './variable.js'
export { includesVersion, parseVersions, type VersionRange, type Versions } from './versions.js'
export { type AnyCodec, anyCodec } from './walk.js'
