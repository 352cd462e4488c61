import { type BatchHeader, isTransactional } from './batch-header.js'
import { trackBatch } from './load-producers.js'
import type { LogCore } from './log-core.js'
import { LogError } from './log-error.js'
import {
  assignOffsets,
  type Prepared,
  prepareClient,
  prepareCoordinator,
  prepareReplica,
} from './prepare-append.js'
import type { AppendInfo, AppendOptions, AppendRequest } from './types.js'

/** Checks batches, gives them their offsets and writes them. */
export function appendBatches(
  core: LogCore,
  batches: Uint8Array,
  options: AppendOptions,
): AppendInfo {
  const [result] = appendAll(core, [{ batches, options }])
  if (result instanceof Error) throw result
  return result as AppendInfo
}

/**
 * Appends one after the other, with as few writes as segments allow.
 *
 * @returns in the same order what each append did, or why it was refused; a refusal stops none of the others.
 */
export function appendAll(
  core: LogCore,
  requests: readonly AppendRequest[],
): (AppendInfo | LogError)[] {
  const results: (AppendInfo | LogError)[] = []
  const run = new AppendRun(core, results)
  for (let index = 0; index < requests.length; index++) {
    const { batches, options } = requests[index] as AppendRequest
    try {
      const repeated = run.add(batches, options, index)
      if (repeated !== undefined) results[index] = repeated
    } catch (error) {
      if (!(error instanceof LogError)) throw error
      results[index] = error
    }
  }
  run.write()
  return results
}

/** Batches that go into the active segment with one write. All of them are in the log afterwards, or none. */
class AppendRun {
  private readonly core: LogCore
  private readonly results: (AppendInfo | LogError)[]
  private parts: Uint8Array[] = []
  private headers: BatchHeader[] = []
  /** What each part's append did, and whose it was, if its bytes get written. */
  private infos: AppendInfo[] = []
  private indexes: number[] = []
  private bytes = 0
  private nextOffset: number
  private nowMs = 0

  constructor(core: LogCore, results: (AppendInfo | LogError)[]) {
    this.core = core
    this.results = results
    this.nextOffset = core.endOffset
  }

  /**
   * Takes in what one append brings.
   *
   * @returns the append that it repeats, if it does.
   * @throws LogError if it is refused.
   */
  add(batches: Uint8Array, options: AppendOptions, index: number): AppendInfo | undefined {
    const { core } = this
    const { origin, nowMs, leaderEpoch } = options
    if (origin === 'replication') {
      this.write()
      this.take(prepareReplica(batches, core.endOffset), nowMs, index)
      return undefined
    }
    const { config } = core
    const prepared =
      origin === 'client'
        ? prepareClient(batches, config, nowMs)
        : prepareCoordinator(batches, config)
    const [first] = prepared.headers
    if (origin === 'client' && first !== undefined && first.producerId >= 0) {
      const repeated = core.producers.check(first, isTransactional(first))
      if (repeated !== undefined) {
        const { lastOffset, offsetDelta, timestamp } = repeated
        if (lastOffset < core.endOffset) {
          return appended(core, lastOffset - offsetDelta, lastOffset, timestamp, 0, true)
        }
        // It repeats a batch that is not written yet: only once that is done is this the truth.
        this.write()
        return this.add(batches, options, index)
      }
    }
    this.makeRoom(prepared, nowMs)
    const { nextOffset } = this
    this.take(assignOffsets(prepared, { nextOffset, leaderEpoch, nowMs, config }), nowMs, index)
    return undefined
  }

  /** Writes what has gathered. */
  write(): void {
    const { core, headers, results, infos, indexes } = this
    if (headers.length === 0) return
    try {
      noteEpochs(core, headers)
      core.active.append(this.parts, headers, core.config.indexIntervalBytes)
    } catch (cause) {
      core.producers.undo()
      const error = core.storageError('append to', cause)
      if (!(error instanceof LogError)) throw error
      for (const index of indexes) results[index] = error
      this.clear()
      return
    }
    core.producers.commit()
    core.expireProducers(this.nowMs)
    core.endOffset = this.nextOffset
    core.noteUnsynced(this.nowMs)
    for (let at = 0; at < indexes.length; at++) {
      results[indexes[at] as number] = infos[at] as AppendInfo
    }
    if (core.endOffset - core.recoveryPoint >= core.config.flushMessages) core.flush()
    this.clear()
  }

  /** Writes first what cannot share a write with these batches, and begins a new segment if they belong into one. */
  private makeRoom({ bytes, headers }: Prepared, nowMs: number): void {
    const { core } = this
    const { config, active } = core
    const size = bytes.byteLength
    if (size > config.segmentBytes) {
      throw new LogError(
        'RECORD_LIST_TOO_LARGE',
        `${size} bytes do not fit into a segment of ${config.segmentBytes}`,
      )
    }
    const first = headers[0] as BatchHeader
    const last = headers.at(-1) as BatchHeader
    const lastOffset = this.nextOffset + last.lastOffset - first.baseOffset
    const shouldRoll = active.shouldRoll(
      this.bytes + size,
      lastOffset,
      largestTimestamp(headers),
      nowMs,
      config,
    )
    // The age of an empty segment is that of its first batch, which is therefore written alone.
    if (this.bytes > 0 && (shouldRoll || active.sizeInBytes === 0)) this.write()
    if (!shouldRoll) return
    try {
      core.roll(nowMs)
    } catch (cause) {
      throw core.storageError('roll', cause)
    }
  }

  private take({ bytes, headers }: Prepared, nowMs: number, index: number): void {
    const { core } = this
    core.producers.remember()
    for (let each = 0, at = 0; each < headers.length; each++) {
      const header = headers[each] as BatchHeader
      this.headers.push(header)
      if (header.producerId >= 0) trackBatch(core.producers, header, bytes, at)
      at += header.sizeInBytes
    }
    const { baseOffset } = headers[0] as BatchHeader
    const { lastOffset } = headers.at(-1) as BatchHeader
    const size = bytes.byteLength
    this.infos.push(appended(core, baseOffset, lastOffset, largestTimestamp(headers), size, false))
    this.parts.push(bytes)
    this.indexes.push(index)
    this.bytes += size
    this.nextOffset = lastOffset + 1
    this.nowMs = nowMs
  }

  private clear(): void {
    this.parts = []
    this.headers = []
    this.infos = []
    this.indexes = []
    this.bytes = 0
    this.nextOffset = this.core.endOffset
  }
}

function largestTimestamp(headers: readonly BatchHeader[]): number {
  let largest = -1
  for (const { maxTimestamp } of headers) if (maxTimestamp > largest) largest = maxTimestamp
  return largest
}

function noteEpochs({ epochs }: LogCore, headers: readonly BatchHeader[]): void {
  for (const { leaderEpoch, baseOffset } of headers) {
    if (leaderEpoch > epochs.latestEpoch) epochs.assign(leaderEpoch, baseOffset)
  }
}

function appended(
  { config, startOffset }: LogCore,
  firstOffset: number,
  lastOffset: number,
  maxTimestamp: number,
  sizeInBytes: number,
  duplicate: boolean,
): AppendInfo {
  const isAppendTime = config.messageTimestampType === 'LogAppendTime'
  return {
    firstOffset,
    lastOffset,
    maxTimestamp,
    logAppendTimeMs: isAppendTime ? maxTimestamp : -1,
    logStartOffset: startOffset,
    duplicate,
    sizeInBytes,
  }
}
