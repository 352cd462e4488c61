import { field, type Infer, type InferInput, int16, message } from '../schema/index.js'

export const ControlRecordTypeSchema = message({
  name: 'ControlRecordTypeSchema',
  versions: '0',
  flexible: 'none',
  shape: {
    type: field('0+', int16),
  },
})
export interface ControlRecordTypeSchema extends Infer<typeof ControlRecordTypeSchema> {}
export type ControlRecordTypeSchemaInput = InferInput<typeof ControlRecordTypeSchema>
