/** The batches of a segment. Files are named by base offset in twenty digits and one of these suffixes. */
export const logSuffix = '.log'

/** From offsets to positions. */
export const offsetIndexSuffix = '.index'

/** From timestamps to offsets. */
export const timeIndexSuffix = '.timeindex'

/** Aborted transactions of a segment. */
export const transactionIndexSuffix = '.txnindex'

/** All files of a segment. The log comes first: indexes without a log are leftovers, a log without indexes gets new ones. */
export const segmentSuffixes: readonly string[] = [
  logSuffix,
  offsetIndexSuffix,
  timeIndexSuffix,
  transactionIndexSuffix,
]

/** Behind the name of a file that is removed when its delay is over. */
export const deletedSuffix = '.deleted'

/** Behind the name of a file that compaction is still writing. */
export const cleanedSuffix = '.cleaned'

/** Behind the name of a file that is whole and about to replace others. */
export const swapSuffix = '.swap'

/** Producers at an offset. */
export const snapshotSuffix = '.snapshot'

/** Name of a file in a partition's directory. */
export const fileName = (offset: number, suffix: string): string =>
  `${String(offset).padStart(20, '0')}${suffix}`

/** Path of a file in a partition's directory. */
export const filePath = (directory: string, offset: number, suffix: string): string =>
  `${directory}/${fileName(offset, suffix)}`

/** The offset in a file name such as `00000000000000000042.log`; undefined if the name is no such. */
export function offsetOfFile(name: string, suffix: string): number | undefined {
  if (name.length !== 20 + suffix.length || !name.endsWith(suffix)) return undefined
  const digits = name.slice(0, 20)
  return /^\d{20}$/.test(digits) ? Number(digits) : undefined
}
