import { field, type Infer, type InferInput, int32, message } from '../schema/index.js'

/** A controller was removed for good. */
export const UnregisterControllerRecord = message({
  name: 'UnregisterControllerRecord',
  apiKey: 29,
  versions: '0',
  flexible: '0+',
  shape: {
    controllerId: field('0+', int32),
  },
})
export interface UnregisterControllerRecord extends Infer<typeof UnregisterControllerRecord> {}
/**
 * What {@link UnregisterControllerRecord} takes for encoding: fields with a default may be left
 * out.
 */
export type UnregisterControllerRecordInput = InferInput<typeof UnregisterControllerRecord>
