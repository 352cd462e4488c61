export {
  checkpointFiles,
  formatOffsetCheckpoint,
  type PartitionOffset,
  readOffsetCheckpoint,
  writeOffsetCheckpoint,
} from './checkpoint.js'
export type { Cleanable, CleanablePlace } from './compaction/cleanable.js'
export type { Compaction, CompactOptions } from './compaction/compact-log.js'
export {
  cleanShutdownFile,
  type MetaProperties,
  metaPropertiesFile,
  partitionMetadataFile,
  readMetaProperties,
  readPartitionMetadata,
  takeCleanShutdown,
  writeCleanShutdown,
  writeMetaProperties,
  writePartitionMetadata,
} from './data-directory.js'
export { Log, openLog } from './log.js'
export {
  defaultLogConfig,
  type LogCompressionType,
  type LogConfig,
  resolveLogConfig,
} from './log-config.js'
export { LogError, type RecordError } from './log-error.js'
export { type DiskStorageOptions, diskStorage } from './storage/disk-storage.js'
export { faultyStorage, type StorageFaults } from './storage/faulty-storage.js'
export { memoryStorage } from './storage/memory-storage.js'
export type { Allocate, LogFile, Storage, StorageStats } from './storage/storage.js'
export type {
  ActiveProducer,
  AppendInfo,
  AppendOptions,
  AppendOrigin,
  AppendRequest,
  EpochEndOffset,
  EpochStart,
  FetchSlice,
  LogSync,
  OpenLogOptions,
  ReadOptions,
  SegmentInfo,
  TimestampedOffset,
} from './types.js'
