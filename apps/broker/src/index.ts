/** A readable Kafka broker that starts in milliseconds, for integration tests and for reading. */
export { type Broker, type BrokerListener, startBroker } from './broker.js'
export type { SecurityProtocol } from './config/listeners.js'
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
