import type { InferInput, MessageType } from '@ottla/protocol'

/** Where a request goes and how long it may take. */
export interface RequestOptions {
  /** A node id, the controller, or whichever broker is at hand. Default `any`. */
  readonly node?: number | 'any' | 'controller' | undefined
  /**
   * Names a connection of its own to that node, because a broker answers one connection in order: a fetch that waits for
   * data must not hold up heartbeats. Default `main`.
   */
  readonly lane?: string | undefined
  /** Limit for everything: connecting, waiting for a place, the answer. Default `requestTimeoutMs`. */
  readonly timeoutMs?: number | undefined
  readonly signal?: AbortSignal | undefined
  /** Lowest version that can express what is asked. Default: the API's lowest. */
  readonly minVersion?: number | undefined
  /** Highest version to use. Default: the API's highest. */
  readonly maxVersion?: number | undefined
  /**
   * False for Produce with acks=0, which brokers never answer: resolves once the operating system has taken the request, with
   * an undefined response.
   */
  readonly expectResponse?: boolean | undefined
  /** Called when the request is written to a connection: until then no broker has it, whatever comes of the request. */
  readonly onWrite?: (() => void) | undefined
}

/** What came back. Error codes inside `response` are the caller's to read. */
export interface RequestResult<Response> {
  readonly response: Response
  /** The version both sides spoke. */
  readonly version: number
  /** Who answered; negative for a bootstrap address whose id is not known yet. */
  readonly node: number
}

/** A request's body, or a function that makes it for the version agreed on. */
export type RequestInput<Request extends MessageType> =
  | InferInput<Request>
  | ((version: number) => InferInput<Request>)
