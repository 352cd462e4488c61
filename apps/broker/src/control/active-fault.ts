import { ErrorCode } from '@ottla/protocol'
import type { Clock } from '../platform.js'
import type { HeldRequest } from '../server/request-gate.js'
import { answerError } from './answer-error.js'
import type { ArrivedRequest } from './arrived-request.js'
import type { Fault, FaultAction, FaultMatch } from './fault-types.js'
import { draftOf } from './message-walk.js'
import { isMeant } from './request-parts.js'
import type { Waiting, WaitOptions } from './waiting.js'

/** What a fault needs from the faults around it. */
export interface FaultContext {
  readonly clock: () => Clock
  /** A number in [0, 1) that repeats with the seed. */
  readonly random: () => number
  readonly waiting: Waiting
  readonly onOver: (fault: ActiveFault) => void
}

/** One fault: which requests it takes, and what it does to them. */
export class ActiveFault implements Fault {
  readonly #match: FaultMatch
  readonly #action: FaultAction
  readonly #context: FaultContext
  readonly #apis: ReadonlySet<string> | undefined
  /** Called when the fault is removed. */
  readonly #held = new Set<() => void>()
  #left: number
  #hits = 0
  #isRemoved = false

  constructor(match: FaultMatch, action: FaultAction, context: FaultContext) {
    const { api, times = Number.POSITIVE_INFINITY } = match
    this.#match = match
    this.#action = action
    this.#context = context
    this.#apis = api === undefined ? undefined : new Set(typeof api === 'string' ? [api] : api)
    this.#left = times
  }

  get hits(): number {
    return this.#hits
  }

  hit(count = 1, options?: WaitOptions): Promise<void> {
    return this.#context.waiting
      .until(
        {
          what: `${count} requests for the fault ${this.#describe()}`,
          check: () => (this.#hits >= count ? true : undefined),
          seen: () => `it has taken ${this.#hits}`,
        },
        options,
      )
      .then(() => undefined)
  }

  remove(): void {
    if (this.#isRemoved) return
    this.#isRemoved = true
    this.#context.onOver(this)
    for (const release of this.#held) release()
    this.#held.clear()
  }

  [Symbol.dispose](): void {
    this.remove()
  }

  /** Whether it takes this request; if so it counts as a hit. */
  takes(request: ArrivedRequest): boolean {
    if (this.#left <= 0 || !this.#matches(request)) return false
    this.#left -= 1
    this.#hits += 1
    return true
  }

  /** Does to the request what it is there for. */
  perform(held: HeldRequest, arrived: ArrivedRequest): void {
    this.#act(held, arrived).catch((error: unknown) => held.fail(error))
    this.#context.waiting.recheck()
    if (this.#left <= 0 && !('stop' in this.#action)) this.remove()
  }

  #matches(request: ArrivedRequest): boolean {
    const { connection, clientId, version, topic, partition, when, probability = 1 } = this.#match
    if (this.#apis !== undefined && !this.#apis.has(request.api)) return false
    if (connection !== undefined && connection !== request.connectionId) return false
    if (clientId !== undefined && clientId !== request.clientId) return false
    if (version !== undefined && version !== request.apiVersion) return false
    if (topic !== undefined || partition !== undefined) {
      if (!request.parts.some((part) => isMeant(part, { topic, partition }))) return false
    }
    // The match and the request are of the same API, which the types cannot know.
    if (when !== undefined && !when(request as Parameters<typeof when>[0])) return false
    return probability >= 1 || this.#context.random() < probability
  }

  async #act(held: HeldRequest, arrived: ArrivedRequest): Promise<void> {
    const action = this.#action
    const { request, connection } = held
    if ('drop' in action && action.drop === 'before') {
      await this.#delay()
      connection.destroy(`fault: ${this.#describe()}`)
      return
    }
    if ('stop' in action && action.stop === 'reading') await this.#hold(connection.stopReading())
    const body = await this.#answer(held, arrived)
    if ('stop' in action && action.stop === 'answering') await this.#hold()
    if ('drop' in action) request.deliver = (parts) => this.#drop(held, parts)
    if ('corrupt' in action) {
      request.deliver = (parts) => connection.connection.send(this.#corrupt(joined(parts)))
    }
    await this.#delay()
    held.finish(body)
  }

  async #answer(held: HeldRequest, arrived: ArrivedRequest): Promise<unknown> {
    const action = this.#action
    const typed = arrived as ArrivedRequest<never>
    if ('error' in action && action.error !== undefined) {
      const { error } = action
      const { topic, partition } = this.#match
      const code = typeof error === 'number' ? error : ErrorCode[error]
      return answerError(held, arrived, code, { topic, partition })
    }
    if ('answer' in action) return action.answer(typed)
    const response = await held.serve()
    if (!('patch' in action)) return response
    const draft = draftOf(response) as Parameters<typeof action.patch>[0]
    return action.patch(draft, typed) ?? draft
  }

  #drop({ connection }: HeldRequest, parts: readonly Uint8Array[]): void {
    const { drop } = this.#action as { readonly drop: 'after' | 'halfway' }
    if (drop === 'after') connection.destroy(`fault: ${this.#describe()}`)
    else connection.dieMidFrame(joined(parts), `fault: ${this.#describe()}`)
  }

  /** Bit flips, one in eight bytes but at least one, behind the correlation id. */
  #corrupt(response: Uint8Array): Uint8Array {
    const { corrupt } = this.#action as {
      readonly corrupt: true | ((bytes: Uint8Array) => Uint8Array)
    }
    if (typeof corrupt === 'function') return corrupt(response)
    const { random } = this.#context
    const room = response.length - correlationIdBytes
    for (let count = 1 + (room >> 3); count > 0 && room > 0; count -= 1) {
      const at = correlationIdBytes + Math.floor(random() * room)
      response[at] = (response[at] as number) ^ (1 << Math.floor(random() * 8))
    }
    return response
  }

  #delay(): Promise<void> | undefined {
    const { delayMs = 0 } = this.#action
    if (delayMs <= 0) return undefined
    return new Promise((resolve) => {
      this.#context.clock().setTimer(delayMs, resolve)
    })
  }

  /** Until the fault is removed. */
  #hold(release: () => void = () => undefined): Promise<void> {
    return new Promise((resolve) => {
      const go = (): void => {
        resolve()
        release()
      }
      if (this.#isRemoved) go()
      else this.#held.add(go)
    })
  }

  #describe(): string {
    const { when, ...match } = this.#match
    return `${JSON.stringify(match)} → ${JSON.stringify(this.#action)}${when ? ' (when …)' : ''}`
  }
}

const correlationIdBytes = 4

const joined = (parts: readonly Uint8Array[]): Uint8Array => new Uint8Array(Buffer.concat(parts))
