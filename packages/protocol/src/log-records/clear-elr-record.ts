import { field, type Infer, type InferInput, message, string } from '../schema/index.js'

export const ClearElrRecord = message({
  name: 'ClearElrRecord',
  apiKey: 28,
  versions: '0',
  flexible: '0+',
  shape: {
    topicName: field('0+', string),
  },
})
export interface ClearElrRecord extends Infer<typeof ClearElrRecord> {}
export type ClearElrRecordInput = InferInput<typeof ClearElrRecord>
