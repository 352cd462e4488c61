import type { LogConfig } from '@ottla/log'
import type { TopicConfig } from './topic-config.js'

const safe = (value: number): number => Math.min(value, Number.MAX_SAFE_INTEGER)

/** One for all partitions of a topic. */
const known = new WeakMap<TopicConfig, Partial<LogConfig>>()

/** A topic's configs in the log's terms. */
export const toLogConfig = (config: TopicConfig): Partial<LogConfig> => {
  let logConfig = known.get(config)
  if (logConfig === undefined) {
    logConfig = translate(config)
    known.set(config, logConfig)
  }
  return logConfig
}

const translate = (config: TopicConfig): Partial<LogConfig> => {
  const policy = config.list('cleanup.policy')
  return {
    segmentBytes: config.number('segment.bytes'),
    segmentMs: safe(config.number('segment.ms')),
    segmentJitterMs: safe(config.number('segment.jitter.ms')),
    segmentIndexBytes: config.number('segment.index.bytes'),
    indexIntervalBytes: config.number('index.interval.bytes'),
    maxMessageBytes: config.number('max.message.bytes'),
    retentionBytes: safe(config.number('retention.bytes')),
    retentionMs: safe(config.number('retention.ms')),
    cleanupDelete: policy.includes('delete'),
    cleanupCompact: policy.includes('compact'),
    deleteRetentionMs: safe(config.number('delete.retention.ms')),
    fileDeleteDelayMs: safe(config.number('file.delete.delay.ms')),
    minCompactionLagMs: safe(config.number('min.compaction.lag.ms')),
    maxCompactionLagMs: safe(config.number('max.compaction.lag.ms')),
    minCleanableDirtyRatio: config.number('min.cleanable.dirty.ratio'),
    messageTimestampType: config.string(
      'message.timestamp.type',
    ) as LogConfig['messageTimestampType'],
    messageTimestampBeforeMaxMs: safe(config.number('message.timestamp.before.max.ms')),
    messageTimestampAfterMaxMs: safe(config.number('message.timestamp.after.max.ms')),
    compressionType: config.string('compression.type') as LogConfig['compressionType'],
    flushMessages: safe(config.number('flush.messages')),
    flushMs: safe(config.number('flush.ms')),
  }
}
