import {
  type Api,
  api,
  array,
  field,
  type Infer,
  type InferInput,
  int8,
  int16,
  int32,
  message,
  nullable,
  string,
  struct,
} from '../schema/index.js'

/**
 * Finds the broker that coordinates a group, a transactional id or a share partition; sent to any
 * broker. Version 4 takes several keys (KIP-699), 6 share coordinators (KIP-932).
 */
export const FindCoordinatorRequest = message({
  name: 'FindCoordinatorRequest',
  apiKey: 10,
  versions: '0-6',
  flexible: '3+',
  shape: {
    key: field('0-3', string),
    /** 0 group, 1 transactional id, 2 share partition (`groupId:topicId:partition`). */
    keyType: field('1+', int8, { default: 0 }),
    coordinatorKeys: field('4+', array(string)),
  },
})
export interface FindCoordinatorRequest extends Infer<typeof FindCoordinatorRequest> {}
/**
 * What {@link FindCoordinatorRequest} takes for encoding: fields with a default may be left out.
 */
export type FindCoordinatorRequestInput = InferInput<typeof FindCoordinatorRequest>

const Coordinator = struct({
  key: field('0+', string),
  nodeId: field('0+', int32),
  host: field('0+', string),
  port: field('0+', int32),
  errorCode: field('0+', int16),
  errorMessage: field('0+', nullable(string), { ignorable: true }),
})

/** Address of the coordinator, one per key from version 4 on. */
export const FindCoordinatorResponse = message({
  name: 'FindCoordinatorResponse',
  apiKey: 10,
  versions: '0-6',
  flexible: '3+',
  shape: {
    throttleTimeMs: field('1+', int32, { ignorable: true }),
    errorCode: field('0-3', int16),
    errorMessage: field('1-3', nullable(string), { ignorable: true }),
    nodeId: field('0-3', int32),
    host: field('0-3', string),
    port: field('0-3', int32),
    coordinators: field('4+', array(Coordinator)),
  },
})
export interface FindCoordinatorResponse extends Infer<typeof FindCoordinatorResponse> {}
/**
 * What {@link FindCoordinatorResponse} takes for encoding: fields with a default may be left out.
 */
export type FindCoordinatorResponseInput = InferInput<typeof FindCoordinatorResponse>

/** API 10: finds the broker that coordinates a group, a transactional id or a share partition. */
export const FindCoordinator: Api<typeof FindCoordinatorRequest, typeof FindCoordinatorResponse> =
  api(FindCoordinatorRequest, FindCoordinatorResponse)
