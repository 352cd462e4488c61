/**
 * Partition of `__consumer_offsets` (or of `__transaction_state`) that belongs to a group: Java's `abs(hashCode) % count`.
 *
 * @param partitionCount Number of partitions of the internal topic, at least 1.
 */
export function partitionForGroup(groupId: string, partitionCount: number): number {
  return (javaHashCode(groupId) & 0x7fff_ffff) % partitionCount
}

/** Java's `String.hashCode`: over UTF-16 code units, in 32-bit arithmetic. */
export function javaHashCode(text: string): number {
  let hash = 0
  for (let at = 0; at < text.length; at++) hash = (Math.imul(hash, 31) + text.charCodeAt(at)) | 0
  return hash
}
