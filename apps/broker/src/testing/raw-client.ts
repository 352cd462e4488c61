import type { FramedConnection, TlsOptions } from '@ottla/network'
import {
  type Api,
  decodeRequestHeader,
  decodeResponse,
  encodeRecordBatch,
  encodeRequest,
  type Infer,
  type InferInput,
  type MessageType,
  readCorrelationId,
} from '@ottla/protocol'
import type { Broker } from '../broker.js'
import { type Network, systemPlatform } from '../platform.js'

/** A client for tests that speaks bytes: no negotiation, no retries, no opinion. Correlation ids count from 1. */
export class RawClient {
  readonly #waiting = new Map<number, (frame: Uint8Array) => void>()
  /** Correlation ids of the responses, in order of arrival. */
  readonly answered: number[] = []
  /** Resolves when the connection has ended. */
  readonly closed: Promise<void>
  #connection: FramedConnection | undefined
  #sent = 0
  #onNextFrame: ((frame: Uint8Array) => void) | undefined
  #onClosed: () => void = () => undefined

  private constructor() {
    this.closed = new Promise((resolve) => {
      this.#onClosed = resolve
    })
  }

  static async connect(
    { host, port }: Pick<Broker, 'host' | 'port'>,
    network: Network = systemPlatform.network,
    tls?: TlsOptions,
  ): Promise<RawClient> {
    const client = new RawClient()
    client.#connection = await network.connect(
      { host, port, timeoutMs: 5000, maxFrameBytes: 100_000_000, tls },
      {
        onFrame: (frame) => client.#receive(frame),
        onClose: () => client.#onClosed(),
      },
    )
    return client
  }

  /** Sends a request and decodes its response. */
  async request<Request extends MessageType, Response extends MessageType>(
    api: Api<Request, Response>,
    version: number,
    body: InferInput<Request>,
  ): Promise<Infer<Response>> {
    this.#sent += 1
    const fields = { correlationId: this.#sent, clientId: 'raw' }
    return this.exchange(api, version, encodeRequest(api, version, fields, body))
  }

  /** Sends a request as it is and decodes the response to it at a version of its own. */
  async exchange<Response extends MessageType>(
    api: Api<MessageType, Response>,
    responseVersion: number,
    request: Uint8Array,
  ): Promise<Infer<Response>> {
    const { correlationId } = decodeRequestHeader(request)
    const answered = new Promise<Uint8Array>((resolve, reject) => {
      this.#waiting.set(correlationId, resolve)
      this.closed.then(() => reject(new Error(`closed before the answer to ${api.name}`)))
    })
    this.sendBytes(request)
    return decodeResponse(api, responseVersion, await answered).body
  }

  /** Sends a request and does not wait. @returns its correlation id. */
  send<Request extends MessageType>(
    api: Api<Request>,
    version: number,
    body: InferInput<Request>,
    clientId = 'raw',
  ): number {
    this.#sent += 1
    const fields = { correlationId: this.#sent, clientId }
    this.sendBytes(encodeRequest(api, version, fields, body))
    return this.#sent
  }

  /** Sends a frame as it is. */
  sendBytes(bytes: Uint8Array): void {
    this.#connection?.send(bytes)
  }

  /** The next frame as it is; it need not have a correlation id. */
  nextFrame(): Promise<Uint8Array> {
    return new Promise((resolve) => {
      this.#onNextFrame = resolve
    })
  }

  /** Takes no more bytes, so that the broker's socket fills up. */
  pause(): void {
    this.#connection?.pause()
  }

  /** Takes bytes again. */
  resume(): void {
    this.#connection?.resume()
  }

  close(): void {
    this.#connection?.close()
  }

  #receive(frame: Uint8Array): void {
    const onNextFrame = this.#onNextFrame
    this.#onNextFrame = undefined
    if (onNextFrame !== undefined) {
      onNextFrame(frame)
      return
    }
    const correlationId = readCorrelationId(frame)
    this.answered.push(correlationId)
    this.#waiting.get(correlationId)?.(frame)
    this.#waiting.delete(correlationId)
  }
}

/** A batch of records with these values, created at `timestamp`. */
export const batchAt = (timestamp: number, ...values: readonly string[]): Uint8Array =>
  encodeRecordBatch({ records: values.map((value) => ({ key: null, value, timestamp })) })

/** A batch of records with these values, created now. */
export const batchOf = (...values: readonly string[]): Uint8Array =>
  batchAt(systemPlatform.clock.now(), ...values)
