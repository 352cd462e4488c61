import { field, type Infer, type InferInput, int64, message } from '../schema/index.js'

/**
 * An entry of a segment's .txnindex file: an aborted transaction and the offsets it spans (KIP-98).
 */
export const AbortedTxn = message({
  name: 'AbortedTxn',
  versions: '0',
  flexible: 'none',
  shape: {
    producerId: field('0+', int64),
    firstOffset: field('0+', int64),
    lastOffset: field('0+', int64),
    lastStableOffset: field('0+', int64),
  },
})
export interface AbortedTxn extends Infer<typeof AbortedTxn> {}
/** What {@link AbortedTxn} takes for encoding: fields with a default may be left out. */
export type AbortedTxnInput = InferInput<typeof AbortedTxn>
