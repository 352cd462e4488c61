const twoTo32 = 0x1_0000_0000

/** A signed int16. */
export const readInt16 = (bytes: Uint8Array, at: number): number =>
  (((bytes[at] as number) << 24) | ((bytes[at + 1] as number) << 16)) >> 16

/** A signed int32. */
export const readInt32 = (bytes: Uint8Array, at: number): number =>
  ((bytes[at] as number) << 24) |
  ((bytes[at + 1] as number) << 16) |
  ((bytes[at + 2] as number) << 8) |
  (bytes[at + 3] as number)

/** A signed int64 as a number: exact up to 2^53. */
export const readInt64 = (bytes: Uint8Array, at: number): number =>
  readInt32(bytes, at) * twoTo32 + (readInt32(bytes, at + 4) >>> 0)

/** Writes an int16. */
export const writeInt16 = (bytes: Uint8Array, at: number, value: number): void => {
  bytes[at] = value >>> 8
  bytes[at + 1] = value
}

/** Writes an int32. */
export const writeInt32 = (bytes: Uint8Array, at: number, value: number): void => {
  bytes[at] = value >>> 24
  bytes[at + 1] = value >>> 16
  bytes[at + 2] = value >>> 8
  bytes[at + 3] = value
}

/** Writes an integer (exact up to 2^53) as int64. */
export const writeInt64 = (bytes: Uint8Array, at: number, value: number): void => {
  const high = Math.floor(value / twoTo32)
  writeInt32(bytes, at, high)
  writeInt32(bytes, at + 4, value - high * twoTo32)
}
