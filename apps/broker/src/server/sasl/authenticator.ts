import {
  type Api,
  ApiVersions,
  ErrorCode,
  SaslAuthenticate,
  type SaslAuthenticateResponseInput,
  SaslHandshake,
  type SaslHandshakeResponseInput,
} from '@ottla/protocol'
import { nothing, type SaslExchange, SaslRefusal, type SaslStep } from './exchange.js'

/** What an authenticator needs to know of its listener. */
export interface SaslOptions {
  /** Kafka's names of the enabled mechanisms. */
  readonly mechanisms: readonly string[]
  /** Begins an exchange of an enabled mechanism. */
  begin(mechanism: string): SaslExchange
  /** `connections.max.reauth.ms` of a mechanism; 0 is no limit. */
  maxReauthMs(mechanism: string): number
}

/** Who has been authenticated, and by what. */
interface Identity {
  readonly mechanism: string
  readonly user: string
}

type Phase =
  | { readonly kind: 'start' }
  | { readonly kind: 'handshake' }
  | { readonly kind: 'tokens'; readonly mechanism: string; readonly exchange: SaslExchange }
  | { readonly kind: 'authenticated'; readonly identity: Identity; readonly expiresAtMs: number }
  | { readonly kind: 'failed'; readonly reason: string }

/** Kafka lets a client re-authenticate once a second at most. */
const minReauthIntervalMs = 1000

/**
 * The server's side of SASL on one connection (KIP-43, KIP-152, KIP-368), without sockets and clock:
 *
 * ```
 *          ApiVersions          SaslHandshake                tokens: SaslAuthenticate, or bare frames after
 *  start ─────────────► handshake ─────────► tokens ─┐       a handshake of version 0
 *    └───────SaslHandshake──────────────────►  ▲  ◄──┘ challenge
 *                                              │  └─ success ──► authenticated ──► session over: only SaslHandshake
 *              anything else: the connection   └────────────────────┘ SaslHandshake, if sessions end at all
 *              ends ────► failed
 * ```
 *
 * Until the first success nothing else is admitted. In a re-authentication user and mechanism must stay the same.
 */
export class SaslAuthenticator {
  readonly #options: SaslOptions
  #phase: Phase = { kind: 'start' }
  #takesRawTokens = false
  /** Who re-authenticates. */
  #previous: Identity | undefined
  #lastReauthMs = Number.NEGATIVE_INFINITY

  constructor(options: SaslOptions) {
    this.#options = options
  }

  /** Name of the user; undefined before the first success. */
  get user(): string | undefined {
    return this.#phase.kind === 'authenticated' ? this.#phase.identity.user : this.#previous?.user
  }

  /** Why the connection has to end, after the answer to the last request has gone out. */
  get failure(): string | undefined {
    return this.#phase.kind === 'failed' ? this.#phase.reason : undefined
  }

  /** Whether the next frame is a token without a header. */
  get takesRawTokens(): boolean {
    return this.#takesRawTokens && this.#phase.kind === 'tokens'
  }

  get isAuthenticated(): boolean {
    return this.#phase.kind === 'authenticated'
  }

  /**
   * Whether a request may be handled now. @returns why not: the connection has to end then. Only a request in the place
   * of a token is answered before that, with ILLEGAL_SASL_STATE; that is a `failure` then.
   */
  admit({ key, name }: Pick<Api, 'key' | 'name'>, nowMs: number): string | undefined {
    const phase = this.#phase
    switch (phase.kind) {
      case 'start':
        return key === ApiVersions.key || key === SaslHandshake.key ? undefined : notYet
      case 'handshake':
        return key === SaslHandshake.key ? undefined : notYet
      case 'tokens':
        if (key === SaslAuthenticate.key) return undefined
        this.#fail(`${name} request during SASL authentication, in the place of a token`)
        return this.failure
      case 'authenticated':
        if (nowMs <= phase.expiresAtMs || key === SaslHandshake.key) return undefined
        return 'the session is over and the client has not re-authenticated'
      case 'failed':
        return phase.reason
    }
  }

