import {
  type Api,
  api,
  array,
  bool,
  bytes,
  field,
  type Infer,
  type InferInput,
  int16,
  int32,
  message,
  nullable,
  string,
  struct,
} from '../schema/index.js'

const JoinGroupRequestProtocol = struct({
  name: field('0+', string),
  metadata: field('0+', bytes),
})

/**
 * Joins or rejoins a classic group; sent by consumers and Connect workers to the coordinator, which
 * answers when the rebalance has gathered all members. Version 4 makes new members come back with
 * the id they are given (KIP-394), 5 adds static members (KIP-345), 8 a reason (KIP-800), 9 lets
 * the leader skip the assignment (KIP-814).
 */
export const JoinGroupRequest = message({
  name: 'JoinGroupRequest',
  apiKey: 11,
  versions: '0-9',
  flexible: '6+',
  shape: {
    groupId: field('0+', string),
    sessionTimeoutMs: field('0+', int32),
    /**
     * How long the coordinator waits for this member to rejoin (max.poll.interval.ms); version 0
     * uses the session timeout.
     */
    rebalanceTimeoutMs: field('1+', int32, { default: -1, ignorable: true }),
    memberId: field('0+', string),
    groupInstanceId: field('5+', nullable(string), { default: null }),
    protocolType: field('0+', string),
    /**
     * Assignors by preference, each with the member's subscription (ConsumerProtocolSubscription
     * for consumers).
     */
    protocols: field('0+', array(JoinGroupRequestProtocol)),
    reason: field('8+', nullable(string), { default: null, ignorable: true }),
  },
})
export interface JoinGroupRequest extends Infer<typeof JoinGroupRequest> {}
/** What {@link JoinGroupRequest} takes for encoding: fields with a default may be left out. */
export type JoinGroupRequestInput = InferInput<typeof JoinGroupRequest>

const JoinGroupResponseMember = struct({
  memberId: field('0+', string),
  groupInstanceId: field('5+', nullable(string), { default: null, ignorable: true }),
  metadata: field('0+', bytes),
})

/**
 * The new generation. Only the leader gets the members; it computes the assignment and sends it in
 * SyncGroup.
 */
export const JoinGroupResponse = message({
  name: 'JoinGroupResponse',
  apiKey: 11,
  versions: '0-9',
  flexible: '6+',
  shape: {
    throttleTimeMs: field('2+', int32, { ignorable: true }),
    errorCode: field('0+', int16),
    generationId: field('0+', int32, { default: -1 }),
    protocolType: field('7+', nullable(string), { default: null, ignorable: true }),
    protocolName: field('0+', nullable(string, '7+')),
    leader: field('0+', string),
    skipAssignment: field('9+', bool, { default: false }),
    memberId: field('0+', string),
    members: field('0+', array(JoinGroupResponseMember)),
  },
})
export interface JoinGroupResponse extends Infer<typeof JoinGroupResponse> {}
/** What {@link JoinGroupResponse} takes for encoding: fields with a default may be left out. */
export type JoinGroupResponseInput = InferInput<typeof JoinGroupResponse>

/** API 11: joins or rejoins a classic group. */
export const JoinGroup: Api<typeof JoinGroupRequest, typeof JoinGroupResponse> = api(
  JoinGroupRequest,
  JoinGroupResponse,
)
