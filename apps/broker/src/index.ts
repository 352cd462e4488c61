/** A readable Kafka broker that starts in milliseconds, for integration tests and for reading. */
export type { Broker, BrokerListener } from './broker.js'
export type { SecurityProtocol } from './config/listeners.js'
export type { ApiName, RequestOf, ResponseOf } from './control/api-names.js'
export type { ArrivedRequest, LoggedRequest } from './control/arrived-request.js'
export type { Fault, FaultAction, FaultMatch } from './control/fault-types.js'
export type { Faults } from './control/faults.js'
export type { StableGroup } from './control/group-probe.js'
export type { Recording, RequestLog } from './control/request-log.js'
export type { TestControls } from './control/test-controls.js'
export type { ReadyTopic, WaitFor } from './control/wait-for.js'
export type { WaitOptions } from './control/waiting.js'
export type {
  BrokerEvent,
  BrokerEventName,
  BrokerEvents,
  EventSource,
  EventStream,
} from './events.js'
export type { BrokerOptions, ListenerOptions } from './options.js'
export type { KafkaRelease } from './releases.js'
export type { TokenIdentity, ValidateToken } from './server/sasl/oauthbearer-exchange.js'
export type { BrokerUser, PasswordMechanism } from './server/sasl/users.js'
export { startBroker } from './start-broker.js'
