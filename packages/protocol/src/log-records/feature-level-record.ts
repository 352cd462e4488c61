import { field, type Infer, type InferInput, int16, message, string } from '../schema/index.js'

/** A feature such as metadata.version was finalized at a level; 0 removes it (KIP-778). */
export const FeatureLevelRecord = message({
  name: 'FeatureLevelRecord',
  apiKey: 12,
  versions: '0',
  flexible: '0+',
  shape: {
    name: field('0+', string),
    featureLevel: field('0+', int16),
  },
})
export interface FeatureLevelRecord extends Infer<typeof FeatureLevelRecord> {}
/** What {@link FeatureLevelRecord} takes for encoding: fields with a default may be left out. */
export type FeatureLevelRecordInput = InferInput<typeof FeatureLevelRecord>
