import {
  type Api,
  api,
  array,
  bool,
  field,
  type Infer,
  type InferInput,
  int16,
  int32,
  int64,
  message,
  string,
  struct,
} from '../schema/index.js'

const AddPartitionsToTxnTopic = struct({
  name: field('0+', string),
  partitions: field('0+', array(int32)),
})

const AddPartitionsToTxnTransaction = struct({
  transactionalId: field('0+', string),
  producerId: field('0+', int64),
  producerEpoch: field('0+', int16),
  /** Only ask whether the partitions are in the transaction. */
  verifyOnly: field('0+', bool, { default: false }),
  topics: field('0+', array(AddPartitionsToTxnTopic)),
})

/**
 * Adds partitions to a transaction before the first write to them (KIP-98). Clients use versions up
 * to 3; from 4 on brokers send batches of transactions to verify or add (KIP-890), and clients at
 * transaction version 2 need none of this.
 */
export const AddPartitionsToTxnRequest = message({
  name: 'AddPartitionsToTxnRequest',
  apiKey: 24,
  versions: '0-5',
  flexible: '3+',
  shape: {
    transactions: field('4+', array(AddPartitionsToTxnTransaction)),
    v3AndBelowTransactionalId: field('0-3', string),
    v3AndBelowProducerId: field('0-3', int64),
    v3AndBelowProducerEpoch: field('0-3', int16),
    v3AndBelowTopics: field('0-3', array(AddPartitionsToTxnTopic)),
  },
})
export interface AddPartitionsToTxnRequest extends Infer<typeof AddPartitionsToTxnRequest> {}
/**
 * What {@link AddPartitionsToTxnRequest} takes for encoding: fields with a default may be left out.
 */
export type AddPartitionsToTxnRequestInput = InferInput<typeof AddPartitionsToTxnRequest>

const AddPartitionsToTxnPartitionResult = struct({
  partitionIndex: field('0+', int32),
  partitionErrorCode: field('0+', int16),
})

const AddPartitionsToTxnTopicResult = struct({
  name: field('0+', string),
  resultsByPartition: field('0+', array(AddPartitionsToTxnPartitionResult)),
})

const AddPartitionsToTxnResult = struct({
  transactionalId: field('0+', string),
  topicResults: field('0+', array(AddPartitionsToTxnTopicResult)),
})

/** Result per partition. */
export const AddPartitionsToTxnResponse = message({
  name: 'AddPartitionsToTxnResponse',
  apiKey: 24,
  versions: '0-5',
  flexible: '3+',
  shape: {
    throttleTimeMs: field('0+', int32),
    errorCode: field('4+', int16, { ignorable: true }),
    resultsByTransaction: field('4+', array(AddPartitionsToTxnResult)),
    resultsByTopicV3AndBelow: field('0-3', array(AddPartitionsToTxnTopicResult)),
  },
})
export interface AddPartitionsToTxnResponse extends Infer<typeof AddPartitionsToTxnResponse> {}
/**
 * What {@link AddPartitionsToTxnResponse} takes for encoding: fields with a default may be left
 * out.
 */
export type AddPartitionsToTxnResponseInput = InferInput<typeof AddPartitionsToTxnResponse>

/** API 24: adds partitions to a transaction before the first write to them (KIP-98). */
export const AddPartitionsToTxn: Api<
  typeof AddPartitionsToTxnRequest,
  typeof AddPartitionsToTxnResponse
> = api(AddPartitionsToTxnRequest, AddPartitionsToTxnResponse)
