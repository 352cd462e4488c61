import {
  checkScramProof,
  decodeOauthBearer,
  decodePlain,
  ErrorCode,
  encodeOauthBearerFailure,
  encodeScramServerFirst,
  parseScramClientFirst,
  type ScramCrypto,
  type ScramMechanism,
  scramCredential,
  scramMechanisms,
} from '@ottla/protocol'
import { simulatedCrypto } from '../src/platform/crypto.js'
import type { FramedConnection } from '../src/transport/transport.js'
import type { Script } from './scripted-broker.js'

const iterations = 4096
const salt = Buffer.from('salt of trucks')

/** What a broker remembers of one connection. */
interface Dialogue {
  mechanism: string
  /** The second step of SCRAM, once the first is done. */
  finish: ((proof: Uint8Array) => Uint8Array) | undefined
  isIn: boolean
  isAborting: boolean
}

export interface ScriptedSaslOptions {
  readonly mechanisms: readonly string[]
  readonly username?: string
  /** May change while the broker runs. */
  password?: string
  readonly token?: string
  readonly lifetimeMs?: number
}

/**
 * Scripts that make a broker let in only who authenticates, as Kafka does it: one user, any mechanism. `violations` counts
 * requests that came from a client who was not in, or in the middle of a renewal.
 */
export const scriptedSasl = (options: ScriptedSaslOptions) => {
  const dialogues = new Map<FramedConnection, Dialogue>()
  const state = { violations: 0, handshakes: 0, completed: 0 }
  const of = (connection: FramedConnection): Dialogue => {
    let dialogue = dialogues.get(connection)
    if (dialogue === undefined) {
      dialogue = { mechanism: '', finish: undefined, isIn: false, isAborting: false }
      dialogues.set(connection, dialogue)
    }
    return dialogue
  }
  /** The broker's token in answer, or undefined to refuse. */
  const answer = async (dialogue: Dialogue, token: Uint8Array): Promise<Uint8Array | undefined> => {
    const { username = 'trucks', password = 'secret' } = options
    const done = (bytes: Uint8Array): Uint8Array => {
      dialogue.isIn = true
      state.completed++
      return bytes
    }
    const empty = new Uint8Array(0)
    if (dialogue.mechanism === 'PLAIN') {
      const given = decodePlain(token)
      return given.username === username && given.password === password ? done(empty) : undefined
    }
    if (dialogue.mechanism === 'OAUTHBEARER') {
      if (dialogue.isAborting) return undefined
      if (decodeOauthBearer(token).token === options.token) return done(empty)
      dialogue.isAborting = true
      return encodeOauthBearerFailure({ status: 'invalid_token', scope: 'kafka' })
    }
    if (dialogue.finish !== undefined) return done(dialogue.finish(token))
    const { hash, keyBytes } = scramMechanisms[dialogue.mechanism as ScramMechanism]
    const crypto: ScramCrypto = {
      hash: (bytes) => simulatedCrypto.hash(hash, bytes),
      hmac: (key, bytes) => simulatedCrypto.hmac(hash, key, bytes),
    }
    const salted = await simulatedCrypto.pbkdf2(hash, password, { salt, iterations, keyBytes })
    const credential = scramCredential(crypto, salted)
    const clientFirst = parseScramClientFirst(token)
    const { nonce: clientNonce } = clientFirst
    const serverFirst = encodeScramServerFirst({
      clientNonce,
      serverNonce: 'srv',
      salt,
      iterations,
    })
    dialogue.finish = (message) =>
      checkScramProof({ crypto, credential, clientFirst, serverFirst, message })
    return serverFirst.message
  }
  const tell = async (dialogue: Dialogue, token: Uint8Array): Promise<Uint8Array | undefined> =>
    answer(dialogue, token).catch(() => undefined)
  const scripts: Record<string, Script> = {
    SaslHandshake({ body, connection }) {
      state.handshakes++
      const mechanism = String(body.mechanism)
      const { mechanisms } = options
      if (!mechanisms.includes(mechanism)) {
        return { errorCode: ErrorCode.UNSUPPORTED_SASL_MECHANISM, mechanisms }
      }
      Object.assign(of(connection), { mechanism, finish: undefined, isIn: false })
      return { errorCode: 0, mechanisms }
    },
    SaslAuthenticate({ body, connection, reply }) {
      void tell(of(connection), body.authBytes as Uint8Array).then((authBytes) =>
        reply(
          authBytes === undefined
            ? {
                errorCode: ErrorCode.SASL_AUTHENTICATION_FAILED,
                errorMessage: 'Authentication failed: Invalid username or password',
                authBytes: new Uint8Array(0),
              }
            : {
                errorCode: 0,
                errorMessage: null,
                authBytes,
                sessionLifetimeMs: BigInt(options.lifetimeMs ?? 0),
              },
        ),
      )
      return undefined
    },
  }
  /** Wraps the script of another API: who is not in is thrown out. */
  const guarded =
    (script: Script): Script =>
    (request) => {
      if (of(request.connection).isIn) return script(request)
      state.violations++
      request.connection.destroy()
      return undefined
    }
  return { scripts, guarded, state, of, tell }
}
