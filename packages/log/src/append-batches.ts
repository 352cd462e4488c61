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
import type { AppendInfo, AppendOptions } from './types.js'

/** Checks batches, gives them their offsets and writes them. */
export function appendBatches(
  core: LogCore,
  batches: Uint8Array,
  options: AppendOptions,
): AppendInfo {
  const { origin, nowMs, leaderEpoch } = options
  const { config, endOffset: nextOffset } = core
  if (origin === 'replication') return write(core, prepareReplica(batches, nextOffset), nowMs)
  const prepared =
    origin === 'client'
      ? prepareClient(batches, config, nowMs)
      : prepareCoordinator(batches, config)
  const [first] = prepared.headers
  if (origin === 'client' && first !== undefined && first.producerId >= 0) {
    const repeated = core.producers.check(first, isTransactional(first))
    if (repeated !== undefined) {
      const { lastOffset, offsetDelta, timestamp } = repeated
      return info(core, lastOffset - offsetDelta, lastOffset, timestamp, 0, true)
    }
  }
  return write(core, assignOffsets(prepared, { nextOffset, leaderEpoch, nowMs, config }), nowMs)
}

function write(core: LogCore, { bytes, headers }: Prepared, nowMs: number): AppendInfo {
  const { config } = core
  const first = headers[0] as BatchHeader
  const { lastOffset } = headers.at(-1) as BatchHeader
  let maxTimestamp = -1
  for (const header of headers) maxTimestamp = Math.max(maxTimestamp, header.maxTimestamp)
  if (bytes.byteLength > config.segmentBytes) {
    throw new LogError(
      'RECORD_LIST_TOO_LARGE',
      `${bytes.byteLength} bytes do not fit into a segment of ${config.segmentBytes}`,
    )
  }
  try {
    if (core.active.shouldRoll(bytes.byteLength, lastOffset, maxTimestamp, nowMs, config)) {
      core.roll(nowMs)
    }
    noteEpochs(core, headers)
    core.active.append([bytes], headers, config.indexIntervalBytes)
  } catch (cause) {
    throw core.storageError('append to', cause)
  }
  for (let index = 0, at = 0; index < headers.length; index++) {
    const header = headers[index] as BatchHeader
    if (header.producerId >= 0) trackBatch(core.producers, header, bytes, at)
    at += header.sizeInBytes
  }
  core.endOffset = lastOffset + 1
  if (core.unsyncedSinceMs < 0) core.unsyncedSinceMs = nowMs
  if (core.endOffset - core.recoveryPoint >= config.flushMessages) core.flush()
  return info(core, first.baseOffset, lastOffset, maxTimestamp, bytes.byteLength, false)
}

function noteEpochs({ epochs }: LogCore, headers: readonly BatchHeader[]): void {
  for (const { leaderEpoch, baseOffset } of headers) {
    if (leaderEpoch > epochs.latestEpoch) epochs.assign(leaderEpoch, baseOffset)
  }
}

function info(
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
