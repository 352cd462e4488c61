import { field, type Infer, type InferInput, message, nullable, string } from '../schema/index.js'

/** The start of a set of records that count together or not at all (KIP-868). */
export const BeginTransactionRecord = message({
  name: 'BeginTransactionRecord',
  apiKey: 23,
  versions: '0',
  flexible: '0+',
  shape: {
    name: field('0+', nullable(string), { tag: 0, default: null }),
  },
})
export interface BeginTransactionRecord extends Infer<typeof BeginTransactionRecord> {}
/**
 * What {@link BeginTransactionRecord} takes for encoding: fields with a default may be left out.
 */
export type BeginTransactionRecordInput = InferInput<typeof BeginTransactionRecord>
