import { decodeRecords } from '@ottla/protocol'
import { type BatchHeader, isControl, isTransactional, parseBatchHeader } from '../batch-header.js'
import { type ScannedBatch, scanBatches } from '../batch-scan.js'
import { cleanedSuffix, swapSuffix } from '../file-names.js'
import type { LogCore } from '../log-core.js'
import { doom } from '../retention.js'
import { Segment } from '../segment.js'
import { type Cleanable, type CleanablePlace, findCleanable } from './cleanable.js'
import { type FilterRules, filterBatch } from './filter-batch.js'
import { KeyOffsets } from './key-offsets.js'

/** How to compact. */
export interface CompactOptions extends CleanablePlace {
  /** Memory for the keys; what does not fit is left for the next time. */
  readonly maxKeyBytes: number
  /** Gives others a turn; called every {@link turnBytes}. */
  pause(): Promise<void>
}

/** What compacting did. */
export interface Compaction {
  /** Everything below was looked at: for `cleaner-offset-checkpoint`. */
  readonly cleanedTo: number
  readonly bytesBefore: number
  readonly bytesAfter: number
}

/** Bytes handled between two pauses: a few milliseconds. */
const turnBytes = 1 << 20

/** Offsets and positions in a segment are relative int32. */
const largestRelative = 0x7fff_ffff

/**
 * Keeps the newest record of each key. New segments are written beside the old ones (`.cleaned`), brought to the device,
 * renamed (`.swap`) and put in their place; a stop at any moment leaves either the old or the new for the next start.
 *
 * @returns undefined if there was nothing to do, or if truncation, retention or the end got in the way: then the log is as
 * it was.
 */
export async function compactLog(
  core: LogCore,
  options: CompactOptions,
): Promise<Compaction | undefined> {
  const cleanable = findCleanable(core, options)
  if (cleanable.firstUncleanableOffset <= cleanable.firstDirtyOffset) return undefined
  const { revision } = core
  const pacer = new Pacer(options, () => core.revision === revision && !core.isClosed)
  const newest = new KeyOffsets(options.maxKeyBytes)
  const mappedTo = await mapKeys(core, cleanable, newest, pacer)
  if (mappedTo === undefined || mappedTo <= cleanable.firstDirtyOffset) return undefined
  const last = lastOffsets(core)
  const rules: FilterRules = {
    newest,
    mappedTo,
    nowMs: options.nowMs,
    deleteRetentionMs: core.config.deleteRetentionMs,
    isKeptEmpty: ({ producerId, lastOffset }) =>
      lastOffset + 1 === options.highWatermark ||
      (producerId >= 0 && last.get(producerId) === lastOffset),
  }
  const sources = core.segments.slice(0, -1).filter(({ baseOffset }) => baseOffset < mappedTo)
  let bytesBefore = 0
  let bytesAfter = 0
  for (const group of groupSegments(sources, core)) {
    const cleaned = await writeCleaned(core, group, rules, pacer)
    if (cleaned === undefined) return undefined
    for (const { sizeInBytes } of group) bytesBefore += sizeInBytes
    replaceSegments(core, group, cleaned, options.nowMs)
    bytesAfter +=
      core.segments.find(({ baseOffset }) => baseOffset === cleaned.baseOffset)?.sizeInBytes ?? 0
  }
  return { cleanedTo: mappedTo, bytesBefore, bytesAfter }
}

/** Interrupts long work, and tells whether it still makes sense afterwards. */
class Pacer {
  private readonly options: CompactOptions
  private readonly isValid: () => boolean
  private bytes = 0

  constructor(options: CompactOptions, isValid: () => boolean) {
    this.options = options
    this.isValid = isValid
  }

  /** True if it was interrupted and has become pointless. */
  async isOver(bytes: number): Promise<boolean> {
    this.bytes += bytes
    if (this.bytes < turnBytes) return false
    this.bytes = 0
    await this.options.pause()
    return !this.isValid()
  }

  /** The same after waiting for something else. */
  get isStale(): boolean {
    return !this.isValid()
  }
}

/**
 * Notes the newest offset of each key in the dirty part.
 *
 * @returns where it stopped: at the end, where the memory was full, or before a transaction, whose outcome the records
 * alone do not tell. Undefined if it was overtaken.
 */
