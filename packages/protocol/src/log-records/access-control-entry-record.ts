import { field, type Infer, type InferInput, int8, message, string, uuid } from '../schema/index.js'

export const AccessControlEntryRecord = message({
  name: 'AccessControlEntryRecord',
  apiKey: 18,
  versions: '0',
  flexible: '0+',
  shape: {
    id: field('0+', uuid),
    resourceType: field('0+', int8),
    resourceName: field('0+', string),
    patternType: field('0+', int8),
    principal: field('0+', string),
    host: field('0+', string),
    operation: field('0+', int8),
    permissionType: field('0+', int8),
  },
})
export interface AccessControlEntryRecord extends Infer<typeof AccessControlEntryRecord> {}
export type AccessControlEntryRecordInput = InferInput<typeof AccessControlEntryRecord>
