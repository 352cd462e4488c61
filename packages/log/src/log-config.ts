import { type CompressionName, InvalidArgumentError } from '@ottla/protocol'

/** What `compression.type` may say: a codec, `producer` (keep what was sent) or `uncompressed`. */
export type LogCompressionType = 'producer' | 'uncompressed' | Exclude<CompressionName, 'none'>

/** Topic configuration as the log uses it: Kafka's names in camel case, Kafka's defaults. */
export interface LogConfig {
  /** `segment.bytes`: a segment is rolled before it grows beyond this. */
  readonly segmentBytes: number
  /** `segment.ms`: a segment is rolled when its first record is older than this. */
  readonly segmentMs: number
  /** `segment.jitter.ms`: at most this much is taken off `segmentMs`, so that partitions do not roll all at once. */
  readonly segmentJitterMs: number
  /** `segment.index.bytes`: largest size of an index file; a full index rolls the segment. */
  readonly segmentIndexBytes: number
  /** `index.interval.bytes`: bytes of log between two index entries. */
  readonly indexIntervalBytes: number
  /** `max.message.bytes`: largest record batch (after compression) that is accepted. */
  readonly maxMessageBytes: number
  /** `retention.bytes`: the oldest segments go while the log is larger than this; -1 = no limit. */
  readonly retentionBytes: number
  /** `retention.ms`: segments whose newest record is older than this go; -1 = no limit. */
  readonly retentionMs: number
  /** `cleanup.policy` includes `delete`. */
  readonly cleanupDelete: boolean
  /** `cleanup.policy` includes `compact`: records must have keys. */
  readonly cleanupCompact: boolean
  /** `delete.retention.ms`: how long a tombstone stays after it was first compacted. */
  readonly deleteRetentionMs: number
  /** `min.compaction.lag.ms`: younger records are not compacted. */
  readonly minCompactionLagMs: number
  /** `max.compaction.lag.ms`: records are compacted when they are this old, however little there is to gain. */
  readonly maxCompactionLagMs: number
  /** `min.cleanable.dirty.ratio`: how much of a log must be new before it is compacted. */
  readonly minCleanableDirtyRatio: number
  /** `message.timestamp.type`. */
  readonly messageTimestampType: 'CreateTime' | 'LogAppendTime'
  /** `message.timestamp.before.max.ms`: how far back a record's timestamp may lie. */
  readonly messageTimestampBeforeMaxMs: number
  /** `message.timestamp.after.max.ms`: how far ahead a record's timestamp may lie. */
  readonly messageTimestampAfterMaxMs: number
  /** `compression.type`. */
  readonly compressionType: LogCompressionType
  /** `flush.messages`: sync to the device after this many records. */
  readonly flushMessages: number
  /** `flush.ms`: sync to the device when this much time has passed since the last sync; applied by `Log.retain`. */
  readonly flushMs: number
  /** `file.delete.delay.ms`: how long the files of a deleted segment stay under another name. */
  readonly fileDeleteDelayMs: number
  /** `producer.id.expiration.ms`: a producer that is silent for this long is forgotten. */
  readonly producerIdExpirationMs: number
  /** Largest content of one compressed batch that is looked into; larger ones are refused. Ottla's own limit. */
  readonly maxDecompressedBytes: number
}

const noLimit = Number.MAX_SAFE_INTEGER

/** Kafka's defaults. */
export const defaultLogConfig: LogConfig = {
  segmentBytes: 1_073_741_824,
  segmentMs: 604_800_000,
  segmentJitterMs: 0,
  segmentIndexBytes: 10_485_760,
  indexIntervalBytes: 4096,
  maxMessageBytes: 1_048_588,
  retentionBytes: -1,
  retentionMs: 604_800_000,
  cleanupDelete: true,
  cleanupCompact: false,
  deleteRetentionMs: 86_400_000,
  minCompactionLagMs: 0,
  maxCompactionLagMs: noLimit,
  minCleanableDirtyRatio: 0.5,
  messageTimestampType: 'CreateTime',
  messageTimestampBeforeMaxMs: noLimit,
  messageTimestampAfterMaxMs: 3_600_000,
  compressionType: 'producer',
  flushMessages: noLimit,
  flushMs: noLimit,
  fileDeleteDelayMs: 60_000,
  producerIdExpirationMs: 86_400_000,
  maxDecompressedBytes: 134_217_728,
}

/** Smallest values that make sense; below them a log cannot work. */
const minimums: Partial<Record<keyof LogConfig, number>> = {
  segmentBytes: 14,
  segmentMs: 1,
  segmentJitterMs: 0,
  segmentIndexBytes: 12,
  indexIntervalBytes: 0,
  maxMessageBytes: 0,
  retentionBytes: -1,
  retentionMs: -1,
  deleteRetentionMs: 0,
  minCompactionLagMs: 0,
  maxCompactionLagMs: 1,
  minCleanableDirtyRatio: 0,
  flushMessages: 1,
  flushMs: 0,
  fileDeleteDelayMs: 0,
  producerIdExpirationMs: 1,
  maxDecompressedBytes: 1,
}

/** What was made of which values: the logs of a topic share one object, until its configuration is changed. */
const resolved = new WeakMap<Partial<LogConfig>, LogConfig>()

/**
 * Kafka's defaults with the given values over them. The same object gives the same configuration again: do not change it.
 *
 * @throws InvalidArgumentError for a number below its minimum.
 */
export function resolveLogConfig(overrides: Partial<LogConfig> = {}): LogConfig {
  const known = resolved.get(overrides)
  if (known !== undefined) return known
  const config = { ...defaultLogConfig, ...overrides }
  for (const [name, minimum] of Object.entries(minimums)) {
    const value = config[name as keyof LogConfig]
    if (typeof value !== 'number' || Number.isNaN(value) || value < minimum) {
      throw new InvalidArgumentError(`${name} must be at least ${minimum}, not ${String(value)}`)
    }
  }
  resolved.set(overrides, config)
  return config
}
