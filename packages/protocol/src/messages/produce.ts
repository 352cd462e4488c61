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
  records: field('0+', nullable(records)),
})

const TopicProduceData = struct({
  name: field('0-12', string, { ignorable: true }),
  topicId: field('13+', uuid, { ignorable: true }),
  partitionData: field('0+', array(PartitionProduceData)),
})

export const ProduceRequest = message({
  name: 'ProduceRequest',
  apiKey: 0,
  versions: '0-13',
  flexible: '9+',
  shape: {
    transactionalId: field('3+', nullable(string), { default: null }),
    acks: field('0+', int16),
    timeoutMs: field('0+', int32),
    topicData: field('0+', array(TopicProduceData)),
  },
})
export interface ProduceRequest extends Infer<typeof ProduceRequest> {}
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
  baseOffset: field('0+', int64),
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
export type ProduceResponseInput = InferInput<typeof ProduceResponse>

export const Produce: Api<typeof ProduceRequest, typeof ProduceResponse> = api(
  ProduceRequest,
  ProduceResponse,
)
