import { field, type Infer, type InferInput, int16, message } from '../schema/index.js'

/** Control record of the KRaft log: the finalized kraft.version (KIP-853). */
export const KRaftVersionRecord = message({
  name: 'KRaftVersionRecord',
  versions: '0',
  flexible: '0+',
  shape: {
    version: field('0+', int16),
    kRaftVersion: field('0+', int16),
  },
})
export interface KRaftVersionRecord extends Infer<typeof KRaftVersionRecord> {}
/** What {@link KRaftVersionRecord} takes for encoding: fields with a default may be left out. */
export type KRaftVersionRecordInput = InferInput<typeof KRaftVersionRecord>
