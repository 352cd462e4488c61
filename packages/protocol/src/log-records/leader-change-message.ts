import {
  array,
  field,
  type Infer,
  type InferInput,
  int16,
  int32,
  message,
  struct,
  uuid,
} from '../schema/index.js'

const Voter = struct({
  voterId: field('0+', int32),
  voterDirectoryId: field('1+', uuid),
})

/** Control record at the start of each KRaft epoch: the leader and who voted for it (KIP-595). */
export const LeaderChangeMessage = message({
  name: 'LeaderChangeMessage',
  versions: '0-1',
  flexible: '0+',
  shape: {
    version: field('0+', int16),
    leaderId: field('0+', int32),
    voters: field('0+', array(Voter)),
    grantingVoters: field('0+', array(Voter)),
  },
})
export interface LeaderChangeMessage extends Infer<typeof LeaderChangeMessage> {}
/** What {@link LeaderChangeMessage} takes for encoding: fields with a default may be left out. */
export type LeaderChangeMessageInput = InferInput<typeof LeaderChangeMessage>
