import {
  type Api,
  api,
  array,
  field,
  type Infer,
  type InferInput,
  int16,
  int32,
  message,
  nullable,
  string,
  struct,
  uint16,
  uuid,
} from '../schema/index.js'

const Listener = struct({
  name: field('0+', string),
  host: field('0+', string),
  port: field('0+', uint16),
})

const KRaftVersionFeature = struct({
  minSupportedVersion: field('0+', int16),
  maxSupportedVersion: field('0+', int16),
})

/**
 * A voter's new endpoints and supported versions; sent by the voter to the KRaft leader (KIP-853).
 */
export const UpdateRaftVoterRequest = message({
  name: 'UpdateRaftVoterRequest',
  apiKey: 82,
  versions: '0',
  flexible: '0+',
  shape: {
    clusterId: field('0+', nullable(string)),
    currentLeaderEpoch: field('0+', int32),
    voterId: field('0+', int32),
    voterDirectoryId: field('0+', uuid),
    listeners: field('0+', array(Listener)),
    kRaftVersionFeature: field('0+', KRaftVersionFeature),
  },
})
export interface UpdateRaftVoterRequest extends Infer<typeof UpdateRaftVoterRequest> {}
/**
 * What {@link UpdateRaftVoterRequest} takes for encoding: fields with a default may be left out.
 */
export type UpdateRaftVoterRequestInput = InferInput<typeof UpdateRaftVoterRequest>

const CurrentLeader = struct({
  leaderId: field('0+', int32, { default: -1 }),
  leaderEpoch: field('0+', int32, { default: -1 }),
  host: field('0+', string),
  port: field('0+', int32),
})

/** Whether the update was taken, and the leader if it was sent to the wrong node. */
export const UpdateRaftVoterResponse = message({
  name: 'UpdateRaftVoterResponse',
  apiKey: 82,
  versions: '0',
  flexible: '0+',
  shape: {
    throttleTimeMs: field('0+', int32),
    errorCode: field('0+', int16),
    currentLeader: field('0+', CurrentLeader, { tag: 0 }),
  },
})
export interface UpdateRaftVoterResponse extends Infer<typeof UpdateRaftVoterResponse> {}
/**
 * What {@link UpdateRaftVoterResponse} takes for encoding: fields with a default may be left out.
 */
export type UpdateRaftVoterResponseInput = InferInput<typeof UpdateRaftVoterResponse>

/** API 82: a voter's new endpoints and supported versions. */
export const UpdateRaftVoter: Api<typeof UpdateRaftVoterRequest, typeof UpdateRaftVoterResponse> =
  api(UpdateRaftVoterRequest, UpdateRaftVoterResponse)
