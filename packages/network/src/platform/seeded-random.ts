import type { Random } from './random.js'

/**
 * Randomness that repeats: the same seed gives the same numbers, bytes and uuids on every platform. Not for secrets.
 */
export const seededRandom = (seed: number): Random => {
  let state = seed | 0
  // Weyl sequence with a murmur-like finalizer: 32 good bits a step are plenty for simulations.
  const next32 = (): number => {
    state = (state + 0x9e3779b9) | 0
    let mixed = state ^ (state >>> 16)
    mixed = Math.imul(mixed, 0x21f0aaad)
    mixed ^= mixed >>> 15
    mixed = Math.imul(mixed, 0x735a2d97)
    return (mixed ^ (mixed >>> 15)) >>> 0
  }
  const bytes = (count: number): Uint8Array => {
    const result = new Uint8Array(count)
    for (let i = 0; i < count; i++) result[i] = next32() >>> 24
    return result
  }
  return {
    next: () => next32() / 2 ** 32,
    bytes,
    uuid: () => formatUuid(bytes(16)),
  }
}

/** Sets version 4 and variant bits and writes the 36 characters. */
const formatUuid = (bytes: Uint8Array): string => {
  bytes[6] = ((bytes[6] as number) & 0x0f) | 0x40
  bytes[8] = ((bytes[8] as number) & 0x3f) | 0x80
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}
