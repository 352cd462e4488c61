import {
  field,
  type Infer,
  type InferInput,
  int8,
  message,
  nullable,
  string,
} from '../schema/index.js'

/** A config of a resource was set; a null value deletes it. */
export const ConfigRecord = message({
  name: 'ConfigRecord',
  apiKey: 4,
  versions: '0',
  flexible: '0+',
  shape: {
    resourceType: field('0+', int8),
    resourceName: field('0+', string),
    name: field('0+', string),
    value: field('0+', nullable(string)),
  },
})
export interface ConfigRecord extends Infer<typeof ConfigRecord> {}
/** What {@link ConfigRecord} takes for encoding: fields with a default may be left out. */
export type ConfigRecordInput = InferInput<typeof ConfigRecord>
