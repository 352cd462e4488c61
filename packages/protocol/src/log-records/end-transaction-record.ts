import { type Infer, type InferInput, message } from '../schema/index.js'

/** The end of such a set: its records now count. */
export const EndTransactionRecord = message({
  name: 'EndTransactionRecord',
  apiKey: 24,
  versions: '0',
  flexible: '0+',
  shape: {},
})
export interface EndTransactionRecord extends Infer<typeof EndTransactionRecord> {}
/** What {@link EndTransactionRecord} takes for encoding: fields with a default may be left out. */
export type EndTransactionRecordInput = InferInput<typeof EndTransactionRecord>
