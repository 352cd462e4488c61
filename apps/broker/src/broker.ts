import type { SecurityProtocol } from './config/listeners.js'
import type { TestControls } from './control/test-controls.js'
import type { EventStream } from './events.js'

/** An address that a broker serves. */
export interface BrokerListener {
  readonly name: string
  readonly protocol: SecurityProtocol
  /** What its clients connect to: `host:port`. */
  readonly bootstrapServers: string
  readonly host: string
  readonly port: number
}

/** A running broker, with all that a test needs to control it. */
export interface Broker extends TestControls {
  /** What clients connect to: `host:port` of the first listener. */
  readonly bootstrapServers: string
  /** All listeners, in the order they were asked for. */
  readonly listeners: readonly BrokerListener[]
  /** The host that clients are told. */
  readonly host: string
  /** The port that clients are told. */
  readonly port: number
  readonly nodeId: number
  /** Kafka's 22-character form. */
  readonly clusterId: string
  /** What happens inside, as it happens; subscriptions outlast a restart. */
  readonly events: EventStream
  /**
   * Answers what can be answered, ends every connection, and leaves the data ready for the next start. Connections that
   * do not end by themselves are cut off after `timeoutMs` (default 5000). Idempotent.
   */
  close(options?: { readonly timeoutMs?: number }): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}
