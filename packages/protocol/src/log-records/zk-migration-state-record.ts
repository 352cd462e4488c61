import { field, type Infer, type InferInput, int8, message } from '../schema/index.js'

export const ZkMigrationStateRecord = message({
  name: 'ZkMigrationStateRecord',
  apiKey: 21,
  versions: '0',
  flexible: '0+',
  shape: {
    zkMigrationState: field('0+', int8),
  },
})
export interface ZkMigrationStateRecord extends Infer<typeof ZkMigrationStateRecord> {}
export type ZkMigrationStateRecordInput = InferInput<typeof ZkMigrationStateRecord>
