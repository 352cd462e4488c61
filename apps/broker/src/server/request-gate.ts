import type { FramedConnection } from '@ottla/network'
import type { RequestOrigin, ServerRequest } from './request.js'

/** The connection of such a request, which can be ended in all the ways a broker may die. */
export interface HeldConnection extends RequestOrigin {
  readonly connection: FramedConnection
  /** Ends the connection at once. */
  destroy(reason: string): void
  /** Ends it in the middle of a frame, of which the client gets one half. */
  dieMidFrame(frame: Uint8Array, reason: string): void
}

/** A request that was taken out of its normal way, and what can be done with it. */
export interface HeldRequest {
  readonly request: ServerRequest
  readonly connection: HeldConnection
  /** Header and body, as they arrived. */
  readonly frame: Uint8Array
  /** Has the request handled: as it arrived, or with another body in its place. Rejects with what the handler throws. */
  serve(body?: object): Promise<unknown>
  /** Answers with a body, as if the handler had returned it. */
  finish(body: unknown): void
  /** Ends the connection, as if the handler had thrown this. */
  fail(error: unknown): void
}

/** Takes charge of a request: whoever is given one finishes it, fails it or leaves it without an answer. */
export type Interception = (held: HeldRequest) => void

/** What is asked about every request before its handler is: the one place where test controls reach into the broker. */
export interface RequestGate {
  /** @returns undefined to let the request go its way. */
  admit(
    connection: HeldConnection,
    request: ServerRequest,
    frame: Uint8Array,
  ): Interception | undefined
  /** Whether requests are shown to somebody who may keep their bytes. */
  readonly isWatched: boolean
}
