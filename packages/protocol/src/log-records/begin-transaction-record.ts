import { field, type Infer, type InferInput, message, nullable, string } from '../schema/index.js'

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
export type BeginTransactionRecordInput = InferInput<typeof BeginTransactionRecord>