async function mapKeys(
  core: LogCore,
  { firstDirtyOffset, firstUncleanableOffset }: Cleanable,
  newest: KeyOffsets,
  pacer: Pacer,
): Promise<number | undefined> {
  let mappedTo = firstDirtyOffset
  for (const segment of core.segments) {
    if (segment.baseOffset >= firstUncleanableOffset) break
    for (let at = segment.positionOf(firstDirtyOffset); at < segment.sizeInBytes; ) {
      const found = batchAt(segment, at)
      if (found === undefined) return mappedTo
      const { header, bytes, at: start } = found
      if (newest.isFull || (isTransactional(header) && !isControl(header))) return mappedTo
      if (!isControl(header)) {
        for (const batch of decodeRecords(bytes.subarray(start, start + header.sizeInBytes))) {
          for (const { key, offset } of batch) if (key !== null) newest.put(key, Number(offset))
        }
      }
      mappedTo = header.lastOffset + 1
      at += header.sizeInBytes
      if (await pacer.isOver(header.sizeInBytes)) return undefined
    }
  }
  return mappedTo
}

function batchAt(segment: Segment, position: number): ScannedBatch | undefined {
  let found: ScannedBatch | undefined
  scanBatches(segment.file, position, segment.sizeInBytes, { whole: true }, (batch) => {
    found = batch
    return false
  })
  return found
}

/** Where each producer wrote last: those batches carry its sequence on. */
function lastOffsets({ producers }: LogCore): Map<number, number> {
  const last = new Map<number, number>()
  for (const { producerId, batches } of producers.all) {
    last.set(producerId, batches.at(-1)?.lastOffset ?? -1)
  }
  return last
}

/** Neighbours that fit into one segment together become one. */
function groupSegments(segments: readonly Segment[], { config }: LogCore): Segment[][] {
  const groups: Segment[][] = []
  let bytes = 0
  for (const segment of segments) {
    const group = groups.at(-1)
    const base = group?.[0]?.baseOffset ?? 0
    bytes += segment.sizeInBytes
    const fits =
      bytes <= Math.min(config.segmentBytes, largestRelative) &&
      segment.baseOffset - base < largestRelative / 2
    if (group !== undefined && fits) group.push(segment)
    else {
      groups.push([segment])
      bytes = segment.sizeInBytes
    }
  }
  return groups
}

/** Writes what is left of the segments into one, whole and on the device. Undefined if it was overtaken. */
async function writeCleaned(
  core: LogCore,
  group: readonly Segment[],
  rules: FilterRules,
  pacer: Pacer,
): Promise<Segment | undefined> {
  const { storage, directory, config } = core
  const baseOffset = group[0]?.baseOffset ?? 0
  const cleaned = new Segment(storage, directory, baseOffset, rules.nowMs, {
    fileSuffix: cleanedSuffix,
  })
  try {
    for (const segment of group) {
      for (let at = 0; at < segment.sizeInBytes; ) {
        const found = batchAt(segment, at)
        if (found === undefined) throw new Error(`no batch lies at ${at} of ${segment.file.path}`)
        const { sizeInBytes } = found.header
        const whole = found.bytes.subarray(found.at, found.at + sizeInBytes)
        const left = filterBatch(whole, found.header, rules)
        if (left !== undefined) {
          const header = left === whole ? found.header : (parseBatchHeader(left, 0) as BatchHeader)
          cleaned.append([left], [header], config.indexIntervalBytes)
        }
        at += sizeInBytes
        if (await pacer.isOver(sizeInBytes)) return discard(cleaned)
      }
    }
    cleaned.seal()
    const path = cleaned.beginSync()
    cleaned.close()
    if (path !== undefined) await storage.syncFiles([path])
    return pacer.isStale ? discard(cleaned) : cleaned
  } catch (cause) {
    discard(cleaned)
    throw core.storageError('compact', cause)
  }
}

function discard(cleaned: Segment): undefined {
  cleaned.delete()
}

/** The moment of truth is the rename of the `.log` to `.swap`: from then on the new segment counts. */
function replaceSegments(
  core: LogCore,
  group: readonly Segment[],
  cleaned: Segment,
  nowMs: number,
): void {
  cleaned.moveTo(swapSuffix)
  const at = core.segments.indexOf(group[0] as Segment)
  doom(core, group, nowMs)
  cleaned.moveTo('')
  const { storage, directory } = core
  const replacement = new Segment(storage, directory, cleaned.baseOffset, nowMs)
  core.segments.splice(at, group.length, replacement)
  core.hints.clear()
}
