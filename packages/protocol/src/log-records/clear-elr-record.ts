import { field, type Infer, type InferInput, message, string } from '../schema/index.js'

/**
 * Empties the eligible leader replicas of a topic, or of all topics when the name is empty
 * (KIP-966).
 */
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
/** What {@link ClearElrRecord} takes for encoding: fields with a default may be left out. */
export type ClearElrRecordInput = InferInput<typeof ClearElrRecord>
