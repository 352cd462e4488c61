import type { FramedConnection } from '@ottla/network'
import type { MemoryBudget } from './memory-budget.js'
import type { ServerRequest } from './request.js'

/**
 * The requests of one connection whose responses have not left. They are answered in any order; responses leave in the
 * order of the requests, as the protocol wants.
 */
export class ResponseQueue {
  readonly #connection: FramedConnection
  readonly #budget: MemoryBudget
  /** In order of arrival. */
  readonly #requests: ServerRequest[] = []
  #heldBytes = 0

  constructor(connection: FramedConnection, budget: MemoryBudget) {
    this.#connection = connection
    this.#budget = budget
  }

  /** Requests that are not answered yet, or whose answer waits for an earlier one. */
  get length(): number {
    return this.#requests.length
  }

  /** Bytes of responses that wait for an earlier one. */
  get heldBytes(): number {
    return this.#heldBytes
  }

  /** Keeps a place for the response to a request. */
  add(request: ServerRequest): void {
    this.#requests.push(request)
    this.#budget.take(request.requestBytes)
  }

  /** Whether the response to this request may leave at once. */
  isNext(request: ServerRequest): boolean {
    return this.#requests[0] === request
  }

  /** A request has its response, or will have none: sends every response whose turn it is now. */
  settle(request: ServerRequest): void {
    request.isDone = true
    if (this.isNext(request)) {
      this.#flush()
      return
    }
    const { responseBytes } = request
    this.#heldBytes += responseBytes
    this.#budget.take(responseBytes)
    request.chargedBytes += responseBytes
  }

  /** Forgets all of them: the connection has ended. */
  clear(): void {
    for (const { chargedBytes } of this.#requests) this.#budget.release(chargedBytes)
    this.#requests.length = 0
  }

  /** All but the first have been held. */
  #flush(): void {
    const requests = this.#requests
    let sent = 0
    for (;;) {
      const request = requests[sent]
      if (request === undefined || !request.isDone) break
      this.#send(request)
      if (sent > 0) this.#heldBytes -= request.responseBytes
      sent += 1
    }
    if (sent === 1) requests.shift()
    else requests.splice(0, sent)
  }

  #send(request: ServerRequest): void {
    const { parts, deliver, frame } = request
    if (parts !== undefined) {
      if (deliver === undefined) this.#connection.send(parts, request.onSent)
      else deliver(parts)
    }
    if (frame !== undefined) this.#connection.recycle(frame)
    this.#budget.release(request.chargedBytes)
  }
}
