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

export const BrokerHeartbeatRequest = message({
  name: 'BrokerHeartbeatRequest',
  apiKey: 63,
  versions: '0-2',
  flexible: '0+',
  shape: {
    brokerId: field('0+', int32),
    brokerEpoch: field('0+', int64, { default: -1n }),
    currentMetadataOffset: field('0+', int64),
    wantFence: field('0+', bool),
    wantShutDown: field('0+', bool),
    offlineLogDirs: field('1+', array(uuid), { tag: 0 }),
    cordonedLogDirs: field('2+', nullable(array(uuid)), { tag: 1, default: null }),
  },
})
export interface BrokerHeartbeatRequest extends Infer<typeof BrokerHeartbeatRequest> {}
export type BrokerHeartbeatRequestInput = InferInput<typeof BrokerHeartbeatRequest>

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
export type BrokerHeartbeatResponseInput = InferInput<typeof BrokerHeartbeatResponse>

export const BrokerHeartbeat: Api<typeof BrokerHeartbeatRequest, typeof BrokerHeartbeatResponse> =
  api(BrokerHeartbeatRequest, BrokerHeartbeatResponse)
