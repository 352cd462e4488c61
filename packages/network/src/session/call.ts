import type { Api, KafkaError, MessageType } from '@ottla/protocol'

/** One request on its way through a session. Created by the shell, which also settles it when the session says so. */
export interface Call {
  readonly api: Api<MessageType, MessageType>
  readonly version: number
  /** The request's body. */
  readonly body: unknown
  /** Moment (of the same clock as every step) at which the wait ends. */
  readonly deadlineMs: number
  /** How long the caller allowed, for the error message. */
  readonly timeoutMs: number
  /** False when the broker will not answer (Produce with acks=0). */
  readonly expectResponse: boolean
}

/** What the shell has to do after a step, in this order. */
export type SessionEffect<C extends Call = Call> =
  /** Send one frame; it carries `call`, unless it is the session's own. Say `sent` when one without an answer has left. */
  | { readonly kind: 'write'; readonly parts: readonly Uint8Array[]; readonly call?: C }
  /** The broker's versions are known and the client let in; calls may be submitted. */
  | { readonly kind: 'ready' }
  /**
   * The mechanism has to make its next token from what the broker said (undefined: begin anew); hand it to `provideToken` or
   * say `failToken`.
   */
  | { readonly kind: 'sasl'; readonly challenge: Uint8Array | undefined }
  /** The broker let the client in, or again; for `lifetimeMs`, or for ever when 0. */
  | { readonly kind: 'authenticated'; readonly lifetimeMs: number; readonly isAgain: boolean }
  /** A call has its answer (undefined for a call without one, which has left). */
  | { readonly kind: 'resolve'; readonly call: C; readonly response: unknown }
  | { readonly kind: 'reject'; readonly call: C; readonly error: KafkaError }
  /** The session held back by the broker's quota, for diagnostics. */
  | { readonly kind: 'throttle'; readonly api: string; readonly ms: number }
  /** The session is over and every call is settled: close the connection. */
  | { readonly kind: 'close'; readonly error: KafkaError }
