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
import type { BrokerServices } from '../services.js'
import { FrameIntake } from './frame-intake.js'
import { CloseConnection, type Handler, noResponse } from './handler.js'
import type { MemoryBudget } from './memory-budget.js'
import { ServerRequest } from './request.js'
import type { HeldConnection, HeldRequest, RequestGate } from './request-gate.js'
import { ResponseQueue } from './response-queue.js'
import type { ResponseWriter } from './response-writer.js'
import type { SaslAuthenticator } from './sasl/authenticator.js'
import { ConnectionLogin, type LoginLimits } from './sasl/connection-login.js'

/** What all connections of a server share. */
export interface ConnectionContext extends LoginLimits {
  readonly broker: BrokerServices
  /** By API key. */
  readonly handlers: ReadonlyMap<number, Handler>
  readonly gate: RequestGate
  readonly budget: MemoryBudget
  readonly writer: ResponseWriter
  /** `queued.max.requests` */
  readonly maxPendingRequests: number
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
export class ClientConnection implements ConnectionHandler, HeldConnection {
  readonly connection: FramedConnection
  readonly listener: string
  readonly sasl: SaslAuthenticator | undefined
  readonly #context: ConnectionContext
  readonly #intake: FrameIntake
  readonly #responses: ResponseQueue
  readonly #login: ConnectionLogin | undefined
  readonly #onDisconnect = new Set<() => void>()
  #isClosed = false
  #wasActive = true
  #reason: string | undefined
  #isEndedByBroker = false

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
    const { budget, broker } = context
    this.#responses = new ResponseQueue(connection, budget)
    this.#intake = new FrameIntake({
      connection,
      budget,
      serve: (frame) => this.#serve(frame),
      isBusy: () => this.#isBusy(),
    })
    if (sasl === undefined) return
    this.#login = new ConnectionLogin(sasl, connection, broker.clock, context)
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
    return this.#responses.length
  }

  /** Whether anything has happened since the last call, or is being worked on. */
  takeActivity(): boolean {
    const wasActive = this.#wasActive || this.#responses.length > 0
    this.#wasActive = false
    return wasActive
  }

  onDisconnect(callback: () => void): () => void {
    this.#onDisconnect.add(callback)
    return () => this.#onDisconnect.delete(callback)
  }

  onFrame(frame: Uint8Array): void {
    if (this.#isClosed) return
    this.#wasActive = true
    this.#intake.take(frame)
  }

  onDrain(): void {
    this.#intake.proceed()
  }

  onClose(error?: Error): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#reason ??= error?.message
    if (error instanceof KafkaError && error.code === frameSizeCode) this.#isEndedByBroker = true
    this.#login?.cancel()
    const { broker, onClosed } = this.#context
    this.#intake.end()
    this.#responses.clear()
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
    this.#intake.end()
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
    const { broker, handlers, gate } = this.#context
    const { sasl } = this
    if (sasl?.takesRawTokens === true) {
      this.#takeRawToken(frame)
      return
    }
    const arrivedMs = broker.events.wants('request') ? broker.clock.monotonic() : 0
    const reader = new Reader(frame)
    let served: Handler | undefined
    let header: DecodedRequestHeader
    try {
      const apiKey = reader.int16()
      served = handlers.get(apiKey)
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
    this.#responses.add(request)
    if (refusal !== undefined) {
      this.#refuse(request, reader)
      return
    }
    const interception = gate.admit(this, request, frame)
    if (interception !== undefined) interception(this.#hold(request, frame))
    else if (isServed) {
      if (this.#isFreeAfter(served)) request.frame = frame
      this.#run(request, reader)
    } else this.#finish(request, unsupportedApiVersions(served))
  }

  /** Whether nobody looks at the request's frame once it is answered. */
  #isFreeAfter({ keepsNothing }: Handler): boolean {
    return keepsNothing && !this.#context.gate.isWatched
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
    return this.#intake.hold()
  }

  /** Ends the connection in the middle of a frame, of which the client gets one half. */
  dieMidFrame(frame: Uint8Array, reason: string): void {
    this.#end(reason)
    this.#intake.end()
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
        this.#login?.begin()
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
    this.#login?.finish()
    const failure = this.sasl?.failure
    if (failure === undefined) {
      this.#answer(request, body)
      return
    }
    this.#login?.fail(() => {
      this.#answer(request, body)
      this.close(failure)
    })
    this.#intake.pause()
  }

  #answer(request: ServerRequest, body: unknown): void {
    try {
      if (body !== noResponse) request.parts = this.#encode(request, body)
    } catch (error) {
      this.#fail(request, error)
      return
    }
    if (request.arrivedMs !== 0) this.#announce(request)
    this.#responses.settle(request)
    this.#intake.proceed()
  }

  #encode(request: ServerRequest, body: unknown): Uint8Array[] {
    const { served, header, responseVersion } = request
    const isNext = this.#responses.isNext(request)
    const { correlationId } = header
    return this.#context.writer.encode(served.api, responseVersion, correlationId, body, isNext)
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

  #takeRawToken(token: Uint8Array): void {
    this.#login?.takeToken(token, {
      accepted: (answer) => {
        this.connection.send(answer)
        this.#intake.proceed()
      },
      refused: (reason) => this.close(reason),
    })
    this.#intake.pause()
  }

  #announce({ served, header, requestBytes, responseBytes, arrivedMs }: ServerRequest): void {
    const { broker } = this.#context
    broker.events.publish('request', {
      api: served.api.name,
      apiVersion: header.apiVersion,
      clientId: header.clientId,
      correlationId: header.correlationId,
      remoteAddress: this.remoteAddress,
      principal: this.principal,
      requestBytes,
      responseBytes,
      durationMs: broker.clock.monotonic() - arrivedMs,
    })
  }

  #isBusy(): boolean {
    if (this.#responses.length >= this.#context.maxPendingRequests) return true
    if (this.#login?.isBusy === true) return true
    return this.#responses.heldBytes + this.connection.bufferedBytes > maxHeldBytes
  }
}

/** A frame that is too long, or no frame at all: the transport ends the connection, and we are the reason. */
const frameSizeCode = 'OTTLA_CONNECTION_FRAME_SIZE'

const encodeBody = (api: Api, version: number, body: object): Uint8Array =>
  api.request.at(version).encode(body)

const messageOf = (error: unknown): string =>
  error instanceof Error ? error.message : String(error)
