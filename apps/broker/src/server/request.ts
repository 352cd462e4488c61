import type { DecodedRequestHeader } from '@ottla/protocol'
import type { BrokerServices } from '../services.js'
import type { Handler, RequestContext } from './handler.js'
import type { SaslAuthenticator } from './sasl/authenticator.js'

/** What a request needs to know of the connection it came on. */
export interface RequestOrigin {
  readonly broker: BrokerServices
  readonly principal: string
  readonly listener: string
  readonly sasl: SaslAuthenticator | undefined
  readonly remoteAddress: string
  /** Calls back when the connection ends. @returns a function that forgets it. */
  onDisconnect(callback: () => void): () => void
}

/**
 * A request from its arrival until its response has left: its place in the order of the connection, and what its handler
 * gets to know. One object for both, because a broker makes one per request.
 */
export class ServerRequest implements RequestContext {
  readonly served: Handler
  readonly header: DecodedRequestHeader
  readonly requestBytes: number
  /** 0 if nobody wants to know. */
  readonly arrivedMs: number
  /** Version of the response's body. */
  readonly responseVersion: number
  /** What the memory budget was charged with. */
  chargedBytes: number
  /** The response, once there is one; undefined for good where the client expects none. */
  parts: Uint8Array[] | undefined = undefined
  isDone = false
  /** Takes the response's place on the connection when its turn comes; undefined: it is sent. */
  deliver: ((parts: readonly Uint8Array[]) => void) | undefined = undefined
  readonly #origin: RequestOrigin

  constructor(
    origin: RequestOrigin,
    served: Handler,
    header: DecodedRequestHeader,
    responseVersion: number,
    requestBytes: number,
    arrivedMs: number,
  ) {
    this.#origin = origin
    this.served = served
    this.header = header
    this.responseVersion = responseVersion
    this.requestBytes = requestBytes
    this.chargedBytes = requestBytes
    this.arrivedMs = arrivedMs
  }

  get broker(): BrokerServices {
    return this.#origin.broker
  }

  get apiVersion(): number {
    return this.header.apiVersion
  }

  get clientId(): string | null {
    return this.header.clientId
  }

  get principal(): string {
    return this.#origin.principal
  }

  get listener(): string {
    return this.#origin.listener
  }

  get sasl(): SaslAuthenticator | undefined {
    return this.#origin.sasl
  }

  get remoteAddress(): string {
    return this.#origin.remoteAddress
  }

  /** A getter: handlers may take the function out of the context, and most never ask for it. */
  get onDisconnect(): (callback: () => void) => () => void {
    const origin = this.#origin
    return (callback) => origin.onDisconnect(callback)
  }
}
