import {
  type Api,
  type Infer,
  type InferInput,
  type MessageType,
  type Reader,
  readRequestBody,
} from '@ottla/protocol'
import type { ThrottledConnection } from '../quota/client-throttle.js'
import type { BrokerServices } from '../services.js'
import type { SaslAuthenticator } from './sasl/authenticator.js'
import type { ServedApi, VersionBounds } from './served-api.js'

/** What a handler knows about the request besides its body. */
export interface RequestContext {
  readonly broker: BrokerServices
  readonly apiVersion: number
  /** From the request header; clients need not name themselves. */
  readonly clientId: string | null
  /** Who the client is: `User:alice`; `User:ANONYMOUS` on a listener that does not ask. */
  readonly principal: string
  /** Name of the listener the client came in on. */
  readonly listener: string
  /** The state of authentication; undefined on a listener without SASL. */
  readonly sasl: SaslAuthenticator | undefined
  /** The other end, `host:port`. */
  readonly remoteAddress: string
  /** Calls back if the client leaves before it is answered. @returns a function that forgets it. */
  readonly onDisconnect: (callback: () => void) => () => void
  /** The connection, to be made to wait by a quota. */
  readonly origin: ThrottledConnection
  /** Where the response may be put together. */
  readonly memory: ResponseMemory
}

/** Memory for one response, used for others when it has left. */
export interface ResponseMemory {
  /** At least so many bytes, whatever they hold. */
  readonly allocate: (bytes: number) => Uint8Array
  /** What was allocated so far is not in the response. */
  readonly reclaim: () => void
}

/** What a handler may return: the response's body, or nothing at all where the client expects none (acks=0). */
export type Answer<Body> = Body | typeof noResponse

/** The client expects no response. */
export const noResponse: unique symbol = Symbol('no response')

/** Thrown by a handler when the connection has to end, as Kafka ends it: an acks=0 request that failed, for one. */
export class CloseConnection extends Error {}

/** How one API is served. */
export interface Handler extends ServedApi {
  /** Whether nothing refers to the request's bytes once it is answered, so that they may be read over. */
  readonly keepsNothing: boolean
  /** Decodes the body, at which the reader stands, and answers it, at once or later. */
  serve(context: RequestContext, reader: Reader): Answer<unknown> | Promise<Answer<unknown>>
}

/** A row of the table of served APIs. */
export interface HandlerVersions extends VersionBounds {
  /** Lowest version in ApiVersions answers, where Kafka advertises more than it accepts. Default `min`. */
  readonly advertisedMin?: number
  /** Default false: strings are copies, but byte fields are views of what was read. */
  readonly keepsNothing?: boolean
}

/**
 * Declares how an API is served: which versions, as Kafka 4.4 has them, and the function that turns a request into its
 * response. A handler that can answer at once returns the response itself; only waiting costs a promise.
 */
export const handler = <Request extends MessageType, Response extends MessageType>(
  api: Api<Request, Response>,
  { min, max, advertisedMin = min, keepsNothing = false }: HandlerVersions,
  handle: (
    context: RequestContext,
    request: Infer<Request>,
  ) => Answer<InferInput<Response>> | Promise<Answer<InferInput<Response>>>,
): Handler => ({
  api,
  versions: { min, max },
  advertised: { min: advertisedMin, max },
  keepsNothing,
  serve: (context, reader) => handle(context, readRequestBody(api, context.apiVersion, reader)),
})
