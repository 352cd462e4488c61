import type { ConnectionHandler, FramedConnection } from '@ottla/network'
import {
  ApiVersions,
  type DecodedRequestHeader,
  decodeRequestHeader,
  KafkaError,
} from '@ottla/protocol'
import { unsupportedApiVersions } from '../handlers/api-versions.js'
import type { BrokerServices } from '../services.js'
import { CloseConnection, type Handler, noResponse, type RequestContext } from './handler.js'
import type { MemoryBudget } from './memory-budget.js'
import type { ResponseWriter } from './response-writer.js'

/** What all connections of a server share. */
export interface ConnectionContext {
  readonly broker: BrokerServices
  readonly budget: MemoryBudget
  readonly writer: ResponseWriter
  /** `queued.max.requests` */
  readonly maxPendingRequests: number
  /** Told once, when the connection has ended. */
  onClosed(connection: ClientConnection): void
}

/** Responses of one connection that wait for the socket or for an earlier response, above which reading stops. */
const maxHeldBytes = 8 * 1024 * 1024

/** A request that has arrived, in the order of arrival, until its response may go out. */
interface Slot {
  parts: Uint8Array[] | undefined
  isDone: boolean
  bytes: number
}

/**
 * One client. Requests are handled as they arrive, not one after the other, so a parked fetch holds up nobody's produce;
 * responses leave in the order of the requests, as the protocol wants. Too many unanswered requests, or responses the
 * client does not take, stop the reading.
 */
export class ClientConnection implements ConnectionHandler {
  readonly connection: FramedConnection
  readonly #context: ConnectionContext
  readonly #slots: Slot[] = []
  readonly #onDisconnect = new Set<() => void>()
  /** Frames the transport had in hand when reading was stopped. */
  #backlog: Uint8Array[] = []
  #heldBytes = 0
  #isPaused = false
  #isClosing = false
  #isClosed = false
  #reason: string | undefined
  readonly #resume = (): void => this.#continueReading()

  constructor(connection: FramedConnection, context: ConnectionContext) {
    this.connection = connection
    this.#context = context
  }

  /** Requests that are not answered yet. */
  get pendingRequests(): number {
    return this.#slots.length
  }

