import { field, type Infer, type InferInput, message, string, uuid } from '../schema/index.js'

/** A topic was created. Its partitions follow as PartitionRecords. */
export const TopicRecord = message({
  name: 'TopicRecord',
  apiKey: 2,
  versions: '0',
  flexible: '0+',
  shape: {
    name: field('0+', string),
    topicId: field('0+', uuid),
  },
})
export interface TopicRecord extends Infer<typeof TopicRecord> {}
/** What {@link TopicRecord} takes for encoding: fields with a default may be left out. */
export type TopicRecordInput = InferInput<typeof TopicRecord>
