import {
  AuthenticationError,
  BrokerError,
  ConnectionError,
  decodeResponse,
  ErrorCode,
  errorInfo,
  KafkaError,
  SaslAuthenticate,
  SaslHandshake,
} from '@ottla/protocol'
import type { Peer } from './peer.js'
import type { RequestEncoder } from './request-encoder.js'
import type { VersionTable } from './version-table.js'

/** The client's next token, as the mechanism makes it. */
export interface SaslStep {
  readonly token: Uint8Array
  /** The broker has refused already and only this last token is missing: the error to end with, whatever comes back. */
  readonly refusal?: KafkaError | undefined
}

/** What a step of the authentication leads to. */
export type AuthenticationOutcome =
  /** Send this and expect an answer; `correlationId` is undefined for a token without header (SaslHandshake v0). */
  | {
      readonly kind: 'send'
      readonly parts: readonly Uint8Array[]
      readonly correlationId: number | undefined
      readonly api: string
    }
  /** The mechanism has to make the next token from this challenge; undefined asks for the first. */
  | { readonly kind: 'token'; readonly challenge: Uint8Array | undefined }
  /** The broker lets the client in: for `lifetimeMs`, or for ever when 0. */
  | { readonly kind: 'done'; readonly lifetimeMs: number }
  | { readonly kind: 'failed'; readonly error: KafkaError }

/** What an authentication is about. */
export interface AuthenticationContext {
  readonly peer: Peer
  readonly encoder: RequestEncoder
  readonly versions: VersionTable
  readonly mechanism: string
}

/**
 * Proves who the client is, once: SaslHandshake, then tokens to and fro in SaslAuthenticate (KIP-152), or bare where the
 * broker has SaslHandshake v0 only. Knows no mechanism: their tokens come from outside.
 *
 * ```
 *   first token ──► SaslHandshake ──► token ──► SaslAuthenticate ──► next token … ──► done
 * ```
 */
export class Authentication {
  readonly #context: AuthenticationContext
  /** Undefined until the handshake is answered. */
  #first: SaslStep | undefined
  #awaits: 'token' | 'handshake' | 'answer' = 'token'
  #isBare = false
  #refusal: KafkaError | undefined
  #lifetimeMs = 0

  constructor(context: AuthenticationContext) {
    this.#context = context
  }

  /** Whether the broker was told already: then it expects nothing else until the end. */
  get hasBegun(): boolean {
    return this.#isBare || this.#awaits !== 'token' || this.#first !== undefined
  }

