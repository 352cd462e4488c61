import type { Api, KafkaError, MessageType } from '@ottla/protocol'
import { onAbort } from '../retry/on-abort.js'
import type { Call } from '../session/call.js'
import type { RequestResult } from './request.js'

/** A request without its types, as it travels below `Cluster.request`. Times are of the monotonic clock. */
export interface AnyRequest {
  readonly api: Api<MessageType, MessageType>
  /** The body, or a function of the version. */
  readonly input: unknown
  readonly startMs: number
  readonly timeoutMs: number
  readonly expectResponse: boolean
  readonly signal: AbortSignal | undefined
  readonly minVersion: number | undefined
  readonly maxVersion: number | undefined
}

/** A request on a connection and the promise that waits for it. */
export class PendingRequest implements Call {
  readonly api: Api<MessageType, MessageType>
  readonly version: number
  readonly body: unknown
  readonly startMs: number
  readonly deadlineMs: number
  readonly timeoutMs: number
  readonly expectResponse: boolean
  readonly #node: number
  readonly #signal: AbortSignal | undefined
  readonly #resolve: (result: RequestResult<unknown>) => void
  readonly #reject: (error: unknown) => void
  #ignoreAbort: (() => void) | undefined

  /** @throws what the body's function throws. */
  constructor(
    request: AnyRequest,
    version: number,
    node: number,
    resolve: (result: RequestResult<unknown>) => void,
    reject: (error: unknown) => void,
  ) {
    const { input } = request
    this.api = request.api
    this.version = version
    this.body =
      typeof input === 'function' ? (input as (version: number) => unknown)(version) : input
    this.startMs = request.startMs
    this.deadlineMs = request.startMs + request.timeoutMs
    this.timeoutMs = request.timeoutMs
    this.expectResponse = request.expectResponse
    this.#node = node
    this.#signal = request.signal
    this.#resolve = resolve
    this.#reject = reject
  }

  /** Rejects with the signal's reason when it aborts first, and tells. */
  watch(onCancel: (request: PendingRequest) => void): void {
    if (this.#signal === undefined) return
    this.#ignoreAbort = onAbort(this.#signal, () => {
      this.#reject(this.#signal?.reason)
      onCancel(this)
    })
  }

  resolve(response: unknown): void {
    this.#ignoreAbort?.()
    this.#resolve({ response, version: this.version, node: this.#node })
  }

  reject(error: KafkaError): void {
    this.#ignoreAbort?.()
    this.#reject(error)
  }
}
