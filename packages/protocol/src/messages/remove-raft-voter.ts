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
export type RemoveRaftVoterRequestInput = InferInput<typeof RemoveRaftVoterRequest>

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
export type RemoveRaftVoterResponseInput = InferInput<typeof RemoveRaftVoterResponse>

export const RemoveRaftVoter: Api<typeof RemoveRaftVoterRequest, typeof RemoveRaftVoterResponse> =
  api(RemoveRaftVoterRequest, RemoveRaftVoterResponse)
