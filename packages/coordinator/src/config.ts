/** Settings of the group coordinator: Kafka's names in camel case, Kafka's defaults. */
export interface GroupConfig {
  /** `group.min.session.timeout.ms` */
  readonly groupMinSessionTimeoutMs: number
  /** `group.max.session.timeout.ms` */
  readonly groupMaxSessionTimeoutMs: number
  /** `group.initial.rebalance.delay.ms`: how long the first rebalance of an empty group waits for more members. */
  readonly groupInitialRebalanceDelayMs: number
  /** `group.max.size` */
  readonly groupMaxSize: number
  /** `offset.metadata.max.bytes` */
  readonly offsetMetadataMaxBytes: number
  /** `offsets.retention.minutes`, in milliseconds. */
  readonly offsetsRetentionMs: number
}

/** Kafka's defaults. */
export const defaultGroupConfig: GroupConfig = {
  groupMinSessionTimeoutMs: 6_000,
  groupMaxSessionTimeoutMs: 1_800_000,
  groupInitialRebalanceDelayMs: 3_000,
  groupMaxSize: 2_147_483_647,
  offsetMetadataMaxBytes: 4096,
  offsetsRetentionMs: 604_800_000,
}
