import { type Channel, channel } from 'node:diagnostics_channel'
import type { KafkaError } from '@ottla/protocol'

/** Who a connection leads to. */
export interface ConnectionInfo {
  /** Node id; negative for a bootstrap address. */
  readonly node: number
  /** `host:port`. */
  readonly address: string
  readonly lane: string
  readonly clientId: string
}

/**
 * What network tells on `node:diagnostics_channel`, by channel name. Nothing is made unless someone subscribes.
 *
 * ```ts
 * import { subscribe } from 'node:diagnostics_channel'
 * subscribe('ottla:connection:open', (event) => console.log(event))
 * ```
 *
 * `NODE_DEBUG=ottla` in the environment prints them all to stderr.
 */
export interface NetworkDiagnostics {
  /** A connection is open and its versions are negotiated. */
  'ottla:connection:open': ConnectionInfo & { readonly durationMs: number }
  /** The broker let the client in by SASL, for `lifetimeMs` (0: for ever); `isAgain` when it renewed that (KIP-368). */
  'ottla:connection:authenticated': ConnectionInfo & {
    readonly lifetimeMs: number
    readonly isAgain: boolean
  }
  /** An attempt to connect failed; the next one comes after `backoffMs` at the earliest. */
  'ottla:connection:failed': ConnectionInfo & {
    readonly error: KafkaError
    readonly backoffMs: number
  }
  /** An open connection ended. */
  'ottla:connection:close': ConnectionInfo & { readonly error: KafkaError }
  /** A request was answered, failed or timed out. */
  'ottla:request:end': ConnectionInfo & {
    readonly api: string
    readonly version: number
    readonly durationMs: number
    readonly error?: KafkaError
  }
  /** A broker told this client to hold back. */
  'ottla:connection:throttle': ConnectionInfo & { readonly api: string; readonly ms: number }
  /**
   * Every address that the client knows has failed once in a row: what it does takes as long as its time limits allow, or until
   * one answers. Told once per outage; `error` names each address and why it failed.
   */
  'ottla:cluster:unreachable': { readonly clientId: string; readonly error: KafkaError }
  /** A listener could not accept a connection; it goes on listening. */
  'ottla:listener:error': { readonly address: string; readonly error: Error }
  /** What was known of the brokers is forgotten, and the client starts again from `bootstrapServers` (KIP-899). */
  'ottla:metadata:rebootstrap': { readonly reason: KafkaError }
  /** New metadata was taken over. */
  'ottla:metadata:update': {
    readonly clusterId: string | null
    readonly brokers: number
    readonly topics: number
  }
}

type Channels = { readonly [Name in keyof NetworkDiagnostics]: Channel }

/** The channels of `NetworkDiagnostics`. */
export const diagnostics: Channels = {
  'ottla:connection:open': channel('ottla:connection:open'),
  'ottla:connection:authenticated': channel('ottla:connection:authenticated'),
  'ottla:connection:failed': channel('ottla:connection:failed'),
  'ottla:connection:close': channel('ottla:connection:close'),
  'ottla:request:end': channel('ottla:request:end'),
  'ottla:connection:throttle': channel('ottla:connection:throttle'),
  'ottla:cluster:unreachable': channel('ottla:cluster:unreachable'),
  'ottla:listener:error': channel('ottla:listener:error'),
  'ottla:metadata:rebootstrap': channel('ottla:metadata:rebootstrap'),
  'ottla:metadata:update': channel('ottla:metadata:update'),
}

/** Publishes on a channel; `describe` runs only when someone listens. */
export const publish = <Name extends keyof NetworkDiagnostics>(
  name: Name,
  describe: () => NetworkDiagnostics[Name],
): void => {
  const target = diagnostics[name]
  if (target.hasSubscribers) target.publish(describe())
}
