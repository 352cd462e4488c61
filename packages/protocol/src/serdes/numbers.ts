import { assertLength, cannotSerialize, type SyncSerde } from './serde.js'

const viewOf = (bytes: Uint8Array): DataView =>
  new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)

/** Numbers in four bytes, big-endian, as Kafka's IntegerSerializer. */
export const int32: SyncSerde<number> = {
  serialize(data, context) {
    if (!Number.isInteger(data) || data !== (data | 0)) {
      throw cannotSerialize(`${data} is no 32-bit integer`, context)
    }
    const bytes = new Uint8Array(4)
    viewOf(bytes).setInt32(0, data)
    return bytes
  },
  deserialize(bytes, context) {
    assertLength(bytes, 4, context)
    return viewOf(bytes).getInt32(0)
  },
}

/** Bigints in eight bytes, big-endian, as Kafka's LongSerializer. */
export const int64: SyncSerde<bigint> = {
  serialize(data, context) {
    if (typeof data !== 'bigint' || BigInt.asIntN(64, data) !== data) {
      throw cannotSerialize(`${data} is no bigint of 64 bits`, context)
    }
    const bytes = new Uint8Array(8)
    viewOf(bytes).setBigInt64(0, data)
    return bytes
  },
  deserialize(bytes, context) {
    assertLength(bytes, 8, context)
    return viewOf(bytes).getBigInt64(0)
  },
}

/** Numbers in the eight bytes of IEEE 754, big-endian, as Kafka's DoubleSerializer. */
export const float64: SyncSerde<number> = {
  serialize(data, context) {
    if (typeof data !== 'number') throw cannotSerialize(`${String(data)} is no number`, context)
    const bytes = new Uint8Array(8)
    viewOf(bytes).setFloat64(0, data)
    return bytes
  },
  deserialize(bytes, context) {
    assertLength(bytes, 8, context)
    return viewOf(bytes).getFloat64(0)
  },
}
