import type { Broker } from '../broker.js'
import type { BrokerServices } from '../services.js'

/** The parts of a broker that `startBroker` gave, as its handlers see them. */
export const servicesOf = (broker: Broker): BrokerServices =>
  (broker as Broker & { services: BrokerServices }).services
