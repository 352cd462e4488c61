import type { Api, KafkaError, MessageType } from '@ottla/protocol'
import { onAbort } from '../retry/on-abort.js'
import type { Call } from '../session/call.js'
import type { RequestOptions, RequestResult } from './request.js'

/**
 * A request on its way, without its types, and the functions of the promise that waits for it. One object from
 * `Cluster.request` to the answer: it first knows what is asked, then (`begin`) how. Times are of the monotonic clock.
 */
export class PendingRequest implements Call {
  readonly api: Api<MessageType, MessageType>
  readonly startMs: number
  readonly deadlineMs: number
  readonly timeoutMs: number
  readonly expectResponse: boolean
  readonly signal: AbortSignal | undefined
  readonly minVersion: number | undefined
  readonly maxVersion: number | undefined
  readonly onWrite: (() => void) | undefined
  version = -1
  body: unknown
  /** The body, or a function of the version. */
  readonly #input: unknown
  #node = -1
  readonly #resolve: (result: RequestResult<unknown>) => void
  readonly #reject: (error: unknown) => void
  #ignoreAbort: (() => void) | undefined

  constructor(
    api: Api<MessageType, MessageType>,
    input: unknown,
    startMs: number,
    timeoutMs: number,
    options: RequestOptions,
    resolve: (result: RequestResult<unknown>) => void,
    reject: (error: unknown) => void,
  ) {
    this.api = api
    this.#input = input
    this.startMs = startMs
    this.timeoutMs = timeoutMs
    this.deadlineMs = startMs + timeoutMs
    this.expectResponse = options.expectResponse ?? true
    this.signal = options.signal
    this.minVersion = options.minVersion
    this.maxVersion = options.maxVersion
    this.onWrite = options.onWrite
    this.#resolve = resolve
    this.#reject = reject
  }

  /** A connection is there: makes the body. Throws what the body's function throws. */
  begin(version: number, node: number): void {
    const input = this.#input
    this.version = version
    this.#node = node
    this.body =
      typeof input === 'function' ? (input as (version: number) => unknown)(version) : input
  }

  /** Rejects with the signal's reason when it aborts first, and tells. */
  watch(onCancel: (request: PendingRequest) => void): void {
    if (this.signal === undefined) return
    this.#ignoreAbort = onAbort(this.signal, () => {
      this.#reject(this.signal?.reason)
      onCancel(this)
    })
  }

  resolve(response: unknown): void {
    this.#ignoreAbort?.()
    this.#resolve({ response, version: this.version, node: this.#node })
  }

  /** With an error of ours, or the signal's reason. */
  reject(error: KafkaError | unknown): void {
    this.#ignoreAbort?.()
    this.#reject(error)
  }
}
