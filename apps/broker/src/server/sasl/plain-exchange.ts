import { createHash, timingSafeEqual } from 'node:crypto'
import { decodePlain } from '@ottla/protocol'
import { nothing, type SaslExchange, SaslRefusal, type SaslStep } from './exchange.js'

const digest = (text: string): Buffer => createHash('sha256').update(text).digest()

/** PLAIN (RFC 4616): one token that holds user and password. */
export class PlainExchange implements SaslExchange {
  readonly #passwordOf: (user: string) => string | undefined

  constructor(passwordOf: (user: string) => string | undefined) {
    this.#passwordOf = passwordOf
  }

  respond(token: Uint8Array): SaslStep {
    const { authorizationId, username, password } = decodePlain(token)
    if (password === '') throw new Error('no password')
    const expected = this.#passwordOf(username)
    // Digests have one length, so the comparison tells nothing of the password's.
    if (expected === undefined || !timingSafeEqual(digest(password), digest(expected))) {
      throw new SaslRefusal('Authentication failed: Invalid username or password')
    }
    if (authorizationId !== '' && authorizationId !== username) {
      throw new SaslRefusal(
        'Authentication failed: Client requested an authorization id that is different from username',
      )
    }
    return { kind: 'success', bytes: nothing, user: username }
  }
}
