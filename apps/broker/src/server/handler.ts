import {
  type Api,
  decodeRequestBody,
  type Infer,
  type InferInput,
  type MessageType,
} from '@ottla/protocol'
import type { BrokerServices } from '../services.js'

/** What a handler knows about the request besides its body. */
export interface RequestContext {
  readonly broker: BrokerServices
  readonly apiVersion: number
  /** From the request header; clients need not name themselves. */
  readonly clientId: string | null
  /** The other end, `host:port`. */
  readonly remoteAddress: string
  /** Calls back if the client leaves before it is answered. @returns a function that forgets it. */
  onDisconnect(callback: () => void): () => void
}

/** What a handler may return: the response's body, or nothing at all where the client expects none (acks=0). */
export type Answer<Body> = Body | typeof noResponse

/** The client expects no response. */
export const noResponse: unique symbol = Symbol('no response')

/** Thrown by a handler when the connection has to end, as Kafka ends it: an acks=0 request that failed, for one. */
export class CloseConnection extends Error {}

/** Versions from `min` to `max`. */
export interface VersionBounds {
  readonly min: number
  readonly max: number
}

/** How one API is served. */
export interface Handler {
  readonly api: Api
  /** What is accepted. */
  readonly versions: VersionBounds
  /** What ApiVersions says. */
  readonly advertised: VersionBounds
  /** Decodes the body and answers it, at once or later. */
  serve(
    context: RequestContext,
    frame: Uint8Array,
    bodyOffset: number,
  ): Answer<unknown> | Promise<Answer<unknown>>
}

/** A row of the table of served APIs. */
export interface HandlerVersions extends VersionBounds {
  /** Lowest version in ApiVersions answers, where Kafka advertises more than it accepts. Default `min`. */
  readonly advertisedMin?: number
}

/**
 * Declares how an API is served: which versions, as Kafka 4.4 has them, and the function that turns a request into its
 * response. A handler that can answer at once returns the response itself; only waiting costs a promise.
 */
export const handler = <Request extends MessageType, Response extends MessageType>(
  api: Api<Request, Response>,
  { min, max, advertisedMin = min }: HandlerVersions,
  handle: (
    context: RequestContext,
    request: Infer<Request>,
  ) => Answer<InferInput<Response>> | Promise<Answer<InferInput<Response>>>,
): Handler => ({
  api,
  versions: { min, max },
  advertised: { min: advertisedMin, max },
  serve: (context, frame, bodyOffset) =>
    handle(context, decodeRequestBody(api, context.apiVersion, frame, bodyOffset)),
})
