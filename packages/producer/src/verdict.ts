import { ErrorCode, errorInfo } from '@ottla/protocol'

/**
 * What to do with a batch after the broker's answer:
 * - `stored`: done; `repeated`: done too, the broker had it already and no longer knows the offset;
 * - `retry`: send it again after a pause, with fresh metadata if `refresh`. `maybeStored` when the answer leaves open
 *   whether the leader has it;
 * - `split`: too large, send it in parts;
 * - `out of sequence`: the broker misses what came before, or expects other sequences;
 * - `fenced`: the broker knows a newer epoch of this producer's id;
 * - `fail`: sending it again would not help.
 */
export type Verdict =
  | { readonly kind: 'stored' | 'repeated' | 'split' | 'out of sequence' | 'fenced' | 'fail' }
  | { readonly kind: 'retry'; readonly refresh: boolean; readonly maybeStored: boolean }

const plain = {
  stored: { kind: 'stored' },
  repeated: { kind: 'repeated' },
  split: { kind: 'split' },
  outOfSequence: { kind: 'out of sequence' },
  fenced: { kind: 'fenced' },
  fail: { kind: 'fail' },
} as const

/** Answers after which the leader may have the batch all the same. */
const maybeStoredCodes: ReadonlySet<number> = new Set([
  ErrorCode.REQUEST_TIMED_OUT,
  ErrorCode.NOT_ENOUGH_REPLICAS_AFTER_APPEND,
  ErrorCode.NETWORK_EXCEPTION,
])

/**
 * Judges a partition's error code in a Produce response (KIP-98, KIP-360; Kafka's table of error codes).
 *
 * @param recordCount a batch of one record cannot be split.
 * @param isIdempotent whether the batch carries sequences.
 */
export const judge = (errorCode: number, recordCount: number, isIdempotent: boolean): Verdict => {
  switch (errorCode) {
    case ErrorCode.NONE:
      return plain.stored
    case ErrorCode.DUPLICATE_SEQUENCE_NUMBER:
      return plain.repeated
    case ErrorCode.MESSAGE_TOO_LARGE:
    case ErrorCode.RECORD_LIST_TOO_LARGE:
      return recordCount > 1 ? plain.split : plain.fail
    case ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER:
    case ErrorCode.UNKNOWN_PRODUCER_ID:
      return isIdempotent ? plain.outOfSequence : plain.fail
    case ErrorCode.INVALID_PRODUCER_EPOCH:
    case ErrorCode.PRODUCER_FENCED:
      return isIdempotent ? plain.fenced : plain.fail
  }
  const { retriable, refresh } = errorInfo(errorCode)
  if (!retriable) return plain.fail
  return {
    kind: 'retry',
    refresh: refresh === 'metadata',
    maybeStored: maybeStoredCodes.has(errorCode),
  }
}
