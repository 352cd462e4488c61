import {
  type Api,
  api,
  array,
  field,
  type Infer,
  type InferInput,
  int16,
  int32,
  int64,
  message,
  nullable,
  records,
  string,
  struct,
  uuid,
} from '../schema/index.js'

const PartitionProduceData = struct({
  index: field('0+', int32),
  /** One record batch (see `encodeRecordBatch`); its baseOffset is overwritten by the broker. */
  records: field('0+', nullable(records)),
})

const TopicProduceData = struct({
  name: field('0-12', string, { ignorable: true }),
  topicId: field('13+', uuid, { ignorable: true }),
  partitionData: field('0+', array(PartitionProduceData)),
})

/**
 * Appends record batches to partitions; sent by producers to each partition's leader. Versions 0-1
 * carry message sets of magic 0, 2 magic 1, 3 and up exactly one batch of magic 2 per partition
 * (KIP-98); 7 allows zstd (KIP-110); 12 adds partitions to transactions implicitly (KIP-890); 13
 * names topics by id (KIP-516).
 */
export const ProduceRequest = message({
  name: 'ProduceRequest',
  apiKey: 0,
  versions: '0-13',
  flexible: '9+',
  shape: {
    /** Null unless the batches belong to a transaction. */
    transactionalId: field('3+', nullable(string), { default: null }),
    /**
     * Replicas that must have the records before the answer: -1 all in sync, 1 the leader, 0 none,
     * and then no response at all.
     */
    acks: field('0+', int16),
    timeoutMs: field('0+', int32),
    topicData: field('0+', array(TopicProduceData)),
  },
})
export interface ProduceRequest extends Infer<typeof ProduceRequest> {}
/** What {@link ProduceRequest} takes for encoding: fields with a default may be left out. */
export type ProduceRequestInput = InferInput<typeof ProduceRequest>

const BatchIndexAndErrorMessage = struct({
  batchIndex: field('0+', int32),
  batchIndexErrorMessage: field('0+', nullable(string), { default: null }),
})

const LeaderIdAndEpoch = struct({
  leaderId: field('0+', int32, { default: -1 }),
  leaderEpoch: field('0+', int32, { default: -1 }),
})

const PartitionProduceResponse = struct({
  index: field('0+', int32),
  errorCode: field('0+', int16),
  /** Offset given to the first record; -1 on an error. */
  baseOffset: field('0+', int64),
  /** The broker's time if the topic uses LogAppendTime, else -1. */
  logAppendTimeMs: field('2+', int64, { default: -1n, ignorable: true }),
  logStartOffset: field('5+', int64, { default: -1n, ignorable: true }),
  recordErrors: field('8+', array(BatchIndexAndErrorMessage), { ignorable: true }),
  errorMessage: field('8+', nullable(string), { default: null, ignorable: true }),
  currentLeader: field('10+', LeaderIdAndEpoch, { tag: 0 }),
})

const TopicProduceResponse = struct({
  name: field('0-12', string, { ignorable: true }),
  topicId: field('13+', uuid, { ignorable: true }),
  partitionResponses: field('0+', array(PartitionProduceResponse)),
})

const NodeEndpoint = struct({
  nodeId: field('0+', int32),
  host: field('0+', string),
  port: field('0+', int32),
  rack: field('0+', nullable(string), { default: null }),
})

/**
 * Where the batches went, or why not. Version 8 names the records that a whole batch was refused
 * for (KIP-467); 10 tells the new leader along with NOT_LEADER_OR_FOLLOWER (KIP-951), so that no
 * metadata request is needed.
 */
export const ProduceResponse = message({
  name: 'ProduceResponse',
  apiKey: 0,
  versions: '0-13',
  flexible: '9+',
  shape: {
    responses: field('0+', array(TopicProduceResponse)),
    throttleTimeMs: field('1+', int32, { default: 0, ignorable: true }),
    nodeEndpoints: field('10+', array(NodeEndpoint), { tag: 0 }),
  },
})
export interface ProduceResponse extends Infer<typeof ProduceResponse> {}
/** What {@link ProduceResponse} takes for encoding: fields with a default may be left out. */
export type ProduceResponseInput = InferInput<typeof ProduceResponse>

/** API 0: appends record batches to partitions. */
export const Produce: Api<typeof ProduceRequest, typeof ProduceResponse> = api(
  ProduceRequest,
  ProduceResponse,
)
