import type { FramedConnection } from '@ottla/network'
import { ErrorCode } from '@ottla/protocol'
import type { Clock, Timer } from '../../platform.js'
import type { SaslAuthenticator } from './authenticator.js'

/** What the configuration says of clients that have not shown yet who they are. */
export interface LoginLimits {
  /** `sasl.server.max.receive.size`: longest frame before authentication. */
  readonly maxUnauthenticatedBytes: number
  /** `connection.failed.authentication.delay.ms`: slows down who tries passwords. */
  readonly failedAuthenticationDelayMs: number
}

/** What the connection does when a bare token has been looked at. */
export interface TokenOutcome {
  accepted(answer: Uint8Array): void
  refused(reason: string | undefined): void
}

/**
 * What SASL means to a connection: until a client has shown who it is, its frames are short, and its tokens are looked at
 * one after the other; a failure is told late.
 */
export class ConnectionLogin {
  readonly #sasl: SaslAuthenticator
  readonly #connection: FramedConnection
  readonly #clock: Clock
  readonly #limits: LoginLimits
  #isBusy = false
  #isLimited = true
  #isOver = false
  #timer: Timer | undefined

  constructor(
    sasl: SaslAuthenticator,
    connection: FramedConnection,
    clock: Clock,
    limits: LoginLimits,
  ) {
    this.#sasl = sasl
    this.#connection = connection
    this.#clock = clock
    this.#limits = limits
    connection.limitFrames(limits.maxUnauthenticatedBytes)
  }

  /** Whether a token is being checked, or its failure waits to be told: nothing is to be read meanwhile. */
  get isBusy(): boolean {
    return this.#isBusy
  }

  /** A request is answered later: it is one with a token, unless the client has been authenticated before. */
  begin(): void {
    if (!this.#sasl.isAuthenticated) this.#isBusy = true
  }

  /** The answer is there. Who has shown who he is may send long frames. */
  finish(): void {
    this.#isBusy = false
    if (!this.#isLimited || !this.#sasl.isAuthenticated) return
    this.#isLimited = false
    this.#connection.limitFrames(undefined)
  }

  /** Authentication has failed: what is left to do waits. */
  fail(conclude: () => void): void {
    this.#isBusy = true
    this.#timer = this.#clock.setTimer(this.#limits.failedAuthenticationDelayMs, conclude)
  }

  /** After a handshake of version 0 tokens come and go without headers; a failure has no words, just an end. */
  takeToken(token: Uint8Array, outcome: TokenOutcome): void {
    this.#isBusy = true
    void this.#sasl.authenticate(token, this.#clock.now()).then(({ errorCode, authBytes }) => {
      if (this.#isOver) return
      this.finish()
      const { failure } = this.#sasl
      if (errorCode === ErrorCode.NONE) outcome.accepted(authBytes)
      else this.fail(() => outcome.refused(failure))
    })
  }

  /** The connection has ended. */
  cancel(): void {
    this.#isOver = true
    this.#timer?.cancel()
  }
}
