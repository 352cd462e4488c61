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
  int64,
  message,
  nullable,
  uuid,
} from '../schema/index.js'

/**
 * A broker's sign of life to the KRaft controller; it also asks to be unfenced or shut down
 * (KIP-631).
 */
export const BrokerHeartbeatRequest = message({
  name: 'BrokerHeartbeatRequest',
  apiKey: 63,
  versions: '0-2',
  flexible: '0+',
  shape: {
    brokerId: field('0+', int32),
    brokerEpoch: field('0+', int64, { default: -1n }),
    /** How far the broker has read the metadata log. */
    currentMetadataOffset: field('0+', int64),
    wantFence: field('0+', bool),
    wantShutDown: field('0+', bool),
    offlineLogDirs: field('1+', array(uuid), { tag: 0 }),
    /** Directories that take no new replicas (KIP-1066); null when unchanged. */
    cordonedLogDirs: field('2+', nullable(array(uuid)), { tag: 1, default: null }),
  },
})
export interface BrokerHeartbeatRequest extends Infer<typeof BrokerHeartbeatRequest> {}
/**
 * What {@link BrokerHeartbeatRequest} takes for encoding: fields with a default may be left out.
 */
export type BrokerHeartbeatRequestInput = InferInput<typeof BrokerHeartbeatRequest>

/** Whether the broker is caught up, fenced, and may shut down. */
export const BrokerHeartbeatResponse = message({
  name: 'BrokerHeartbeatResponse',
  apiKey: 63,
  versions: '0-2',
  flexible: '0+',
  shape: {
    throttleTimeMs: field('0+', int32),
    errorCode: field('0+', int16),
    isCaughtUp: field('0+', bool, { default: false }),
    isFenced: field('0+', bool, { default: true }),
    shouldShutDown: field('0+', bool),
  },
})
export interface BrokerHeartbeatResponse extends Infer<typeof BrokerHeartbeatResponse> {}
/**
 * What {@link BrokerHeartbeatResponse} takes for encoding: fields with a default may be left out.
 */
export type BrokerHeartbeatResponseInput = InferInput<typeof BrokerHeartbeatResponse>

/** API 63: a broker's sign of life to the KRaft controller. */
export const BrokerHeartbeat: Api<typeof BrokerHeartbeatRequest, typeof BrokerHeartbeatResponse> =
  api(BrokerHeartbeatRequest, BrokerHeartbeatResponse)
