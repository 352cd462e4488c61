import { cannotSerialize, type SyncSerde } from './serde.js'

/** Bytes as they are. */
export const bytes: SyncSerde<Uint8Array> = {
  serialize(data, context) {
    if (data instanceof Uint8Array) return data
    throw cannotSerialize(`it must be a Uint8Array, not ${typeof data}`, context)
  },
  deserialize: (data) => data,
}
