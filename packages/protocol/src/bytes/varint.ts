/** Bytes that an unsigned varint of `value` (0 to 2^32-1) takes: 7 bits a byte. */
export function uvarintSize(value: number): number {
  if (value < 0x80) return 1
  if (value < 0x4000) return 2
  if (value < 0x200000) return 3
  return value < 0x10000000 ? 4 : 5
}

/**
 * Zigzag: small magnitudes become small unsigned numbers (0, -1, 1, -2 → 0, 1, 2, 3), so that they
 * stay short as varints.
 */
export function zigzag(value: number): number {
  return ((value << 1) ^ (value >> 31)) >>> 0
}

/** The inverse of {@link zigzag}: an unsigned 32-bit number back to a signed one. */
export function unzigzag(value: number): number {
  return (value >>> 1) ^ -(value & 1)
}
