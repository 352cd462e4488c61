import type { BrokerListener } from '../broker.js'
import type { EventStream } from '../events.js'
import type { ResolvedOptions } from '../options.js'
import type { Storage } from '../platform.js'
import type { RequestGate } from '../server/request-gate.js'
import type { BrokerServices } from '../services.js'

/** What one life of a broker gets from the one before it, and from its test controls. */
export interface LifeOptions {
  readonly gate: RequestGate
  /** Where the former life told its events; undefined in the first. */
  readonly events: EventStream | undefined
  /** Ports of the former life's listeners, in their order, for those that may have any. */
  readonly ports: readonly number[]
}

/** A broker from a start to a stop; a restart makes another one of the same data, ports and identity. */
export interface Life extends BrokerServices {
  readonly listeners: readonly BrokerListener[]
  /** The ports that were bound, in the order of the listeners. */
  readonly ports: readonly number[]
  /** Connections that are open now. */
  readonly connectionCount: number
  start(): Promise<void>
  /** Stops in order, leaving the data ready for the next start. */
  close(options: { readonly timeoutMs: number }): Promise<void>
  /** Tears every connection and frees the ports, and does nothing else. */
  tearConnections(): Promise<void>
}

/** Makes a life, which does not run yet. */
export type BeginLife = (options: ResolvedOptions, storage: Storage, life: LifeOptions) => Life
