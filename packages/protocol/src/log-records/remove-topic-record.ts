import { field, type Infer, type InferInput, message, uuid } from '../schema/index.js'

/** A topic was deleted, with its partitions and configs. */
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
/** What {@link RemoveTopicRecord} takes for encoding: fields with a default may be left out. */
export type RemoveTopicRecordInput = InferInput<typeof RemoveTopicRecord>
