/** A readable Kafka broker that starts in milliseconds, for integration tests and for reading. */
export { type Broker, startBroker } from './broker.js'
export type {
  BrokerEvent,
  BrokerEventName,
  BrokerEvents,
  EventSource,
  EventStream,
} from './events.js'
export type { BrokerOptions } from './options.js'
