import {
  type Api,
  api,
  array,
  field,
  type Infer,
  type InferInput,
  int8,
  int16,
  int32,
  int64,
  message,
  string,
  struct,
  uuid,
} from '../schema/index.js'

const BrokerState = struct({
  brokerId: field('0+', int32),
  brokerEpoch: field('0+', int64, { default: -1n }),
})

const PartitionData = struct({
  partitionIndex: field('0+', int32),
  leaderEpoch: field('0+', int32),
  newIsr: field('0-2', array(int32)),
  newIsrWithEpochs: field('3+', array(BrokerState)),
  /** 0 recovered, 1 recovering after an unclean election. */
  leaderRecoveryState: field('1+', int8, { default: 0 }),
  partitionEpoch: field('0+', int32),
})

const TopicData = struct({
  topicName: field('0-1', string, { ignorable: true }),
  topicId: field('2+', uuid, { ignorable: true }),
  partitions: field('0+', array(PartitionData)),
})

/**
 * A leader's proposal of a new ISR to the controller (KIP-497). Version 1 adds leader recovery
 * (KIP-704), 2 topic ids, 3 broker epochs that fence restarted replicas (KIP-903).
 */
export const AlterPartitionRequest = message({
  name: 'AlterPartitionRequest',
  apiKey: 56,
  versions: '0-3',
  flexible: '0+',
  shape: {
    brokerId: field('0+', int32),
    brokerEpoch: field('0+', int64, { default: -1n }),
    topics: field('0+', array(TopicData)),
  },
})
export interface AlterPartitionRequest extends Infer<typeof AlterPartitionRequest> {}
/** What {@link AlterPartitionRequest} takes for encoding: fields with a default may be left out. */
export type AlterPartitionRequestInput = InferInput<typeof AlterPartitionRequest>

const PartitionDataResponse = struct({
  partitionIndex: field('0+', int32),
  errorCode: field('0+', int16),
  leaderId: field('0+', int32),
  leaderEpoch: field('0+', int32),
  isr: field('0+', array(int32)),
  leaderRecoveryState: field('1+', int8, { default: 0, ignorable: true }),
  partitionEpoch: field('0+', int32),
})

const TopicDataResponse = struct({
  topicName: field('0-1', string, { ignorable: true }),
  topicId: field('2+', uuid, { ignorable: true }),
  partitions: field('0+', array(PartitionDataResponse)),
})

/** The partition as the controller now has it. */
export const AlterPartitionResponse = message({
  name: 'AlterPartitionResponse',
  apiKey: 56,
  versions: '0-3',
  flexible: '0+',
  shape: {
    throttleTimeMs: field('0+', int32),
    errorCode: field('0+', int16),
    topics: field('0+', array(TopicDataResponse)),
  },
})
export interface AlterPartitionResponse extends Infer<typeof AlterPartitionResponse> {}
/**
 * What {@link AlterPartitionResponse} takes for encoding: fields with a default may be left out.
 */
export type AlterPartitionResponseInput = InferInput<typeof AlterPartitionResponse>

/** API 56: a leader's proposal of a new ISR to the controller (KIP-497). */
export const AlterPartition: Api<typeof AlterPartitionRequest, typeof AlterPartitionResponse> = api(
  AlterPartitionRequest,
  AlterPartitionResponse,
)
