import { field, type Infer, type InferInput, int16, message } from '../schema/index.js'

/**
 * The second half of a control record's key, after its version: 0 abort, 1 commit, 2 leader change,
 * 3 and 4 snapshot header and footer, 5 kraft version, 6 voters.
 */
export const ControlRecordTypeSchema = message({
  name: 'ControlRecordTypeSchema',
  versions: '0',
  flexible: 'none',
  shape: {
    type: field('0+', int16),
  },
})
export interface ControlRecordTypeSchema extends Infer<typeof ControlRecordTypeSchema> {}
/**
 * What {@link ControlRecordTypeSchema} takes for encoding: fields with a default may be left out.
 */
export type ControlRecordTypeSchemaInput = InferInput<typeof ControlRecordTypeSchema>
