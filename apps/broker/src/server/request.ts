import type { DecodedRequestHeader } from '@ottla/protocol'
import type { BrokerServices } from '../services.js'
import type { Handler, RequestContext, ResponseMemory } from './handler.js'
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
  /** Reads nothing more until the returned function is called. */
  stopReading(): () => void
}

/** Memory below this is cheap to get. */
const leastPooledBytes = 32 * 1024

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
  /** The request's bytes, if they are to be given back when it is answered. */
  frame: Uint8Array | undefined = undefined
  /** What the response was read into. */
  #lent: Buffer[] | undefined = undefined
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

  get origin(): RequestOrigin {
    return this.#origin
  }

  get memory(): ResponseMemory {
    return {
      allocate: (bytes) => {
        if (bytes < leastPooledBytes) return Buffer.allocUnsafe(bytes)
        const memory = this.broker.fetchMemory.take(bytes)
        this.#lent ??= []
        this.#lent.push(memory)
        return memory
      },
      reclaim: () => this.#giveBack(),
    }
  }

  /** Size of the response; 0 while there is none. */
  get responseBytes(): number {
    let bytes = 0
    if (this.parts !== undefined) for (const part of this.parts) bytes += part.length
    return bytes
  }

  /** What to call when the response has left; undefined if it lies in no memory of ours. */
  get onSent(): (() => void) | undefined {
    return this.#lent === undefined ? undefined : () => this.#giveBack()
  }

  #giveBack(): void {
    const lent = this.#lent
    this.#lent = undefined
    for (const memory of lent ?? []) this.broker.fetchMemory.give(memory)
  }

  /** A getter: handlers may take the function out of the context, and most never ask for it. */
  get onDisconnect(): (callback: () => void) => () => void {
    const origin = this.#origin
    return (callback) => origin.onDisconnect(callback)
  }
}
