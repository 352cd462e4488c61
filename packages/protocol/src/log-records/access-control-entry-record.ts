import { field, type Infer, type InferInput, int8, message, string, uuid } from '../schema/index.js'

/** An access control entry was created (KIP-801). */
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
/**
 * What {@link AccessControlEntryRecord} takes for encoding: fields with a default may be left out.
 */
export type AccessControlEntryRecordInput = InferInput<typeof AccessControlEntryRecord>
