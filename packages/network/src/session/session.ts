import { decodeResponse, KafkaError } from '@ottla/protocol'
import { Authentication, type AuthenticationOutcome, type SaslStep } from './authentication.js'
import type { Call, SessionEffect } from './call.js'
import { correlationIdOf, type InFlight } from './in-flight.js'
import { Negotiation } from './negotiation.js'
import type { Peer } from './peer.js'
import { Renewal } from './renewal.js'
import { RequestEncoder } from './request-encoder.js'
import {
  closedUnanswered,
  idle,
  notAnswered,
  notConnected,
  notSent,
  notTaken,
  outOfStep,
  slowAuthentication,
} from './session-errors.js'
import type { SessionOptions, SessionSasl } from './session-options.js'
import { throttleMs } from './throttle.js'
import type { VersionTable } from './version-table.js'

type State =
  | { readonly kind: 'new' }
  | { readonly kind: 'negotiating'; readonly negotiation: Negotiation; readonly deadlineMs: number }
  | {
      readonly kind: 'authenticating'
      readonly versions: VersionTable
      readonly authentication: Authentication
      readonly deadlineMs: number
    }
  | { readonly kind: 'ready'; readonly versions: VersionTable }
  | { readonly kind: 'closed'; readonly error: KafkaError }

/**
 * The client's side of one connection as a machine without I/O: bytes, calls and the time go in, effects come out. A
 * shell (`cluster/connection.ts`) carries them out; tests and simulations drive it directly.
 *
 * ```
 *   new ──start──► negotiating ──versions known──► authenticating ──let in──► ready ⟲ renewal
 *                       │                                │                     │
 *                       └────────── error, timeout, end ─┴─────────────────────┴──► closed
 * ```
 *
 * A broker answers in the order of the requests, so any other correlation id than the oldest one's means that the two
 * sides no longer agree on what the bytes are: the session ends. A call that times out after it was sent ends the session
 * too, because its answer would block all that follow.
 */
export class Session<C extends Call = Call> {
  readonly #options: SessionOptions
  readonly #encoder: RequestEncoder
  readonly #inFlight: InFlight<C>[] = []
  readonly #waiting: C[] = []
  /** Calls without an answer whose bytes the operating system has not taken yet. */
  readonly #leaving = new Set<C>()
  #peer: Peer
  #state: State = { kind: 'new' }
  #throttledUntilMs = 0
  #lastUsedMs = 0
  /** No deadline is before this; it may be too early, never too late. */
  #earliestMs = Infinity
  /** Re-authentication; once the broker knows of it, calls wait until it is over. */
  readonly #renewal = new Renewal()

  constructor(options: SessionOptions) {
    this.#options = options
    this.#peer = options.peer
    this.#encoder = new RequestEncoder(options.clientId)
  }

  get state(): State['kind'] {
    return this.#state.kind
  }

  /** What the broker speaks; undefined before `ready`. */
  get versions(): VersionTable | undefined {
    return this.#state.kind === 'ready' ? this.#state.versions : undefined
  }

  /** Calls not settled yet, sent or not. */
  get pendingCalls(): number {
    return this.#inFlight.length + this.#leaving.size + this.#waiting.length
  }

