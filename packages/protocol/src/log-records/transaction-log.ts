import {
  array,
  field,
  type Infer,
  type InferInput,
  int8,
  int16,
  int32,
  int64,
  message,
  nullable,
  string,
  struct,
} from '../schema/index.js'

/** Names a transactional id in `__transaction_state` (KIP-98). */
export const TransactionLogKey = message({
  name: 'TransactionLogKey',
  apiKey: 0,
  versions: '0',
  flexible: 'none',
  shape: {
    transactionalId: field('0+', string),
  },
})
export interface TransactionLogKey extends Infer<typeof TransactionLogKey> {}
/** What {@link TransactionLogKey} takes for encoding: fields with a default may be left out. */
export type TransactionLogKeyInput = InferInput<typeof TransactionLogKey>

const PartitionsSchema = struct({
  topic: field('0+', string),
  partitionIds: field('0+', array(int32)),
})

/**
 * The state of its transaction: producer id and epoch, status, partitions. Version 1 adds the ids
 * around an epoch overflow and the client's transaction version (KIP-890).
 */
export const TransactionLogValue = message({
  name: 'TransactionLogValue',
  apiKey: 0,
  versions: '0-1',
  flexible: '1+',
  shape: {
    producerId: field('0+', int64),
    previousProducerId: field('1+', int64, { tag: 0, default: -1n }),
    nextProducerId: field('1+', int64, { tag: 1, default: -1n }),
    producerEpoch: field('0+', int16),
    nextProducerEpoch: field('1+', int16, { tag: 3, default: -1 }),
    transactionTimeoutMs: field('0+', int32),
    /**
     * 0 empty, 1 ongoing, 2 prepare commit, 3 prepare abort, 4 complete commit, 5 complete abort, 6
     * dead, 7 prepare epoch fence.
     */
    transactionStatus: field('0+', int8),
    transactionPartitions: field('0+', nullable(array(PartitionsSchema))),
    transactionLastUpdateTimestampMs: field('0+', int64),
    transactionStartTimestampMs: field('0+', int64),
    clientTransactionVersion: field('1+', int16, { tag: 2, default: 0 }),
  },
})
export interface TransactionLogValue extends Infer<typeof TransactionLogValue> {}
/** What {@link TransactionLogValue} takes for encoding: fields with a default may be left out. */
export type TransactionLogValueInput = InferInput<typeof TransactionLogValue>
