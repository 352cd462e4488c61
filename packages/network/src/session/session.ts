import { ConnectionError, decodeResponse, KafkaError, TimeoutError } from '@ottla/protocol'
import { Authentication, type AuthenticationOutcome, type SaslStep } from './authentication.js'
import type { Call, SessionEffect } from './call.js'
import { Negotiation } from './negotiation.js'
import type { Peer } from './peer.js'
import { RequestEncoder } from './request-encoder.js'
import { throttleMs } from './throttle.js'
import type { VersionTable } from './version-table.js'

/** How a session behaves. */
export interface SessionOptions {
  readonly peer: Peer
  readonly clientId: string
  /** Calls that may wait for their answer; more queue up. */
  readonly maxInFlight: number
  /** Limit for negotiating versions, and again for authentication. */
  readonly negotiationTimeoutMs: number
  /** A session without calls ends after this long; 0 never. */
  readonly maxIdleMs: number
  /** Whether the connection is encrypted, for errors. Default false. */
  readonly hasTls?: boolean | undefined
  /** How the client proves who it is; undefined: not at all. */
  readonly sasl?: SessionSasl | undefined
}

/** What a session has to know of SASL; the tokens come from its shell. */
export interface SessionSasl {
  readonly mechanism: string
  /** The part of the broker's session lifetime after which to authenticate again: 0.85 to 0.95, drawn by the shell. */
  readonly renewAfter: number
}

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

