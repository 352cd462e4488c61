import { createRequire } from 'node:module'

/** Below this many bytes the table is quicker than a call into native code. */
const nativeFromBytes = 256

type NativeCrc = (bytes: Uint8Array, initial?: number) => number

const require = createRequire(import.meta.url)

/** undefined: not tried yet; null: the binary is missing (npm --omit=optional, an unusual platform). */
let native: NativeCrc | null | undefined

const loadNative = (): NativeCrc | null => {
  try {
    return (require('@node-rs/crc32') as { crc32c: NativeCrc }).crc32c
  } catch {
    return null
  }
}

/**
 * CRC-32C (Castagnoli) of `bytes[start, end)` as an unsigned number, the checksum of record batches. `previous` is the
 * checksum of the bytes before, to go on from. Uses `@node-rs/crc32` where its binary is installed, tables otherwise.
 */
export const crc32c = (
  bytes: Uint8Array,
  start = 0,
  end: number = bytes.length,
  previous = 0,
): number => {
  if (end - start < nativeFromBytes) return crc32cTables(bytes, start, end, previous)
  if (native === undefined) native = loadNative()
  if (native === null) return crc32cTables(bytes, start, end, previous)
  const whole = start === 0 && end === bytes.length
  return native(whole ? bytes : bytes.subarray(start, end), previous)
}

/** Eight tables of 256: table k holds the effect of a byte that has k more bytes behind it. */
let tables: Int32Array | undefined

const makeTables = (): Int32Array => {
  const made = new Int32Array(8 * 256)
  for (let byte = 0; byte < 256; byte++) {
    let crc = byte
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1
    made[byte] = crc
  }
  for (let at = 256; at < made.length; at++) {
    const before = made[at - 256] as number
    made[at] = (before >>> 8) ^ (made[before & 0xff] as number)
  }
  return made
}

/** The same in plain JavaScript, eight bytes a step (slicing-by-8). Exported for the test that compares the two. */
export const crc32cTables = (
  bytes: Uint8Array,
  start: number,
  end: number,
  previous: number,
): number => {
  tables ??= makeTables()
  const t = tables
  let crc = ~previous
  let at = start
  for (const last = end - 8; at <= last; at += 8) {
    const low =
      crc ^
      ((bytes[at] as number) |
        ((bytes[at + 1] as number) << 8) |
        ((bytes[at + 2] as number) << 16) |
        ((bytes[at + 3] as number) << 24))
    crc =
      (t[1792 + (low & 0xff)] as number) ^
      (t[1536 + ((low >>> 8) & 0xff)] as number) ^
      (t[1280 + ((low >>> 16) & 0xff)] as number) ^
      (t[1024 + (low >>> 24)] as number) ^
      (t[768 + (bytes[at + 4] as number)] as number) ^
      (t[512 + (bytes[at + 5] as number)] as number) ^
      (t[256 + (bytes[at + 6] as number)] as number) ^
      (t[bytes[at + 7] as number] as number)
  }
  for (; at < end; at++) {
    crc = (crc >>> 8) ^ (t[(crc ^ (bytes[at] as number)) & 0xff] as number)
  }
  return ~crc >>> 0
}
