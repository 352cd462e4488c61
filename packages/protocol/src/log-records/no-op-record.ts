import { type Infer, type InferInput, message } from '../schema/index.js'

export const NoOpRecord = message({
  name: 'NoOpRecord',
  apiKey: 20,
  versions: '0',
  flexible: '0+',
  shape: {},
})
export interface NoOpRecord extends Infer<typeof NoOpRecord> {}
export type NoOpRecordInput = InferInput<typeof NoOpRecord>
