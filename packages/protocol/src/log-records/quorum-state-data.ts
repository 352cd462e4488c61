import {
  array,
  field,
  type Infer,
  type InferInput,
  int32,
  int64,
  message,
  nullable,
  string,
  struct,
  uuid,
} from '../schema/index.js'

/**
 * Content of the quorum-state file: what a KRaft node must remember of elections over a restart.
 * Version 0 also kept voters and offset.
 */
export const QuorumStateData = message({
  name: 'QuorumStateData',
  versions: '0-1',
  flexible: '0+',
  shape: {
    clusterId: field('0', string),
    leaderId: field('0+', int32, { default: -1 }),
    leaderEpoch: field('0+', int32, { default: -1 }),
    votedId: field('0+', int32, { default: -1 }),
    votedDirectoryId: field('1+', uuid),
    appliedOffset: field('0', int64),
    currentVoters: field('0', nullable(array(struct({ voterId: field('0+', int32) })))),
  },
})
export interface QuorumStateData extends Infer<typeof QuorumStateData> {}
/** What {@link QuorumStateData} takes for encoding: fields with a default may be left out. */
export type QuorumStateDataInput = InferInput<typeof QuorumStateData>
