import type { Storage } from '../platform.js'

/** The cluster's metadata as it was at an offset of its log (KIP-630): a file of record batches. */
export interface MetadataSnapshot {
  /** The records of the log below this are in it. */
  readonly endOffset: number
  readonly epoch: number
  readonly bytes: Uint8Array
}

/** End offset in twenty digits, epoch in ten. While Kafka writes one, it has another suffix. */
const snapshotName = /^(\d{20})-(\d{10})\.checkpoint$/

/** The newest snapshot in the directory of a metadata log; undefined if there is none. */
export const readNewestSnapshot = (
  storage: Storage,
  directory: string,
): MetadataSnapshot | undefined => {
  const names = storage.list(directory).filter((name) => snapshotName.test(name))
  const newest = names.sort().at(-1)
  const [, endOffset, epoch] = newest?.match(snapshotName) ?? []
  if (newest === undefined) return undefined
  const bytes = storage.readAll(`${directory}/${newest}`)
  return { endOffset: Number(endOffset), epoch: Number(epoch), bytes }
}