  /** The mechanism made its token, or has nothing more to say. */
  provide(step: SaslStep | undefined): AuthenticationOutcome {
    if (step === undefined) return { kind: 'done', lifetimeMs: this.#lifetimeMs }
    try {
      return this.#first === undefined ? this.#sendHandshake(step) : this.#sendToken(step)
    } catch (error) {
      return { kind: 'failed', error: KafkaError.from(error) }
    }
  }

  /** The answer to what was sent last. */
  receive(frame: Uint8Array): AuthenticationOutcome {
    if (this.#refusal !== undefined) return { kind: 'failed', error: this.#refusal }
    try {
      return this.#awaits === 'handshake'
        ? this.#readHandshake(frame)
        : this.#awaits === 'answer'
          ? this.#readAnswer(frame)
          : this.#fail(`${this.#context.peer.name} sent a SASL token that nobody waits for`)
    } catch (error) {
      return { kind: 'failed', error: KafkaError.from(error) }
    }
  }

  /** The error for an end of the connection in the middle of it. */
  disconnectError(cause: KafkaError): KafkaError {
    if (this.#refusal !== undefined) return this.#refusal
    if (!(cause instanceof ConnectionError) || cause.code !== 'OTTLA_CONNECTION') return cause
    const { peer, mechanism } = this.#context
    return new ConnectionError(
      `${peer.name} closed the connection during SASL/${mechanism}; ${this.#isBare ? 'a broker this old refuses credentials that way' : 'the port may be that of another listener, or the broker is shutting down'} (${cause.message})`,
      { code: 'OTTLA_CONNECTION_SASL', node: peer.node, cause },
    )
  }

  #sendHandshake(first: SaslStep): AuthenticationOutcome {
    this.#first = first
    const { encoder, mechanism, peer, versions } = this.#context
    if (versions.limitsOf(SaslHandshake.key) === undefined) {
      return this.#fail(`${peer.name} has no SASL; leave out the option sasl`)
    }
    const hasTokens = versions.limitsOf(SaslAuthenticate.key) !== undefined
    const version = versions.choose(SaslHandshake, { maxVersion: hasTokens ? 1 : 0 })
    this.#isBare = version === 0
    this.#awaits = 'handshake'
    const sent = encoder.encode(SaslHandshake, version, { mechanism })
    return { kind: 'send', ...sent, api: SaslHandshake.name }
  }

  #sendToken(step: SaslStep): AuthenticationOutcome {
    this.#refusal = step.refusal
    this.#awaits = 'answer'
    const api = SaslAuthenticate.name
    if (this.#isBare) return { kind: 'send', parts: [step.token], correlationId: undefined, api }
    const { encoder, versions } = this.#context
    const version = versions.choose(SaslAuthenticate)
    const sent = encoder.encode(SaslAuthenticate, version, { authBytes: step.token })
    return { kind: 'send', ...sent, api }
  }

  #readHandshake(frame: Uint8Array): AuthenticationOutcome {
    const { peer, mechanism } = this.#context
    const { body } = decodeResponse(SaslHandshake, this.#isBare ? 0 : 1, frame)
    if (body.errorCode === ErrorCode.NONE) return this.#sendToken(this.#first as SaslStep)
    if (body.errorCode === ErrorCode.UNSUPPORTED_SASL_MECHANISM) {
      const offered = body.mechanisms.join(', ') || 'none'
      return this.#fail(
        `${peer.name} does not take SASL/${mechanism}; it offers ${offered}: choose one of these in sasl.mechanism`,
      )
    }
    if (body.errorCode === ErrorCode.ILLEGAL_SASL_STATE) {
      return this.#fail(
        `${peer.name} does not ask for SASL on this listener; leave out the option sasl, or take the port of a SASL listener`,
      )
    }
    return this.#fail(
      `${peer.name} refused SaslHandshake with ${errorInfo(body.errorCode).name}`,
      new BrokerError(body.errorCode, { api: SaslHandshake.name, node: peer.node }),
    )
  }

  #readAnswer(frame: Uint8Array): AuthenticationOutcome {
    if (this.#isBare) return { kind: 'token', challenge: frame }
    const { versions, peer, mechanism } = this.#context
    const version = versions.choose(SaslAuthenticate)
    const { body } = decodeResponse(SaslAuthenticate, version, frame)
    const { errorCode, errorMessage, authBytes, sessionLifetimeMs } = body
    if (errorCode === ErrorCode.NONE) {
      this.#lifetimeMs = Number(sessionLifetimeMs)
      return { kind: 'token', challenge: authBytes }
    }
    const advice =
      mechanism === 'OAUTHBEARER' ? 'check what sasl.token returns' : 'check user name and password'
    return this.#fail(
      `${peer.name} refuses the credentials of SASL/${mechanism}: ${errorMessage ?? errorInfo(errorCode).name}; ${advice}`,
      new BrokerError(errorCode, {
        api: SaslAuthenticate.name,
        version,
        node: peer.node,
        text: errorMessage ?? undefined,
      }),
    )
  }

  #fail(text: string, cause?: KafkaError): AuthenticationOutcome {
    const { node } = this.#context.peer
    return { kind: 'failed', error: new AuthenticationError(text, { node, cause }) }
  }
}
