import { scanBatches } from './batch-scan.js'
import {
  cleanedSuffix,
  filePath,
  logSuffix,
  offsetOfFile,
  segmentSuffixes,
  swapSuffix,
} from './file-names.js'
import type { Storage } from './storage/storage.js'

/**
 * Finishes what compaction was about when the process stopped, as Kafka does. Files named `.cleaned` are half-written: they
 * and any `.swap` at or above the first of them (segments of one replacement that was not whole yet) go, and the
 * segments they were made from are still there. A `.swap` that remains is whole: it replaces the segments in its range.
 *
 * @returns the names that are there afterwards.
 */
export function completeSwaps(storage: Storage, directory: string): string[] {
  const names = storage.list(directory)
  if (!names.some((name) => name.endsWith(swapSuffix))) return names
  const firstCleaned = Math.min(...offsetsOf(names, logSuffix + cleanedSuffix))
  const remove = (offset: number, suffix = ''): void => {
    for (const own of segmentSuffixes) storage.remove(filePath(directory, offset, own + suffix))
  }
  const swaps = offsetsOf(names, logSuffix + swapSuffix)
  for (const offset of swaps.filter((each) => each >= firstCleaned)) remove(offset, swapSuffix)
  const whole = swaps.filter((each) => each < firstCleaned)
  for (const offset of whole) {
    const end = endOf(storage, filePath(directory, offset, logSuffix + swapSuffix), offset)
    for (const old of offsetsOf(names, logSuffix)) {
      if (old > offset && old < end) remove(old)
    }
  }
  for (const offset of whole) {
    for (const own of [...segmentSuffixes].reverse()) {
      const path = filePath(directory, offset, own)
      if (storage.exists(path + swapSuffix)) storage.rename(path + swapSuffix, path)
      // An index of the segment that is replaced says nothing about this one.
      else storage.remove(path)
    }
  }
  // An index without its log.
  for (const name of storage.list(directory)) {
    if (name.endsWith(swapSuffix)) storage.remove(`${directory}/${name}`)
  }
  return storage.list(directory)
}

const offsetsOf = (names: readonly string[], suffix: string): number[] =>
  names.flatMap((name) => offsetOfFile(name, suffix) ?? [])

/** The offset after the last batch of a segment file. */
function endOf(storage: Storage, path: string, baseOffset: number): number {
  const file = storage.openFile(path)
  let end = baseOffset
  scanBatches(file, 0, file.size, { whole: false }, ({ header }) => {
    end = header.lastOffset + 1
    return true
  })
  file.close()
  return end
}
