import { type Infer, type InferInput, message } from '../schema/index.js'

/** Nothing: written regularly so that the high watermark proves a live leader (KIP-835). */
export const NoOpRecord = message({
  name: 'NoOpRecord',
  apiKey: 20,
  versions: '0',
  flexible: '0+',
  shape: {},
})
export interface NoOpRecord extends Infer<typeof NoOpRecord> {}
/** What {@link NoOpRecord} takes for encoding: fields with a default may be left out. */
export type NoOpRecordInput = InferInput<typeof NoOpRecord>
