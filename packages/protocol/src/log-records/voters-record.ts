import {
  array,
  field,
  type Infer,
  type InferInput,
  int16,
  int32,
  message,
  string,
  struct,
  uint16,
  uuid,
} from '../schema/index.js'

const Endpoint = struct({
  name: field('0+', string),
  host: field('0+', string),
  port: field('0+', uint16),
})

const KRaftVersionFeature = struct({
  minSupportedVersion: field('0+', int16),
  maxSupportedVersion: field('0+', int16),
})

const Voter = struct({
  voterId: field('0+', int32),
  voterDirectoryId: field('0+', uuid),
  endpoints: field('0+', array(Endpoint)),
  kRaftVersionFeature: field('0+', KRaftVersionFeature),
})

/** Control record of the KRaft log: the voters with directories and endpoints (KIP-853). */
export const VotersRecord = message({
  name: 'VotersRecord',
  versions: '0',
  flexible: '0+',
  shape: {
    version: field('0+', int16),
    voters: field('0+', array(Voter)),
  },
})
export interface VotersRecord extends Infer<typeof VotersRecord> {}
/** What {@link VotersRecord} takes for encoding: fields with a default may be left out. */
export type VotersRecordInput = InferInput<typeof VotersRecord>
