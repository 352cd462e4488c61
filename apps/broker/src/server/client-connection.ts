import type { ConnectionHandler, FramedConnection } from '@ottla/network'
import {
  type Api,
  ApiVersions,
  type DecodedRequestHeader,
  ErrorCode,
  KafkaError,
  Reader,
  readRequestBody,
  readRequestHeader,
} from '@ottla/protocol'
import { errorResponse } from '../control/error-response.js'
import { unsupportedApiVersions } from '../handlers/api-versions.js'
import type { Timer } from '../platform.js'
import type { BrokerServices } from '../services.js'
import { CloseConnection, type Handler, noResponse } from './handler.js'
import type { MemoryBudget } from './memory-budget.js'
import { type RequestOrigin, ServerRequest } from './request.js'
import type { HeldRequest } from './request-gate.js'
import type { ResponseWriter } from './response-writer.js'
import type { SaslAuthenticator } from './sasl/authenticator.js'

/** What all connections of a server share. */
export interface ConnectionContext {
  readonly broker: BrokerServices
  readonly budget: MemoryBudget
  readonly writer: ResponseWriter
  /** `queued.max.requests` */
  readonly maxPendingRequests: number
  /** `sasl.server.max.receive.size`: longest frame before authentication. */
  readonly maxUnauthenticatedBytes: number
  /** `connection.failed.authentication.delay.ms`: slows down who tries passwords. */
  readonly failedAuthenticationDelayMs: number
  /** Told once, when the connection has ended. */
  onClosed(connection: ClientConnection): void
}

/** Responses of one connection that wait for the socket or for an earlier response, above which reading stops. */
const maxHeldBytes = 8 * 1024 * 1024

/**
 * One client. Requests are handled as they arrive, not one after the other, so a parked fetch holds up nobody's produce;
 * responses leave in the order of the requests, as the protocol wants. Too many unanswered requests, or responses the
 * client does not take, stop the reading; so does a step of authentication, until it is answered.
 */
export class ClientConnection implements ConnectionHandler, RequestOrigin {
  readonly connection: FramedConnection
  readonly listener: string
  readonly sasl: SaslAuthenticator | undefined
  readonly #context: ConnectionContext
  /** Requests whose responses have not left, in order of arrival. */
  readonly #requests: ServerRequest[] = []
  readonly #onDisconnect = new Set<() => void>()
  /** Frames the transport had in hand when reading was stopped. */
  #backlog: Uint8Array[] = []
  #heldBytes = 0
  #isPaused = false
  #isClosing = false
  #isClosed = false
  /** A token is being checked, or its failure waits to be told. */
  #isAuthenticating = false
  /** Frames are short until authentication (`sasl.server.max.receive.size`). */
  #isLimited = false
  /** Who has stopped the reading from outside. */
  #holds = 0
  #wasActive = true
  #failureTimer: Timer | undefined
  #reason: string | undefined
  #isEndedByBroker = false
  readonly #resume = (): void => this.#continueReading()

  /** @param sasl undefined where the listener does not ask who the client is. */
  constructor(
    connection: FramedConnection,
    context: ConnectionContext,
    listener: string,
    sasl: SaslAuthenticator | undefined,
  ) {
    this.connection = connection
    this.listener = listener
    this.sasl = sasl
    this.#context = context
    if (sasl === undefined) return
    this.#isLimited = true
    connection.limitFrames(context.maxUnauthenticatedBytes)
  }

  get broker(): BrokerServices {
    return this.#context.broker
  }

  get remoteAddress(): string {
    return this.connection.remoteAddress
  }

  /** From SASL, else from the client's certificate, else nobody's. */
  get principal(): string {
    return `User:${this.sasl?.user ?? this.connection.peerSubject ?? 'ANONYMOUS'}`
  }

  /** Requests that are not answered yet. */
  get pendingRequests(): number {
    return this.#requests.length
  }

  /** Whether anything has happened since the last call, or is being worked on. */
  takeActivity(): boolean {
    const wasActive = this.#wasActive || this.#requests.length > 0
    this.#wasActive = false
    return wasActive
  }

  onDisconnect(callback: () => void): () => void {
    this.#onDisconnect.add(callback)
    return () => this.#onDisconnect.delete(callback)
  }

