import { type Infer, type InferInput, message } from '../schema/index.js'

export const EndTransactionRecord = message({
  name: 'EndTransactionRecord',
  apiKey: 24,
  versions: '0',
  flexible: '0+',
  shape: {},
})
export interface EndTransactionRecord extends Infer<typeof EndTransactionRecord> {}
export type EndTransactionRecordInput = InferInput<typeof EndTransactionRecord>