interface InFlight<C> {
  /** Undefined for a SASL token without header. */
  readonly correlationId: number | undefined
  readonly isSasl: boolean
  /** Undefined once cancelled: the answer is then thrown away. */
  call: C | undefined
  readonly deadlineMs: number
  readonly apiName: string
  readonly timeoutMs: number
}

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
  #peer: Peer
  #state: State = { kind: 'new' }
  #throttledUntilMs = 0
  #lastUsedMs = 0
  /** No deadline is before this; it may be too early, never too late. */
  #earliestMs = Infinity
  /** Re-authentication under way (KIP-368); once the broker knows of it, calls wait until it is over. */
  #renewal: Authentication | undefined
  #renewAtMs = Infinity
  #expiresAtMs = Infinity

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
    return this.#inFlight.length + this.#waiting.length
  }

  /** When to call `tick` next; Infinity for never. May be earlier than anything that is due. */
  get nextDeadlineMs(): number {
    const state = this.#state
    if (state.kind === 'negotiating' || state.kind === 'authenticating') return state.deadlineMs
    if (state.kind !== 'ready') return Infinity
    if (this.pendingCalls === 0) return Math.min(this.#idleDeadlineMs(), this.#renewAtMs)
    const earliestMs = Math.min(this.#earliestMs, this.#renewAtMs)
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
      const error =
        this.#state.kind === 'closed'
          ? this.#state.error
          : new ConnectionError(`${this.#peer.name} is not connected yet`, {
              node: this.#peer.node,
            })
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
    const leftMs = this.#expiresAtMs - nowMs
    if (this.#renewal !== undefined && !this.#renewal.hasBegun && leftMs > leastRenewalMs) {
      // The broker knows nothing of it yet, and what was granted still holds: there is time to try again.
      this.#renewal = undefined
      this.#renewAtMs = nowMs + leftMs / 2
    } else if (this.#authentication !== undefined) this.#close(error, effects)
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
      const expected = entry === undefined ? 'none' : `${entry.correlationId} (${entry.apiName})`
      this.#close(
        new ConnectionError(
          `${this.#peer.name} answered with correlation id ${correlationId}, expected ${expected}; the connection is out of step and closed`,
          { code: 'OTTLA_CONNECTION_CORRELATION', node: this.#peer.node, api: entry?.apiName },
        ),
        effects,
      )
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
      this.#closeSlowAuthentication(effects)
    }
    if (state.kind !== 'ready') return effects
    if (nowMs >= this.#renewAtMs) this.#renew(state.versions, effects)
    const overdue = this.#inFlight.find((entry) => entry.deadlineMs <= nowMs)
    if (overdue !== undefined) {
      this.#closeOverdue(overdue, effects)
      return effects
    }
    this.#dropOverdueWaiting(nowMs, effects)
    this.#sendWaiting(nowMs, effects)
    this.#earliestMs = Infinity
    for (const { deadlineMs } of this.#inFlight) {
      this.#earliestMs = Math.min(this.#earliestMs, deadlineMs)
    }
    for (const { deadlineMs } of this.#waiting) {
      this.#earliestMs = Math.min(this.#earliestMs, deadlineMs)
    }
    if (this.pendingCalls === 0 && nowMs >= this.#idleDeadlineMs()) {
      const text = `${this.#peer.name} was not used for ${this.#options.maxIdleMs} ms`
      this.#close(
        new ConnectionError(text, { code: 'OTTLA_CONNECTION_IDLE', node: this.#peer.node }),
        effects,
      )
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
    return this.#state.kind === 'authenticating' || this.#renewal?.hasBegun === true
  }

  get #authentication(): Authentication | undefined {
    return this.#state.kind === 'authenticating' ? this.#state.authentication : this.#renewal
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
    this.#renewAtMs = Infinity
    if (sasl === undefined) return
    this.#renewal = this.#createAuthentication(versions, sasl)
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
    const isAgain = this.#renewal !== undefined
    this.#renewal = undefined
    this.#expiresAtMs = lifetimeMs > 0 ? nowMs + lifetimeMs : Infinity
    this.#renewAtMs = lifetimeMs > 0 ? nowMs + lifetimeMs * (sasl?.renewAfter ?? 1) : Infinity
    effects.push({ kind: 'authenticated', lifetimeMs, isAgain })
    if (this.#state.kind === 'authenticating') {
      this.#state = { kind: 'ready', versions: this.#state.versions }
      effects.push({ kind: 'ready' })
    }
    this.#sendWaiting(nowMs, effects)
  }

  #closeSlowAuthentication(effects: SessionEffect<C>[]): void {
    const { negotiationTimeoutMs, sasl } = this.#options
    const { name, node } = this.#peer
    const text = `SASL/${sasl?.mechanism} with ${name} did not end within ${negotiationTimeoutMs} ms; the broker is slow, or the callback that brings credentials`
    this.#close(new TimeoutError(text, { node }), effects)
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
    while (this.#waiting.length > 0 && this.#inFlight.length < this.#options.maxInFlight) {
      if (sent++ > 0) this.#encoder.keepLast()
      this.#send(this.#waiting.shift() as C, effects)
    }
  }

  #send(call: C, effects: SessionEffect<C>[]): void {
    const { api, version, deadlineMs, timeoutMs } = call
    try {
      const { correlationId, parts } = this.#encoder.encode(api, version, call.body)
      effects.push({ kind: 'write', parts })
      if (call.expectResponse) {
        this.#inFlight.push({
          correlationId,
          isSasl: false,
          call,
          deadlineMs,
          timeoutMs,
          apiName: api.name,
        })
      } else effects.push({ kind: 'resolve', call, response: undefined })
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
      const error = new TimeoutError(
        `${call.api.name} could not be sent to ${this.#peer.name} within ${call.timeoutMs} ms: ${why}`,
        { node: this.#peer.node, api: call.api.name },
      )
      effects.push({ kind: 'reject', call, error })
    }
  }

  #closeOverdue(overdue: InFlight<C>, effects: SessionEffect<C>[]): void {
    const { call, apiName, timeoutMs } = overdue
    const { name: peer, node } = this.#peer
    if (call !== undefined) {
      const text = `${peer} did not answer ${apiName} within ${timeoutMs} ms; the connection is closed, and whether the broker acted on the request is unknown`
      effects.push({ kind: 'reject', call, error: new TimeoutError(text, { node, api: apiName }) })
      overdue.call = undefined
    }
    const text = `connection to ${peer} closed because it did not answer ${apiName} within ${timeoutMs} ms`
    this.#close(new ConnectionError(text, { node }), effects)
  }

  #close(error: KafkaError, effects: SessionEffect<C>[]): void {
    if (this.#state.kind === 'closed') return
    this.#state = { kind: 'closed', error }
    for (const { call } of this.#inFlight.splice(0)) {
      if (call !== undefined) effects.push({ kind: 'reject', call, error })
    }
    for (const call of this.#waiting.splice(0)) effects.push({ kind: 'reject', call, error })
    effects.push({ kind: 'close', error })
  }
}

/** With less than this left of a session, a failed re-authentication is not tried again. */
const leastRenewalMs = 1000

/** The first four bytes of a response; by hand, because a reader for them costs as much as the session's other work. */
const correlationIdOf = (frame: Uint8Array): number =>
  ((frame[0] as number) << 24) |
  ((frame[1] as number) << 16) |
  ((frame[2] as number) << 8) |
  (frame[3] as number)
