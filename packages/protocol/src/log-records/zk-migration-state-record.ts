import { field, type Infer, type InferInput, int8, message } from '../schema/index.js'

/** How far the migration from ZooKeeper was (KIP-866). */
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
/**
 * What {@link ZkMigrationStateRecord} takes for encoding: fields with a default may be left out.
 */
export type ZkMigrationStateRecordInput = InferInput<typeof ZkMigrationStateRecord>