  onFrame(frame: Uint8Array): void {
    if (this.#isClosed || this.#isClosing) return
    this.#wasActive = true
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
    if (error instanceof KafkaError && error.code === frameSizeCode) this.#isEndedByBroker = true
    this.#failureTimer?.cancel()
    const { budget, broker, onClosed } = this.#context
    budget.forget(this.#resume)
    for (const { chargedBytes } of this.#requests) budget.release(chargedBytes)
    this.#requests.length = 0
    this.#backlog = []
    for (const callback of this.#onDisconnect) callback()
    this.#onDisconnect.clear()
    broker.events.publish('disconnection', {
      connectionId: this.connection.id,
      remoteAddress: this.remoteAddress,
      reason: this.#reason,
      endedByBroker: this.#isEndedByBroker,
    })
    onClosed(this)
  }

  /** Ends the connection; what was answered already still goes out. */
  close(reason?: string): void {
    this.#end(reason)
    this.#isClosing = true
    this.#backlog = []
    this.connection.close()
  }

  /** Ends the connection at once. */
  destroy(reason: string): void {
    this.#end(reason)
    this.connection.destroy()
  }

  #end(reason: string | undefined): void {
    this.#isEndedByBroker ||= reason !== undefined && this.#reason === undefined
    this.#reason ??= reason
  }

  #serve(frame: Uint8Array): void {
    const { broker, budget } = this.#context
    const { sasl } = this
    if (sasl !== undefined && !sasl.isAuthenticated) {
      if (sasl.takesRawTokens) {
        this.#takeRawToken(sasl, frame)
        return
      }
    }
    const arrivedMs = broker.events.wants('request') ? broker.clock.monotonic() : 0
    const reader = new Reader(frame)
    let served: Handler | undefined
    let header: DecodedRequestHeader
    try {
      const apiKey = reader.int16()
      served = broker.handlers.get(apiKey)
      if (served === undefined) {
        this.close(`request with API key ${apiKey}, which this broker does not serve`)
        return
      }
      reader.offset = 0
      header = readRequestHeader(reader)
    } catch (error) {
      this.close(`unreadable request header: ${messageOf(error)}`)
      return
    }
    const { apiKey, apiVersion } = header
    const { min, max } = served.versions
    const isServed = apiVersion >= min && apiVersion <= max
    if (!isServed && apiKey !== ApiVersions.key) {
      this.close(`${served.api.name} request of version ${apiVersion}; ${min} to ${max} are served`)
      return
    }
    const refusal = sasl?.admit(served.api, broker.clock.now())
    if (refusal !== undefined && sasl?.failure === undefined) {
      this.close(`${served.api.name} request refused: ${refusal}`)
      return
    }
    const responseVersion = isServed ? apiVersion : 0
    const bytes = frame.length
    const request = new ServerRequest(this, served, header, responseVersion, bytes, arrivedMs)
    this.#requests.push(request)
    budget.take(bytes)
    if (refusal !== undefined) {
      this.#refuse(request, reader)
      return
    }
    const interception = broker.gate.admit(this, request, frame)
    if (interception !== undefined) interception(this.#hold(request, frame))
    else if (isServed) {
      if (this.#isFreeAfter(served)) request.frame = frame
      this.#run(request, reader)
    } else this.#finish(request, unsupportedApiVersions(served))
    if (this.#isOverloaded()) this.#stopReading()
  }

  /** Whether nobody looks at the request's frame once it is answered. */
  #isFreeAfter({ keepsNothing }: Handler): boolean {
    return keepsNothing && !this.#context.broker.gate.isWatched
  }

  /** Answers a request that is out of place in an authentication, which has failed with it. */
  #refuse(request: ServerRequest, reader: Reader): void {
    const { api } = request.served
    const version = request.apiVersion
    try {
      const body = readRequestBody(api, version, reader) as object
      const errorCode = ErrorCode.ILLEGAL_SASL_STATE
      this.#finish(request, errorResponse({ api, version, errorCode, filter: {} }, { ...body }))
    } catch (error) {
      this.#fail(request, error)
    }
  }

  /** Stops reading from this client until the returned function, and that of every other call, is called. */
  stopReading(): () => void {
    let isHeld = true
    this.#holds += 1
    this.#stopReading()
    return () => {
      if (!isHeld) return
      isHeld = false
      this.#holds -= 1
      this.#continueReading()
    }
  }

  /** Ends the connection in the middle of a frame, of which the client gets one half. */
  dieMidFrame(frame: Uint8Array, reason: string): void {
    this.#end(reason)
    this.#isClosing = true
    this.connection.closeMidFrame(frame)
  }

  #hold(request: ServerRequest, frame: Uint8Array): HeldRequest {
    const { served, header } = request
    return {
      request,
      connection: this,
      frame,
      serve: async (body) => {
        const bytes = body === undefined ? frame : encodeBody(served.api, header.apiVersion, body)
        const start = body === undefined ? header.bodyOffset : 0
        return served.serve(request, new Reader(bytes, start))
      },
      finish: (body) => this.#finish(request, body),
      fail: (error) => this.#fail(request, error),
    }
  }

  #run(request: ServerRequest, reader: Reader): void {
    try {
      const answer = request.served.serve(request, reader)
      if (answer instanceof Promise) {
        if (this.sasl !== undefined && !this.sasl.isAuthenticated) this.#isAuthenticating = true
        answer.then(
          (body) => this.#finish(request, body),
          (error: unknown) => this.#fail(request, error),
        )
      } else this.#finish(request, answer)
    } catch (error) {
      this.#fail(request, error)
    }
  }

  #finish(request: ServerRequest, body: unknown): void {
    if (this.#isClosed) return
    this.#isAuthenticating = false
    this.#liftLimit()
    const failure = this.sasl?.failure
    if (failure === undefined) {
      this.#answer(request, body)
      return
    }
    this.#afterDelay(() => {
      this.#answer(request, body)
      this.close(failure)
    })
  }

  #answer(request: ServerRequest, body: unknown): void {
    const isNext = this.#requests[0] === request
    try {
      if (body !== noResponse) request.parts = this.#encode(request, body, isNext)
    } catch (error) {
      this.#fail(request, error)
      return
    }
    request.isDone = true
    if (isNext) {
      if (request.arrivedMs !== 0) this.#announce(request)
      this.#flush()
      return
    }
    const responseBytes = sizeOf(request.parts)
    this.#heldBytes += responseBytes
    this.#context.budget.take(responseBytes)
    request.chargedBytes += responseBytes
    if (request.arrivedMs !== 0) this.#announce(request)
  }

  #encode(
    { served, header, responseVersion }: ServerRequest,
    body: unknown,
    atOnce: boolean,
  ): Uint8Array[] {
    const { correlationId } = header
    return this.#context.writer.encode(served.api, responseVersion, correlationId, body, atOnce)
  }

  /** Sends every response whose turn it is; all but the first have been held. */
  #flush(): void {
    const requests = this.#requests
    const { budget } = this.#context
    let sent = 0
    for (;;) {
      const request = requests[sent]
      if (request === undefined || !request.isDone) break
      if (request.parts !== undefined) {
        if (request.deliver === undefined) this.connection.send(request.parts, request.onSent)
        else request.deliver(request.parts)
      }
      if (request.frame !== undefined) this.connection.recycle(request.frame)
      budget.release(request.chargedBytes)
      if (sent > 0) this.#heldBytes -= sizeOf(request.parts)
      sent += 1
    }
    if (sent === 1) requests.shift()
    else requests.splice(0, sent)
    if (this.#isPaused) this.#continueReading()
  }

  #fail({ served, header }: ServerRequest, error: unknown): void {
    if (this.#isClosed) return
    const what = `${served.api.name} v${header.apiVersion} request`
    if (error instanceof CloseConnection) this.close(error.message)
    else if (error instanceof KafkaError) this.close(`${what}: ${error.message}`)
    else {
      this.broker.events.publish('problem', { what, error })
      this.close(`${what} failed inside the broker: ${messageOf(error)}`)
    }
  }

  /** After a handshake of version 0 tokens come and go without headers; a failure has no words, just an end. */
  #takeRawToken(sasl: SaslAuthenticator, token: Uint8Array): void {
    this.#isAuthenticating = true
    this.#stopReading()
    const conclude = ({ errorCode, authBytes }: { errorCode: number; authBytes: Uint8Array }) => {
      if (this.#isClosed) return
      this.#isAuthenticating = false
      this.#liftLimit()
      const { failure } = sasl
      if (errorCode !== ErrorCode.NONE) this.#afterDelay(() => this.close(failure))
      else {
        this.connection.send(authBytes)
        this.#continueReading()
      }
    }
    void sasl.authenticate(token, this.broker.clock.now()).then(conclude)
  }

  /** Who has shown who he is may send long frames. */
  #liftLimit(): void {
    if (!this.#isLimited || this.sasl?.isAuthenticated !== true) return
    this.#isLimited = false
    this.connection.limitFrames(undefined)
  }

  /** Authentication has failed: what is left to do waits, and nothing more is read. */
  #afterDelay(conclude: () => void): void {
    this.#isAuthenticating = true
    this.#stopReading()
    const { failedAuthenticationDelayMs } = this.#context
    this.#failureTimer = this.broker.clock.setTimer(failedAuthenticationDelayMs, conclude)
  }

  #announce({ served, header, requestBytes, arrivedMs, parts }: ServerRequest): void {
    const { broker } = this.#context
    broker.events.publish('request', {
      api: served.api.name,
      apiVersion: header.apiVersion,
      clientId: header.clientId,
      correlationId: header.correlationId,
      remoteAddress: this.remoteAddress,
      principal: this.principal,
      requestBytes,
      responseBytes: sizeOf(parts),
      durationMs: broker.clock.monotonic() - arrivedMs,
    })
  }

  #isOverloaded(): boolean {
    const { maxPendingRequests, budget } = this.#context
    if (this.#requests.length >= maxPendingRequests || budget.isExhausted) return true
    if (this.#isAuthenticating || this.#holds > 0) return true
    return this.#heldBytes + this.connection.bufferedBytes > maxHeldBytes
  }

  #stopReading(): void {
    if (this.#isPaused || this.#isClosed) return
    this.#isPaused = true
    this.connection.pause()
    this.#awaitRoom()
  }

  /** The socket and our own requests call back by themselves; memory held by other connections has to be asked to. */
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

/** A frame that is too long, or no frame at all: the transport ends the connection, and we are the reason. */
const frameSizeCode = 'OTTLA_CONNECTION_FRAME_SIZE'

const sizeOf = (parts: readonly Uint8Array[] | undefined): number => {
  let bytes = 0
  if (parts !== undefined) for (const part of parts) bytes += part.length
  return bytes
}

const encodeBody = (api: Api, version: number, body: object): Uint8Array =>
  api.request.at(version).encode(body)

const messageOf = (error: unknown): string =>
  error instanceof Error ? error.message : String(error)
