import { field, type Infer, type InferInput, message, nullable, string } from '../schema/index.js'

/** Such a set was given up: its records are void. */
export const AbortTransactionRecord = message({
  name: 'AbortTransactionRecord',
  apiKey: 25,
  versions: '0',
  flexible: '0+',
  shape: {
    reason: field('0+', nullable(string), { tag: 0, default: null }),
  },
})
export interface AbortTransactionRecord extends Infer<typeof AbortTransactionRecord> {}
/**
 * What {@link AbortTransactionRecord} takes for encoding: fields with a default may be left out.
 */
export type AbortTransactionRecordInput = InferInput<typeof AbortTransactionRecord>
