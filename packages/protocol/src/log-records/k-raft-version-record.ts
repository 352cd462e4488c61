import { field, type Infer, type InferInput, int16, message } from '../schema/index.js'

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
export type KRaftVersionRecordInput = InferInput<typeof KRaftVersionRecord>
