import { field, type Infer, type InferInput, int16, message, string } from '../schema/index.js'

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
export type FeatureLevelRecordInput = InferInput<typeof FeatureLevelRecord>
