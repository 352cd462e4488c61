import { type Channel, channel } from 'node:diagnostics_channel'
import type { KafkaError } from '@ottla/protocol'

/** Which batch an event is about. */
export interface BatchInfo {
  readonly clientId: string
  readonly topic: string
  readonly partition: number
  readonly records: number
  /** Before compression. */
  readonly bytes: number
  /** How often it was sent. */
  readonly attempts: number
}

/**
 * What the producer tells on `node:diagnostics_channel`, by channel name. Nothing is made unless someone subscribes.
 *
 * ```ts
 * import { subscribe } from 'node:diagnostics_channel'
 * subscribe('ottla:producer:failed', (event) => console.log(event))
 * ```
 */
export interface ProducerDiagnostics {
  /** A batch is stored; `baseOffset` is -1 when the broker did not tell it. */
  'ottla:producer:delivered': BatchInfo & {
    readonly baseOffset: bigint
    /** Since its first record came. */
    readonly durationMs: number
  }
  /** A batch was given up. */
  'ottla:producer:failed': BatchInfo & { readonly error: KafkaError }
  /** A batch will be sent again. */
  'ottla:producer:retry': BatchInfo & { readonly error: KafkaError }
}

type Channels = { readonly [Name in keyof ProducerDiagnostics]: Channel }

/** The channels of `ProducerDiagnostics`. */
export const diagnostics: Channels = {
  'ottla:producer:delivered': channel('ottla:producer:delivered'),
  'ottla:producer:failed': channel('ottla:producer:failed'),
  'ottla:producer:retry': channel('ottla:producer:retry'),
}

/** Publishes on a channel; `describe` runs only when someone listens. */
export const publish = <Name extends keyof ProducerDiagnostics>(
  name: Name,
  describe: () => ProducerDiagnostics[Name],
): void => {
  const target = diagnostics[name]
  if (target.hasSubscribers) target.publish(describe())
}
