import {
  type Api,
  api,
  array,
  bool,
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

/**
 * Adds a controller to KRaft's voters (KIP-853). Version 1 can be answered before the change is
 * committed (KIP-1186).
 */
export const AddRaftVoterRequest = message({
  name: 'AddRaftVoterRequest',
  apiKey: 80,
  versions: '0-1',
  flexible: '0+',
  shape: {
    clusterId: field('0+', nullable(string)),
    timeoutMs: field('0+', int32),
    voterId: field('0+', int32),
    voterDirectoryId: field('0+', uuid),
    listeners: field('0+', array(Listener)),
    ackWhenCommitted: field('1+', bool, { default: true }),
  },
})
export interface AddRaftVoterRequest extends Infer<typeof AddRaftVoterRequest> {}
/** What {@link AddRaftVoterRequest} takes for encoding: fields with a default may be left out. */
export type AddRaftVoterRequestInput = InferInput<typeof AddRaftVoterRequest>

/** Whether the voter was added. */
export const AddRaftVoterResponse = message({
  name: 'AddRaftVoterResponse',
  apiKey: 80,
  versions: '0-1',
  flexible: '0+',
  shape: {
    throttleTimeMs: field('0+', int32),
    errorCode: field('0+', int16),
    errorMessage: field('0+', nullable(string), { ignorable: true }),
  },
})
export interface AddRaftVoterResponse extends Infer<typeof AddRaftVoterResponse> {}
/** What {@link AddRaftVoterResponse} takes for encoding: fields with a default may be left out. */
export type AddRaftVoterResponseInput = InferInput<typeof AddRaftVoterResponse>

/** API 80: adds a controller to KRaft's voters (KIP-853). */
export const AddRaftVoter: Api<typeof AddRaftVoterRequest, typeof AddRaftVoterResponse> = api(
  AddRaftVoterRequest,
  AddRaftVoterResponse,
)