  /** When to call `tick` next; Infinity for never. May be earlier than anything that is due. */
  get nextDeadlineMs(): number {
    const state = this.#state
    if (state.kind === 'negotiating' || state.kind === 'authenticating') return state.deadlineMs
    if (state.kind !== 'ready') return Infinity
    if (this.pendingCalls === 0) return Math.min(this.#idleDeadlineMs(), this.#renewal.atMs)
    const earliestMs = Math.min(this.#earliestMs, this.#renewal.atMs)
    return this.#waiting.length > 0 && this.#throttledUntilMs > 0
      ? Math.min(earliestMs, this.#throttledUntilMs)
      : earliestMs
  }

  /** The broker's id became known. */
  rename(peer: Peer): void {
    this.#peer = peer
  }

  /** The connection is open: asks the broker for its versions. */
  start(nowMs: number): SessionEffect<C>[] {
    const { hasTls = false, sasl } = this.#options
    const security = { hasTls, hasSasl: sasl !== undefined }
    const negotiation = new Negotiation(this.#peer, this.#encoder, security)
    const deadlineMs = nowMs + this.#options.negotiationTimeoutMs
    this.#state = { kind: 'negotiating', negotiation, deadlineMs }
    this.#lastUsedMs = nowMs
    return [negotiation.start()]
  }

  /** Sends a call, or queues it behind others. In any state but `ready` it is rejected. */
  submit(call: C, nowMs: number): SessionEffect<C>[] {
    if (this.#state.kind !== 'ready') {
      const error = this.#state.kind === 'closed' ? this.#state.error : notConnected(this.#peer)
      return [{ kind: 'reject', call, error }]
    }
    this.#waiting.push(call)
    this.#earliestMs = Math.min(this.#earliestMs, call.deadlineMs)
    this.#lastUsedMs = nowMs
    const effects: SessionEffect<C>[] = []
    this.#sendWaiting(nowMs, effects)
    return effects
  }

  /** The caller lost interest. A call that was sent keeps its place until its answer is thrown away. */
  cancel(call: C): void {
    const index = this.#waiting.indexOf(call)
    if (index >= 0) this.#waiting.splice(index, 1)
    for (const entry of this.#inFlight) if (entry.call === call) entry.call = undefined
    this.#leaving.delete(call)
  }

  /** The bytes of a call without an answer have left. */
  sent(call: C, nowMs: number): SessionEffect<C>[] {
    const effects: SessionEffect<C>[] = []
    if (!this.#leaving.delete(call)) return effects
    effects.push({ kind: 'resolve', call, response: undefined })
    if (this.#waiting.length > 0) this.#sendWaiting(nowMs, effects)
    return effects
  }

  /** The mechanism made the token that a `sasl` effect asked for; undefined when it is content and has nothing to say. */
  provideToken(step: SaslStep | undefined, nowMs: number): SessionEffect<C>[] {
    const effects: SessionEffect<C>[] = []
    const authentication = this.#authentication
    if (authentication !== undefined) {
      this.#goOn(authentication.provide(step), nowMs, effects)
    }
    return effects
  }

  /** The mechanism could not make the token: the password or token is not to be had, or the broker lied. */
  failToken(error: KafkaError, nowMs: number): SessionEffect<C>[] {
    const effects: SessionEffect<C>[] = []
    if (!this.#renewal.postpone(nowMs) && this.#authentication !== undefined) {
      this.#close(error, effects)
    }
    return effects
  }

  /** A frame arrived. */
  receive(frame: Uint8Array, nowMs: number): SessionEffect<C>[] {
    if (this.#state.kind === 'negotiating') return this.#receiveVersions(frame, this.#state, nowMs)
    if (this.#state.kind !== 'ready' && this.#state.kind !== 'authenticating') return []
    this.#lastUsedMs = nowMs
    const effects: SessionEffect<C>[] = []
    const entry = this.#inFlight[0]
    const isBare = entry !== undefined && entry.correlationId === undefined
    const correlationId = isBare || frame.length < 4 ? undefined : correlationIdOf(frame)
    if (entry === undefined || correlationId !== entry.correlationId) {
      this.#close(outOfStep(this.#peer, correlationId, entry), effects)
      return effects
    }
    this.#inFlight.shift()
    if (entry.isSasl) {
      const authentication = this.#authentication
      if (authentication !== undefined) this.#goOn(authentication.receive(frame), nowMs, effects)
    } else if (entry.call !== undefined) this.#settle(entry.call, frame, nowMs, effects)
    if (this.#waiting.length > 0) this.#sendWaiting(nowMs, effects)
    return effects
  }

  /** Time has passed: ends what is overdue, sends what was held back. */
  tick(nowMs: number): SessionEffect<C>[] {
    const effects: SessionEffect<C>[] = []
    const state = this.#state
    if (state.kind === 'negotiating' && nowMs >= state.deadlineMs) {
      this.#close(state.negotiation.timeoutError(this.#options.negotiationTimeoutMs), effects)
    }
    if (state.kind === 'authenticating' && nowMs >= state.deadlineMs) {
      const { negotiationTimeoutMs, sasl } = this.#options
      const error = slowAuthentication(this.#peer, sasl?.mechanism, negotiationTimeoutMs)
      this.#close(error, effects)
    }
    if (state.kind !== 'ready') return effects
    if (nowMs >= this.#renewal.atMs) this.#renew(state.versions, effects)
    const overdue = this.#inFlight.find((entry) => entry.deadlineMs <= nowMs)
    if (overdue !== undefined) {
      this.#closeOverdue(overdue, effects)
      return effects
    }
    for (const call of this.#leaving) {
      if (call.deadlineMs > nowMs) continue
      this.#close(notTaken(this.#peer, call), effects)
      return effects
    }
    this.#dropOverdueWaiting(nowMs, effects)
    this.#sendWaiting(nowMs, effects)
    this.#earliestMs = Infinity
    for (const { deadlineMs } of this.#inFlight) {
      this.#earliestMs = Math.min(this.#earliestMs, deadlineMs)
    }
    for (const { deadlineMs } of [...this.#leaving, ...this.#waiting]) {
      this.#earliestMs = Math.min(this.#earliestMs, deadlineMs)
    }
    if (this.pendingCalls === 0 && nowMs >= this.#idleDeadlineMs()) {
      this.#close(idle(this.#peer, this.#options.maxIdleMs), effects)
    }
    return effects
  }

  /** The connection ended, or the shell wants it to: rejects what is left. Idempotent. */
  disconnect(error: KafkaError): SessionEffect<C>[] {
    const effects: SessionEffect<C>[] = []
    const state = this.#state
    const reason =
      state.kind === 'negotiating'
        ? state.negotiation.disconnectError(error)
        : this.#isAuthenticating
          ? (this.#authentication?.disconnectError(error) ?? error)
          : error
    this.#close(reason, effects)
    return effects
  }

  /** Whether the broker expects nothing but tokens; a renewal that it has not heard of leaves it as it was. */
  get #isAuthenticating(): boolean {
    return this.#state.kind === 'authenticating' || this.#renewal.hasBegun
  }

  get #authentication(): Authentication | undefined {
    return this.#state.kind === 'authenticating'
      ? this.#state.authentication
      : this.#renewal.current
  }

  #idleDeadlineMs(): number {
    const { maxIdleMs } = this.#options
    return maxIdleMs === 0 ? Infinity : this.#lastUsedMs + maxIdleMs
  }

  #receiveVersions(
    frame: Uint8Array,
    state: State & { kind: 'negotiating' },
    nowMs: number,
  ): SessionEffect<C>[] {
    const outcome = state.negotiation.receive(frame)
    if (outcome.kind === 'again') return [outcome.write]
    if (outcome.kind === 'failed') {
      const effects: SessionEffect<C>[] = []
      this.#close(outcome.error, effects)
      return effects
    }
    const { versions } = outcome
    if (this.#options.sasl === undefined) {
      this.#state = { kind: 'ready', versions }
      return [{ kind: 'ready' }]
    }
    const deadlineMs = nowMs + this.#options.negotiationTimeoutMs
    const authentication = this.#createAuthentication(versions, this.#options.sasl)
    this.#state = { kind: 'authenticating', versions, authentication, deadlineMs }
    return [{ kind: 'sasl', challenge: undefined }]
  }

  #createAuthentication(versions: VersionTable, { mechanism }: SessionSasl): Authentication {
    return new Authentication({ peer: this.#peer, encoder: this.#encoder, versions, mechanism })
  }

  /** Begins to authenticate again; the broker hears of it when the first token is there, so that getting it holds up nothing. */
  #renew(versions: VersionTable, effects: SessionEffect<C>[]): void {
    const { sasl } = this.#options
    if (sasl === undefined) return
    this.#renewal.start(this.#createAuthentication(versions, sasl))
    effects.push({ kind: 'sasl', challenge: undefined })
  }

  /** Carries out what the authentication, first or again, wants. */
  #goOn(outcome: AuthenticationOutcome, nowMs: number, effects: SessionEffect<C>[]): void {
    switch (outcome.kind) {
      case 'send': {
        const { correlationId, parts, api } = outcome
        const timeoutMs = this.#options.negotiationTimeoutMs
        const deadlineMs = nowMs + timeoutMs
        effects.push({ kind: 'write', parts })
        this.#earliestMs = Math.min(this.#earliestMs, deadlineMs)
        this.#inFlight.push({
          correlationId,
          isSasl: true,
          call: undefined,
          deadlineMs,
          timeoutMs,
          apiName: api,
        })
        return
      }
      case 'token':
        effects.push({ kind: 'sasl', challenge: outcome.challenge })
        return
      case 'failed':
        this.#close(outcome.error, effects)
        return
      case 'done':
        this.#letIn(outcome.lifetimeMs, nowMs, effects)
    }
  }

  #letIn(lifetimeMs: number, nowMs: number, effects: SessionEffect<C>[]): void {
    const { sasl } = this.#options
    const isAgain = this.#renewal.granted(lifetimeMs, nowMs, sasl?.renewAfter)
    effects.push({ kind: 'authenticated', lifetimeMs, isAgain })
    if (this.#state.kind === 'authenticating') {
      this.#state = { kind: 'ready', versions: this.#state.versions }
      effects.push({ kind: 'ready' })
    }
    this.#sendWaiting(nowMs, effects)
  }

  #settle(call: C, frame: Uint8Array, nowMs: number, effects: SessionEffect<C>[]): void {
    let response: unknown
    try {
      response = decodeResponse(call.api, call.version, frame).body
    } catch (error) {
      // The frame's borders are known, so the answers after this one are sound.
      effects.push({ kind: 'reject', call, error: KafkaError.from(error) })
      return
    }
    const ms = throttleMs(call.api.key, call.version, response)
    if (ms > 0) {
      this.#throttledUntilMs = Math.max(this.#throttledUntilMs, nowMs + ms)
      effects.push({ kind: 'throttle', api: call.api.name, ms })
    }
    effects.push({ kind: 'resolve', call, response })
  }

  #sendWaiting(nowMs: number, effects: SessionEffect<C>[]): void {
    if (nowMs < this.#throttledUntilMs) return
    // A broker in the middle of a re-authentication takes nothing else.
    if (this.#isAuthenticating) return
    this.#throttledUntilMs = 0
    let sent = 0
    const { maxInFlight } = this.#options
    while (this.#waiting.length > 0 && this.#inFlight.length + this.#leaving.size < maxInFlight) {
      if (sent++ > 0) this.#encoder.keepLast()
      this.#send(this.#waiting.shift() as C, effects)
    }
  }

  #send(call: C, effects: SessionEffect<C>[]): void {
    const { api, version, deadlineMs, timeoutMs } = call
    try {
      const { correlationId, parts } = this.#encoder.encode(api, version, call.body)
      effects.push({ kind: 'write', parts, call })
      if (call.expectResponse) {
        this.#inFlight.push({
          correlationId,
          isSasl: false,
          call,
          deadlineMs,
          timeoutMs,
          apiName: api.name,
        })
      } else this.#leaving.add(call)
    } catch (error) {
      effects.push({ kind: 'reject', call, error: KafkaError.from(error) })
    }
  }

  #dropOverdueWaiting(nowMs: number, effects: SessionEffect<C>[]): void {
    for (const call of this.#waiting.filter(({ deadlineMs }) => deadlineMs <= nowMs)) {
      this.#waiting.splice(this.#waiting.indexOf(call), 1)
      const why =
        this.#throttledUntilMs > nowMs
          ? 'the broker throttles this client'
          : `${this.#inFlight.length} requests before it have no answer yet`
      effects.push({ kind: 'reject', call, error: notSent(this.#peer, call, why) })
    }
  }

  #closeOverdue(overdue: InFlight<C>, effects: SessionEffect<C>[]): void {
    const { call, apiName, timeoutMs } = overdue
    if (call !== undefined) {
      effects.push({ kind: 'reject', call, error: notAnswered(this.#peer, apiName, timeoutMs) })
      overdue.call = undefined
    }
    this.#close(closedUnanswered(this.#peer, apiName, timeoutMs), effects)
  }

  #close(error: KafkaError, effects: SessionEffect<C>[]): void {
    if (this.#state.kind === 'closed') return
    this.#state = { kind: 'closed', error }
    for (const { call } of this.#inFlight.splice(0)) {
      if (call !== undefined) effects.push({ kind: 'reject', call, error })
    }
    for (const call of this.#leaving) effects.push({ kind: 'reject', call, error })
    this.#leaving.clear()
    for (const call of this.#waiting.splice(0)) effects.push({ kind: 'reject', call, error })
    effects.push({ kind: 'close', error })
  }
}