  /** ApiVersions was answered without an error: that is allowed once. */
  versionsSent(): void {
    if (this.#phase.kind === 'start') this.#phase = { kind: 'handshake' }
  }

  /** The client chooses a mechanism. */
  handshake(mechanism: string, apiVersion: number, nowMs: number): SaslHandshakeResponseInput {
    if (this.#phase.kind === 'authenticated') {
      const { identity, expiresAtMs } = this.#phase
      const isTooSoon = nowMs - this.#lastReauthMs < minReauthIntervalMs
      if (expiresAtMs === Number.POSITIVE_INFINITY || isTooSoon) {
        return { errorCode: ErrorCode.ILLEGAL_SASL_STATE, mechanisms: [] }
      }
      this.#lastReauthMs = nowMs
      this.#previous = identity
    }
    const { mechanisms, begin } = this.#options
    this.#takesRawTokens = apiVersion === 0
    if (!mechanisms.includes(mechanism)) {
      this.#fail(`Unsupported SASL mechanism ${mechanism}`)
      return { errorCode: ErrorCode.UNSUPPORTED_SASL_MECHANISM, mechanisms: [...mechanisms] }
    }
    this.#phase = { kind: 'tokens', mechanism, exchange: begin(mechanism) }
    return { errorCode: ErrorCode.NONE, mechanisms: [...mechanisms] }
  }

  /** The client's next token. The next request must wait for the answer. */
  async authenticate(token: Uint8Array, nowMs: number): Promise<SaslAuthenticateResponseInput> {
    const phase = this.#phase
    if (phase.kind !== 'tokens') return outOfPlace
    const { mechanism, exchange } = phase
    if (this.#previous !== undefined && mechanism !== this.#previous.mechanism) {
      return this.#refuse(
        `SASL mechanism '${mechanism}' requested by client is not supported for re-authentication of mechanism '${this.#previous.mechanism}'`,
      )
    }
    try {
      const step = await exchange.respond(token, nowMs)
      const authBytes = step.bytes
      if (step.kind === 'challenge')
        return { errorCode: ErrorCode.NONE, errorMessage: '', authBytes }
      return this.#succeed(mechanism, step, nowMs)
    } catch (error) {
      if (error instanceof SaslRefusal) return this.#refuse(error.message)
      // The reason may tell whether a user exists: it stays in our own log.
      const reason = error instanceof Error ? error.message : String(error)
      const during = this.#previous === undefined ? 'authentication' : 're-authentication'
      const text = `Authentication failed during ${during} due to invalid credentials with SASL mechanism ${mechanism}`
      return this.#refuse(text, `${text}: ${reason}`)
    }
  }

  #succeed(
    mechanism: string,
    { bytes, user, expiresAtMs: credentialEndMs }: SaslStep & { readonly kind: 'success' },
    nowMs: number,
  ): SaslAuthenticateResponseInput {
    if (this.#previous !== undefined && user !== this.#previous.user) {
      return this.#refuse(
        `Cannot change principals during re-authentication from User.${this.#previous.user}: User.${user}`,
      )
    }
    const maxReauthMs = this.#options.maxReauthMs(mechanism)
    const lifetimesMs = [
      ...(maxReauthMs > 0 ? [maxReauthMs] : []),
      ...(credentialEndMs === undefined ? [] : [Math.max(0, credentialEndMs - nowMs)]),
    ]
    const lifetimeMs = Math.min(...lifetimesMs)
    const identity = { mechanism, user }
    this.#previous = undefined
    this.#phase = { kind: 'authenticated', identity, expiresAtMs: nowMs + lifetimeMs }
    return {
      errorCode: ErrorCode.NONE,
      errorMessage: '',
      authBytes: bytes,
      sessionLifetimeMs: lifetimesMs.length === 0 ? 0n : BigInt(lifetimeMs),
    }
  }

  #refuse(text: string, reason = text): SaslAuthenticateResponseInput {
    this.#fail(reason)
    return {
      errorCode: ErrorCode.SASL_AUTHENTICATION_FAILED,
      errorMessage: text,
      authBytes: nothing,
    }
  }

  #fail(reason: string): void {
    this.#phase = { kind: 'failed', reason }
  }
}

const notYet =
  'it came before authentication, and this listener wants SASL: check security.protocol of the client'

/** The answer to a token that nobody asked for. */
export const outOfPlace: SaslAuthenticateResponseInput = {
  errorCode: ErrorCode.ILLEGAL_SASL_STATE,
  errorMessage: 'SaslAuthenticate request received after successful authentication',
  authBytes: nothing,
}
