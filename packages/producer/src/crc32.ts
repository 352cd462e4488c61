/** Remainders of every byte by the reflected polynomial of CRC-32 (IEEE 802.3). */
const table: Uint32Array = Uint32Array.from({ length: 256 }, (_, byte) => {
  let remainder = byte
  for (let bit = 0; bit < 8; bit++) {
    remainder = remainder & 1 ? (remainder >>> 1) ^ 0xedb88320 : remainder >>> 1
  }
  return remainder
})

/** CRC-32 as an unsigned number; strings count as UTF-8. For keys, which are short. */
export const crc32 = (data: string | Uint8Array): number => {
  const bytes = typeof data === 'string' ? Buffer.from(data) : data
  let crc = -1
  for (let at = 0; at < bytes.length; at++) {
    crc = (table[(crc ^ (bytes[at] as number)) & 0xff] as number) ^ (crc >>> 8)
  }
  return ~crc >>> 0
}
