import type { ErrorName } from '@ottla/protocol'
import type { ApiName, RequestOf, ResponseOf } from './api-names.js'
import type { ArrivedRequest } from './arrived-request.js'

/** Which requests a fault is for. What is left out matches everything. */
export interface FaultMatch<Name extends ApiName = ApiName> {
  /** Kafka's name of the API, or several. */
  readonly api?: Name | readonly Name[]
  /** Requests that are about this topic; an error is given for it alone, the rest is served. */
  readonly topic?: string
  /** Requests that are about this partition (of `topic`, if given); an error is given for it alone. */
  readonly partition?: number
  /** Id of a connection, as the `connection` event and the request log have it. */
  readonly connection?: number
  /** The client's `client.id`. */
  readonly clientId?: string
  /** Version of the request. */
  readonly version?: number
  /** How many requests it takes before it is over. Default: all, until it is removed. */
  readonly times?: number
  /** Share of the matching requests that it takes, 0 to 1. Default 1. */
  readonly probability?: number
  /** Makes `probability` and `corrupt` repeat. Default 1. */
  readonly seed?: number
  /** Anything else; `request.body` is the decoded request. */
  readonly when?: (request: ArrivedRequest<RequestOf<Name>>) => boolean
}

/** What happens to a request; one of these, with or without a delay. */
export type FaultAction<Name extends ApiName = ApiName> = {
  /** The response goes out this much later (by the broker's clock), and so does all that follows on the connection. */
  readonly delayMs?: number
} & (
  | NoAction
  /** Refused with an error code, in the shape of that API and version; what is refused is not done. */
  | { readonly error: ErrorName | number }
  /**
   * The connection ends: `before` the request is handled, `after` it was handled but before its response, or `halfway`
   * through the response.
   */
  | { readonly drop: 'before' | 'after' | 'halfway' }
  /** The broker stops `reading` from or `answering` to the connection, which stays open, until the fault is removed. */
  | { readonly stop: 'reading' | 'answering' }
  /** The response's bytes are changed behind its correlation id: at random places, or by a function. */
  | { readonly corrupt: true | ((response: Uint8Array) => Uint8Array) }
  /** This is the response; the request is not handled. */
  | { readonly answer: (request: ArrivedRequest<RequestOf<Name>>) => ResponseOf<Name> }
  /** The response to a handled request, with changes: made in place, or returned as another. */
  | { readonly patch: Patch<Name, ResponseOf<Name> | undefined> | Patch<Name, void> }
)

type Patch<Name extends ApiName, Result> = (
  response: Draft<ResponseOf<Name>>,
  request: ArrivedRequest<RequestOf<Name>>,
) => Result

interface NoAction {
  readonly error?: undefined
}

/** A response that may be written to. */
export type Draft<T> = T extends Uint8Array
  ? T
  : T extends readonly (infer Element)[]
    ? Draft<Element>[]
    : T extends object
      ? { -readonly [Key in keyof T]: Draft<T[Key]> }
      : T

/** A fault that was added. */
export interface Fault {
  /** Requests it has taken so far. */
  readonly hits: number
  /**
   * Resolves when it has taken `count` requests (default 1) in all.
   * @throws TimeoutError after `timeoutMs` (default 4000); the signal's reason.
   */
  hit(
    count?: number,
    options?: { readonly timeoutMs?: number; readonly signal?: AbortSignal },
  ): Promise<void>
  /** Ends it: later requests pass, and what it holds up goes on. Idempotent. */
  remove(): void
  [Symbol.dispose](): void
}
