import {
  type Api,
  api,
  field,
  type Infer,
  type InferInput,
  int16,
  int32,
  message,
  nullable,
  string,
  uuid,
} from '../schema/index.js'

/** Removes a controller from KRaft's voters (KIP-853). */
export const RemoveRaftVoterRequest = message({
  name: 'RemoveRaftVoterRequest',
  apiKey: 81,
  versions: '0',
  flexible: '0+',
  shape: {
    clusterId: field('0+', nullable(string)),
    voterId: field('0+', int32),
    voterDirectoryId: field('0+', uuid),
  },
})
export interface RemoveRaftVoterRequest extends Infer<typeof RemoveRaftVoterRequest> {}
/**
 * What {@link RemoveRaftVoterRequest} takes for encoding: fields with a default may be left out.
 */
export type RemoveRaftVoterRequestInput = InferInput<typeof RemoveRaftVoterRequest>

/** Whether the voter was removed. */
export const RemoveRaftVoterResponse = message({
  name: 'RemoveRaftVoterResponse',
  apiKey: 81,
  versions: '0',
  flexible: '0+',
  shape: {
    throttleTimeMs: field('0+', int32),
    errorCode: field('0+', int16),
    errorMessage: field('0+', nullable(string), { ignorable: true }),
  },
})
export interface RemoveRaftVoterResponse extends Infer<typeof RemoveRaftVoterResponse> {}
/**
 * What {@link RemoveRaftVoterResponse} takes for encoding: fields with a default may be left out.
 */
export type RemoveRaftVoterResponseInput = InferInput<typeof RemoveRaftVoterResponse>

/** API 81: removes a controller from KRaft's voters (KIP-853). */
export const RemoveRaftVoter: Api<typeof RemoveRaftVoterRequest, typeof RemoveRaftVoterResponse> =
  api(RemoveRaftVoterRequest, RemoveRaftVoterResponse)
