import type { Socket } from 'node:net'
import type { Api, Versions } from '@ottla/protocol'
import {
  createFrameDecoder,
  decodeResponse,
  encodeRequestFrame,
  type Infer,
  type InferInput,
  type MessageType,
  readCorrelationId,
} from '@ottla/protocol'
import { NeedUnmet, RuleBroken } from '../rules/rule-broken.js'
import type { Credentials, TlsSettings } from '../target.js'
import type { AnyApi } from './any-api.js'
import { type Exchange, rememberPlaces } from './exchange.js'
import type { Recorder } from './recorder.js'
import { trimRequest } from './trim-request.js'
import { Waiters } from './waiters.js'

/** Where and how to connect. */
export interface ConnectOptions {
  /** `HOST:PORT`. Default: the bootstrap address, or that of the SASL listener. */
  readonly address?: string | undefined
  /** The target's listener for rules that need `sasl-plain` or `acls`, or `re-authentication`. */
  readonly listener?: 'sasl' | 'renewal' | undefined
  /** A user of the SASL listener to log in as, or credentials; `null` connects without logging in. */
  readonly as?: string | Credentials | null | undefined
  readonly tls?: TlsSettings | undefined
}

/** How one request differs from the usual. */
export interface AskOptions {
  /** Default: the execution's version for the rule's first API, else the highest both sides know. */
  readonly version?: number
  /** Default `ottla-conformance`; null sends none. */
  readonly clientId?: string | null
  /** Default: that of the rule. */
  readonly deadlineMs?: number
  /** What is written instead of the correlation id that this client counts. */
  readonly correlationId?: number
  /** What is read of the answer is not what the rule judges, unless it compares just that. */
  readonly isSetUp?: boolean
}

/** A request on its way; the answer can be waited for later. */
export interface Sent<Answer> {
  readonly correlationId: number
  answer(): Promise<Answer>
}

/** A request that is still to be sent. */
export interface Prepared<Answer> extends Sent<Answer> {
  /** Its bytes with their size before them, to be sent with `sendRaw`, in pieces for instance. */
  readonly frame: Uint8Array
}

/** What a client takes from the execution it belongs to. */
export interface ClientPlace {
  readonly recorder: Recorder
  readonly deadlineMs: number
  readonly signal: AbortSignal
  versionFor(api: AnyApi): number
  /** A view of each answer that is handed to the rule in its place. */
  readonly view?: (<Body>(exchange: Exchange, body: Body) => Body) | undefined
}

const MAX_FRAME_BYTES = 256 * 1024 * 1024
const CLIENT_ID = 'ottla-conformance'

/**
 * One connection, spoken to with nothing but the codec: it retries nothing, follows nothing and
 * believes nothing. Answers are matched by correlation id, so requests may be pipelined.
 */
export class RawClient {
  readonly address: string
  /** Correlation ids of the answers in the order in which they came. */
  readonly order: number[] = []
  readonly #socket: Socket
  readonly #place: ClientPlace
  readonly #frames = new Waiters<Uint8Array>()
  readonly #answers = new Map<number, Waiters<Uint8Array>>()
  #closed: string | undefined

