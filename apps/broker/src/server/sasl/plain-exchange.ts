import { createHash, timingSafeEqual } from 'node:crypto'
import { nothing, type SaslExchange, SaslRefusal, type SaslStep } from './exchange.js'

const digest = (text: string): Buffer => createHash('sha256').update(text).digest()

/** Kafka stops to count at the fourth part. */
const mostParts = 4

/** Authorization id, user and password. */
const partsOf = (token: Uint8Array): [string, string, string] => {
  const parts = Buffer.from(token).toString('utf8').split('\0')
  const [authorizationId, username, password] = parts
  if (authorizationId !== undefined && username !== undefined && password !== undefined) {
    if (parts.length === 3) return [authorizationId, username, password]
  }
  const count = Math.min(parts.length, mostParts)
  throw new SaslRefusal(`Invalid SASL/PLAIN response: expected 3 tokens, got ${count}`)
}

/** PLAIN (RFC 4616): one token that holds user and password. */
export class PlainExchange implements SaslExchange {
  readonly #passwordOf: (user: string) => string | undefined

  constructor(passwordOf: (user: string) => string | undefined) {
    this.#passwordOf = passwordOf
  }

  respond(token: Uint8Array): SaslStep {
    const [authorizationId, username, password] = partsOf(token)
    if (username === '') throw new SaslRefusal('Authentication failed: username not specified')
    if (password === '') throw new SaslRefusal('Authentication failed: password not specified')
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
