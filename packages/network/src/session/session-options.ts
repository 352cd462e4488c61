import type { Peer } from './peer.js'

/** How a session behaves. */
export interface SessionOptions {
  readonly peer: Peer
  readonly clientId: string
  /** Calls that may wait for their answer; more queue up. */
  readonly maxInFlight: number
  /** Limit for negotiating versions, and again for authentication. */
  readonly negotiationTimeoutMs: number
  /** A session without calls ends after this long; 0 never. */
  readonly maxIdleMs: number
  /** Whether the connection is encrypted, for errors. Default false. */
  readonly hasTls?: boolean | undefined
  /** How the client proves who it is; undefined: not at all. */
  readonly sasl?: SessionSasl | undefined
}

/** What a session has to know of SASL; the tokens come from its shell. */
export interface SessionSasl {
  readonly mechanism: string
  /** The part of the broker's session lifetime after which to authenticate again: 0.85 to 0.95, drawn by the shell. */
  readonly renewAfter: number
}
