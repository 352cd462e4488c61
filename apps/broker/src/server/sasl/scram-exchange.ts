import {
  checkScramProof,
  encodeScramServerFirst,
  parseScramClientFirst,
  type ScramClientHello,
  type ScramMechanism,
  scramIterationsMin,
} from '@ottla/protocol'
import type { StoredScramCredential } from '../../image/image.js'
import { scramCryptoOf } from '../../scram.js'
import { type SaslExchange, SaslRefusal, type SaslStep } from './exchange.js'

/** What a SCRAM exchange needs. */
export interface ScramExchangeOptions {
  readonly mechanism: ScramMechanism
  /** Random printable ASCII without commas. */
  readonly serverNonce: string
  credentialOf(user: string): StoredScramCredential | undefined
}

interface Greeted {
  readonly clientFirst: ScramClientHello
  readonly serverFirst: ReturnType<typeof encodeScramServerFirst>
  readonly credential: StoredScramCredential
}

/** SCRAM (RFC 5802): the client proves that it knows the password, the server that it knows the user. */
export class ScramExchange implements SaslExchange {
  readonly #options: ScramExchangeOptions
  #greeted: Greeted | undefined

  constructor(options: ScramExchangeOptions) {
    this.#options = options
  }

  respond(token: Uint8Array): SaslStep {
    if (this.#greeted !== undefined) return this.#finish(token, this.#greeted)
    const { serverNonce, credentialOf } = this.#options
    const clientFirst = parseScramClientFirst(token)
    const { username, authorizationId, nonce } = clientFirst
    if (clientFirst.tokenAuth) throw new Error('delegation tokens are not served')
    const credential = credentialOf(username)
    if (credential === undefined) throw new Error(`no credential of user ${username}`)
    if (authorizationId !== '' && authorizationId !== username) {
      throw new SaslRefusal(
        'Authentication failed: Client requested an authorization id that is different from username',
      )
    }
    const { salt, iterations } = credential
    if (iterations < scramIterationsMin) throw new Error(`only ${iterations} iterations`)
    const serverFirst = encodeScramServerFirst({
      clientNonce: nonce,
      serverNonce,
      salt,
      iterations,
    })
    this.#greeted = { clientFirst, serverFirst, credential }
    return { kind: 'challenge', bytes: serverFirst.message }
  }

  #finish(message: Uint8Array, { clientFirst, serverFirst, credential }: Greeted): SaslStep {
    const crypto = scramCryptoOf(this.#options.mechanism)
    const bytes = checkScramProof({ crypto, credential, clientFirst, serverFirst, message })
    return { kind: 'success', bytes, user: clientFirst.username }
  }
}
