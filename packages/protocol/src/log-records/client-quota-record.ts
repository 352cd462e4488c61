import {
  array,
  bool,
  field,
  float64,
  type Infer,
  type InferInput,
  message,
  nullable,
  string,
  struct,
} from '../schema/index.js'

const EntityData = struct({
  entityType: field('0+', string),
  entityName: field('0+', nullable(string)),
})

/** A client quota was set or removed. */
export const ClientQuotaRecord = message({
  name: 'ClientQuotaRecord',
  apiKey: 14,
  versions: '0',
  flexible: '0+',
  shape: {
    entity: field('0+', array(EntityData)),
    key: field('0+', string),
    value: field('0+', float64),
    remove: field('0+', bool),
  },
})
export interface ClientQuotaRecord extends Infer<typeof ClientQuotaRecord> {}
/** What {@link ClientQuotaRecord} takes for encoding: fields with a default may be left out. */
export type ClientQuotaRecordInput = InferInput<typeof ClientQuotaRecord>
