import { decodeOauthBearer, encodeOauthBearerFailure } from '@ottla/protocol'
import type { Clock } from '../../platform.js'
import { nothing, type SaslExchange, SaslRefusal, type SaslStep } from './exchange.js'

/** Whom a token stands for. */
export interface TokenIdentity {
  /** Name of the user, without `User:`. */
  readonly user: string
  /** When the token ends, in milliseconds since 1970; the client has to re-authenticate before. Undefined: never. */
  readonly expiresAtMs?: number | undefined
}

/**
 * Checks an access token. Throws, or rejects, for one that is not valid; the client is then told `invalid_token`.
 * `extensions` are the SASL extensions the client sent (KIP-342).
 */
export type ValidateToken = (
  token: string,
  options: {
    readonly nowMs: number
    readonly extensions: Readonly<Record<string, string>>
    /** Aborted when the answer comes too late to count. */
    readonly signal: AbortSignal
  },
) => TokenIdentity | Promise<TokenIdentity>

/** The client's answer to a refusal. */
const controlA = 1

/** How long a token's check may take: an identity provider that does not answer must not hold a connection for ever. */
const validationTimeoutMs = 10_000

/** OAUTHBEARER (RFC 7628): one token; a refused one is explained in JSON, which the client acknowledges. */
export class OauthBearerExchange implements SaslExchange {
  readonly #validate: ValidateToken
  readonly #clock: Pick<Clock, 'setTimer'>
  #refusal: string | undefined

  constructor(validate: ValidateToken, clock: Pick<Clock, 'setTimer'>) {
    this.#validate = validate
    this.#clock = clock
  }

  async respond(bytes: Uint8Array, nowMs: number): Promise<SaslStep> {
    if (this.#refusal !== undefined && bytes.length === 1 && bytes[0] === controlA) {
      throw new SaslRefusal(this.#refusal)
    }
    const { token, authorizationId, extensions } = decodeOauthBearer(bytes)
    let identity: TokenIdentity
    try {
      identity = await this.#check(token, nowMs, extensions)
    } catch {
      const refusal = encodeOauthBearerFailure({ status: 'invalid_token' })
      this.#refusal = Buffer.from(refusal).toString('utf8')
      return { kind: 'challenge', bytes: refusal }
    }
    const { user, expiresAtMs } = identity
    if (authorizationId !== '' && authorizationId !== user) {
      throw new SaslRefusal(
        `Authentication failed: Client requested an authorization id (${authorizationId}) that is different from the token's principal name (${user})`,
      )
    }
    return { kind: 'success', bytes: nothing, user, expiresAtMs }
  }

  async #check(
    token: string,
    nowMs: number,
    extensions: Readonly<Record<string, string>>,
  ): Promise<TokenIdentity> {
    const controller = new AbortController()
    const { signal } = controller
    const tooLate = new Promise<never>((_, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason), { once: true })
    })
    const timer = this.#clock.setTimer(validationTimeoutMs, () => controller.abort())
    try {
      return await Promise.race([this.#validate(token, { nowMs, extensions, signal }), tooLate])
    } finally {
      timer.cancel()
    }
  }
}