  onFrame(frame: Uint8Array): void {
    if (this.#isClosed || this.#isClosing) return
    if (this.#isPaused) this.#backlog.push(frame)
    else this.#serve(frame)
  }

  onDrain(): void {
    this.#continueReading()
  }

  onClose(error?: Error): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#reason ??= error?.message
    const { budget, broker, onClosed } = this.#context
    budget.forget(this.#resume)
    for (const slot of this.#slots) budget.release(slot.bytes)
    this.#slots.length = 0
    this.#backlog = []
    for (const callback of this.#onDisconnect) callback()
    this.#onDisconnect.clear()
    const { id, remoteAddress } = this.connection
    const reason = this.#reason
    broker.events.publish('disconnection', { connectionId: id, remoteAddress, reason })
    onClosed(this)
  }

  /** Ends the connection; what was answered already still goes out. */
  close(reason?: string): void {
    this.#reason ??= reason
    this.#isClosing = true
    this.#backlog = []
    this.connection.close()
  }

  /** Ends the connection at once. */
  destroy(reason: string): void {
    this.#reason ??= reason
    this.connection.destroy()
  }

  #serve(frame: Uint8Array): void {
    const arrivedMs = this.#context.broker.events.wants('request')
      ? this.#context.broker.clock.monotonic()
      : 0
    let header: DecodedRequestHeader
    try {
      header = decodeRequestHeader(frame)
    } catch (error) {
      this.close(`unreadable request header: ${messageOf(error)}`)
      return
    }
    const served = this.#context.broker.handlers.get(header.apiKey)
    if (served === undefined) {
      this.close(`request with API key ${header.apiKey}, which this broker does not serve`)
      return
    }
    const { min, max } = served.versions
    const isServed = header.apiVersion >= min && header.apiVersion <= max
    if (!isServed && served.api.key !== ApiVersions.key) {
      this.close(
        `${served.api.name} request of version ${header.apiVersion}; ${min} to ${max} are served`,
      )
      return
    }
    const request = new PendingRequest(served, header, frame.length, arrivedMs)
    const slot: Slot = { parts: undefined, isDone: false, bytes: frame.length }
    this.#slots.push(slot)
    this.#context.budget.take(slot.bytes)
    if (isServed) this.#run(request, slot, frame)
    else this.#finish({ ...request, responseVersion: 0 }, slot, unsupportedApiVersions(served))
    if (this.#isOverloaded()) this.#stopReading()
  }

  #run(request: PendingRequest, slot: Slot, frame: Uint8Array): void {
    const { served, header } = request
    const context: RequestContext = {
      broker: this.#context.broker,
      apiVersion: header.apiVersion,
      clientId: header.clientId,
      remoteAddress: this.connection.remoteAddress,
      onDisconnect: (callback) => {
        this.#onDisconnect.add(callback)
        return () => this.#onDisconnect.delete(callback)
      },
    }
    try {
      const answer = served.serve(context, frame, header.bodyOffset)
      if (answer instanceof Promise) {
        answer.then(
          (body) => this.#finish(request, slot, body),
          (error: unknown) => this.#fail(request, error),
        )
      } else this.#finish(request, slot, answer)
    } catch (error) {
      this.#fail(request, error)
    }
  }

  #finish(request: PendingRequest, slot: Slot, body: unknown): void {
    if (this.#isClosed) return
    const isNext = this.#slots[0] === slot
    try {
      if (body !== noResponse) slot.parts = this.#encode(request, body, isNext)
    } catch (error) {
      this.#fail(request, error)
      return
    }
    slot.isDone = true
    const responseBytes = slot.parts === undefined ? 0 : sizeOf(slot.parts)
    if (isNext) this.#flush()
    else {
      this.#heldBytes += responseBytes
      this.#context.budget.take(responseBytes)
      slot.bytes += responseBytes
    }
    if (request.arrivedMs !== 0) this.#announce(request, responseBytes)
  }

  #encode(
    { served, header, responseVersion }: PendingRequest,
    body: unknown,
    atOnce: boolean,
  ): Uint8Array[] {
    const { correlationId } = header
    return this.#context.writer.encode(served.api, responseVersion, correlationId, body, atOnce)
  }

  /** Sends every response whose turn it is. */
  #flush(): void {
    let sent = 0
    for (const slot of this.#slots) {
      if (!slot.isDone) break
      if (slot.parts !== undefined) this.connection.send(slot.parts)
      this.#context.budget.release(slot.bytes)
      if (sent > 0 && slot.parts !== undefined) this.#heldBytes -= sizeOf(slot.parts)
      sent += 1
    }
    if (sent === 1) this.#slots.shift()
    else this.#slots.splice(0, sent)
    if (this.#isPaused) this.#continueReading()
  }

  #fail({ served, header }: PendingRequest, error: unknown): void {
    if (this.#isClosed) return
    const what = `${served.api.name} v${header.apiVersion} request`
    if (error instanceof CloseConnection) this.close(error.message)
    else if (error instanceof KafkaError) this.close(`${what}: ${error.message}`)
    else {
      this.#context.broker.events.publish('problem', { what, error })
      this.close(`${what} failed inside the broker: ${messageOf(error)}`)
    }
  }

  #announce(
    { served, header, requestBytes, arrivedMs }: PendingRequest,
    responseBytes: number,
  ): void {
    const { broker } = this.#context
    broker.events.publish('request', {
      api: served.api.name,
      apiVersion: header.apiVersion,
      clientId: header.clientId,
      correlationId: header.correlationId,
      remoteAddress: this.connection.remoteAddress,
      requestBytes,
      responseBytes,
      durationMs: broker.clock.monotonic() - arrivedMs,
    })
  }

  #isOverloaded(): boolean {
    const { maxPendingRequests, budget } = this.#context
    if (this.#slots.length >= maxPendingRequests || budget.isExhausted) return true
    return this.#heldBytes + this.connection.bufferedBytes > maxHeldBytes
  }

  #stopReading(): void {
    if (this.#isPaused || this.#isClosed) return
    this.#isPaused = true
    this.connection.pause()
    this.#awaitRoom()
  }

  /** The socket and our own slots call back by themselves; memory held by other connections has to be asked to. */
  #awaitRoom(): void {
    const { budget } = this.#context
    if (budget.isExhausted) budget.whenFree(this.#resume)
  }

  #continueReading(): void {
    while (this.#isPaused && !this.#isClosed && !this.#isClosing) {
      if (this.#isOverloaded()) {
        this.#awaitRoom()
        return
      }
      const frame = this.#backlog.shift()
      if (frame === undefined) {
        this.#isPaused = false
        this.connection.resume()
      } else this.#serve(frame)
    }
  }
}

/** A request whose response is still to be written. */
class PendingRequest {
  readonly served: Handler
  readonly header: DecodedRequestHeader
  readonly requestBytes: number
  /** 0 if nobody wants to know. */
  readonly arrivedMs: number
  /** Version of the response body. */
  readonly responseVersion: number

  constructor(
    served: Handler,
    header: DecodedRequestHeader,
    requestBytes: number,
    arrivedMs: number,
  ) {
    this.served = served
    this.header = header
    this.requestBytes = requestBytes
    this.arrivedMs = arrivedMs
    this.responseVersion = header.apiVersion
  }
}

const sizeOf = (parts: readonly Uint8Array[]): number => {
  let bytes = 0
  for (const part of parts) bytes += part.length
  return bytes
}

const messageOf = (error: unknown): string =>
  error instanceof Error ? error.message : String(error)
