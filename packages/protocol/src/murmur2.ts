import { InvalidArgumentError } from './errors.js'

const multiplier = 0x5bd1e995
const seed = 0x9747b28c

/** Strings up to this many characters are encoded into one shared piece of memory to be hashed. */
const scratchCharacters = 1024
const scratch = Buffer.allocUnsafeSlow(scratchCharacters * 3)

/**
 * murmur2 as Kafka's Java client computes it: a signed 32-bit number. Strings are hashed as UTF-8.
 */
export const murmur2 = (key: Uint8Array | string): number => {
  if (typeof key !== 'string') return hash(key, key.length)
  if (key.length > scratchCharacters) return murmur2(Buffer.from(key))
  return hash(scratch, scratch.write(key))
}

const hash = (bytes: Uint8Array, length: number): number => {
  let h = seed ^ length
  const tail = length & ~3
  for (let at = 0; at < tail; at += 4) {
    let k =
      (bytes[at] as number) |
      ((bytes[at + 1] as number) << 8) |
      ((bytes[at + 2] as number) << 16) |
      ((bytes[at + 3] as number) << 24)
    k = Math.imul(k, multiplier)
    k = Math.imul(k ^ (k >>> 24), multiplier)
    h = Math.imul(h, multiplier) ^ k
  }
  const rest = length - tail
  if (rest > 0) {
    if (rest > 2) h ^= (bytes[tail + 2] as number) << 16
    if (rest > 1) h ^= (bytes[tail + 1] as number) << 8
    h = Math.imul(h ^ (bytes[tail] as number), multiplier)
  }
  h = Math.imul(h ^ (h >>> 13), multiplier)
  return h ^ (h >>> 15)
}

/**
 * The partition Kafka's Java client puts a key into: murmur2 without its sign, modulo the number of all partitions, available or
 * not. Throws InvalidArgumentError unless `partitionCount` is a positive whole number.
 */
export const partitionForKey = (key: Uint8Array | string, partitionCount: number): number => {
  if (!Number.isInteger(partitionCount) || partitionCount < 1) {
    throw new InvalidArgumentError(`partitionCount must be 1 or more, not ${partitionCount}`)
  }
  return (murmur2(key) & 0x7fff_ffff) % partitionCount
}
