import { field, type Infer, type InferInput, message, uuid } from '../schema/index.js'

export const RemoveTopicRecord = message({
  name: 'RemoveTopicRecord',
  apiKey: 9,
  versions: '0',
  flexible: '0+',
  shape: {
    topicId: field('0+', uuid),
  },
})
export interface RemoveTopicRecord extends Infer<typeof RemoveTopicRecord> {}
export type RemoveTopicRecordInput = InferInput<typeof RemoveTopicRecord>