  constructor(address: string, socket: Socket, place: ClientPlace) {
    this.address = address
    this.#socket = socket
    this.#place = place
    const decoder = createFrameDecoder({ maxBytes: MAX_FRAME_BYTES })
    socket.on('data', (chunk: Uint8Array) => {
      try {
        for (const frame of decoder.push(chunk)) this.#receive(frame)
      } catch (error) {
        this.#end(`the broker sent no valid frame: ${(error as Error).message}`)
        socket.destroy()
      }
    })
    socket.on('error', (error) => this.#end(`the connection broke: ${error.message}`))
    socket.on('close', () => this.#end('the broker closed the connection'))
    socket.on('end', () => this.#end('the broker closed the connection'))
  }

  /** Sends a request and waits for its answer. Fields that the version lacks are left out. */
  ask<Request extends MessageType, Response extends MessageType>(
    api: Api<Request, Response>,
    body: InferInput<Request>,
    options: AskOptions = {},
  ): Promise<Infer<Response>> {
    return this.send(api, body, options).answer()
  }

  /** Sends a request without waiting, for pipelining. */
  send<Request extends MessageType, Response extends MessageType>(
    api: Api<Request, Response>,
    body: InferInput<Request>,
    options: AskOptions = {},
  ): Sent<Infer<Response>> {
    const prepared = this.prepare(api, body, options)
    this.sendRaw(prepared.frame)
    return prepared
  }

  /** A request whose bytes the rule sends itself; its answer is matched and decoded like every other. */
  prepare<Request extends MessageType, Response extends MessageType>(
    api: Api<Request, Response>,
    body: InferInput<Request>,
    options: AskOptions = {},
  ): Prepared<Infer<Response>> {
    const { exchange, frame } = this.#encode(api, body, options)
    const correlationId = options.correlationId ?? exchange.index
    const waiters = new Waiters<Uint8Array>()
    this.#answers.set(correlationId, waiters)
    if (this.#closed !== undefined) waiters.fail(this.#closed)
    const decode = (bytes: Uint8Array) => this.#decode(api, exchange, bytes)
    const answer = (): Promise<Infer<Response>> => {
      const decoded = this.#wait(waiters, exchange, options.deadlineMs).then(decode)
      // A rule that ends for another reason leaves answers behind that it waits for no longer.
      decoded.catch(() => undefined)
      return decoded
    }
    return { correlationId, frame, answer }
  }

  /** Sends a request that has no answer: Produce with acks 0. */
  tell<Request extends MessageType>(
    api: Api<Request>,
    body: InferInput<Request>,
    options: AskOptions = {},
  ): void {
    this.sendRaw(this.#encode(api, body, options).frame)
  }

  /** The bytes of a request with its size before it, to be damaged and sent with `sendRaw`. */
  encode<Request extends MessageType>(
    api: Api<Request>,
    body: InferInput<Request>,
    options: AskOptions = {},
  ): Uint8Array {
    return this.#encode(api, body, options).frame
  }

  /** Sends bytes as they are. */
  sendRaw(bytes: Uint8Array): void {
    if (this.#socket.writable) this.#socket.write(bytes)
  }

  /** The next frame, without its size, that answers no request of `send` or `ask`. */
  frame(deadlineMs?: number): Promise<Uint8Array> {
    return this.#wait(this.#frames, undefined, deadlineMs)
  }

  /** Whether a frame comes, or the connection ends, in this time: what a broker does with a malformed request. */
  async frameOrClosed(deadlineMs?: number): Promise<Uint8Array | 'closed'> {
    try {
      return await this.frame(deadlineMs)
    } catch (error) {
      if (this.#closed !== undefined) return 'closed'
      throw error
    }
  }

  /** Waits until the broker has closed the connection. */
  async closed(deadlineMs?: number): Promise<void> {
    const answer = await this.frameOrClosed(deadlineMs)
    if (answer !== 'closed') {
      throw new RuleBroken(`The broker answered ${answer.length} bytes instead of closing.`)
    }
  }

  /** Whether the connection still stands. */
  get isOpen(): boolean {
    return this.#closed === undefined
  }

  /** Closes the connection from this side. */
  close(): void {
    this.#end('this side closed the connection')
    this.#socket.destroy()
  }

  #encode<Request extends MessageType>(
    api: Api<Request>,
    body: InferInput<Request>,
    options: AskOptions,
  ): { exchange: Exchange; frame: Uint8Array } {
    const { version = this.#place.versionFor(api), clientId = CLIENT_ID } = options
    const request = trimRequest(api, version, body) as InferInput<Request>
    const exchange = this.#place.recorder.begin(api, version, request, options.isSetUp)
    const correlationId = options.correlationId ?? exchange.index
    const fields = { correlationId, clientId }
    return { exchange, frame: encodeRequestFrame(api, version, fields, request) }
  }

  #decode<Response extends MessageType>(
    api: Api<MessageType, Response>,
    exchange: Exchange,
    bytes: Uint8Array,
  ): Infer<Response> {
    try {
      const { body } = decodeResponse(api, exchange.version, bytes)
      exchange.response = body
      rememberPlaces(exchange, body)
      return this.#place.view?.(exchange, body) ?? body
    } catch (error) {
      const hex = Buffer.from(bytes.subarray(0, 64)).toString('hex')
      const message = `The answer cannot be decoded: ${(error as Error).message} (${hex}…)`
      throw new RuleBroken(message, { exchange })
    }
  }

  #receive(frame: Uint8Array): void {
    const correlationId = frame.length < 4 ? Number.NaN : readCorrelationId(frame)
    const waiters = this.#answers.get(correlationId)
    this.order.push(correlationId)
    this.#answers.delete(correlationId)
    const target = waiters ?? this.#frames
    target.give(frame)
  }

  #end(why: string): void {
    if (this.#closed !== undefined) return
    this.#closed = why
    this.#frames.fail(why)
    for (const waiters of this.#answers.values()) waiters.fail(why)
  }

  async #wait(
    waiters: Waiters<Uint8Array>,
    exchange: Exchange | undefined,
    deadlineMs = this.#place.deadlineMs,
  ): Promise<Uint8Array> {
    const taken = await waiters.take(deadlineMs, this.#place.signal)
    if (taken instanceof Uint8Array) return taken
    const what = exchange === undefined ? 'a frame' : `${exchange.api.name} v${exchange.version}`
    throw new RuleBroken(`Waiting for ${what}: ${taken}.`, { exchange })
  }
}

/**
 * The version to speak of an API that is not the rule's own.
 * @throws NeedUnmet when the target does not advertise it
 */
export function newestVersion(api: AnyApi, versions: Versions | undefined): number {
  if (versions === undefined) throw new NeedUnmet(`does not advertise ${api.name}`)
  return versions.max
}
