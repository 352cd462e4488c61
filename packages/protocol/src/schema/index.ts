export { type Api, api, type HeaderVersions } from './api.js'
export { array } from './array.js'
export type { Codec, Infer, InferInput } from './codec.js'
export { field } from './field.js'
export {
  type Message,
  type MessageCodec,
  type MessageKind,
  type MessageType,
  message,
} from './message.js'
export { notCompact, nullable } from './nullable.js'
export { bool, float64, int8, int16, int32, int64, uint16, uuid } from './scalars.js'
export { type Shape, struct } from './struct.js'
export type { UnknownTaggedField } from './tagged.js'
export { bytes, records, string } from './variable.js'
export { includesVersion, parseVersions, type Versions } from './versions.js'
export { anyCodec } from './walk.js'
