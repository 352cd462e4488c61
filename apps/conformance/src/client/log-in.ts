import { createHash, createHmac, pbkdf2Sync, randomBytes } from 'node:crypto'
import {
  checkScramServerFinal,
  ErrorCode,
  encodePlain,
  errorInfo,
  parseScramServerFirst,
  SaslAuthenticate,
  SaslHandshake,
  type ScramCrypto,
  scramClientFinal,
  scramClientFirst,
} from '@ottla/protocol'
import { RuleBroken } from '../rules/rule-broken.js'
import type { Credentials } from '../target.js'
import type { RawClient } from './raw-client.js'

/**
 * Logs a connection in with SASL: handshake, then PLAIN or SCRAM inside SaslAuthenticate.
 * @throws RuleBroken when the broker refuses
 */
export async function logIn(client: RawClient, credentials: Credentials): Promise<void> {
  const { mechanism = 'PLAIN' } = credentials
  const { errorCode } = await client.ask(SaslHandshake, { mechanism }, { version: 1 })
  refuse(errorCode, `SaslHandshake for ${mechanism}`)
  if (mechanism === 'PLAIN') await step(client, encodePlain(credentials))
  else await logInWithScram(client, credentials, mechanism)
}

/**
 * The same for a connection that is of no use unless it is logged in.
 * @throws RuleBroken when the broker refuses; the connection is closed then
 */
export async function logInOrClose(client: RawClient, credentials: Credentials): Promise<void> {
  try {
    await logIn(client, credentials)
  } catch (error) {
    client.close()
    throw error
  }
}

async function logInWithScram(
  client: RawClient,
  { username, password, isToken = false }: Credentials,
  mechanism: 'SCRAM-SHA-256' | 'SCRAM-SHA-512',
): Promise<void> {
  const hash = mechanism === 'SCRAM-SHA-256' ? 'sha256' : 'sha512'
  const crypto: ScramCrypto = {
    hash: (data) => createHash(hash).update(data).digest(),
    hmac: (key, data) => createHmac(hash, key).update(data).digest(),
  }
  const nonce = randomBytes(18).toString('hex')
  const clientFirst = scramClientFirst({ username, nonce, tokenAuth: isToken })
  const answer = await step(client, clientFirst.message)
  const serverFirst = parseScramServerFirst(answer, clientFirst.nonce)
  const { salt, iterations } = serverFirst
  const bytes = hash === 'sha256' ? 32 : 64
  const saltedPassword = pbkdf2Sync(password, salt, iterations, bytes, hash)
  const final = scramClientFinal({ crypto, saltedPassword, clientFirst, serverFirst })
  checkScramServerFinal(await step(client, final.message), final.serverSignature)
}

async function step(client: RawClient, authBytes: Uint8Array): Promise<Uint8Array> {
  const answer = await client.ask(SaslAuthenticate, { authBytes }, { version: 2 })
  refuse(answer.errorCode, `SaslAuthenticate (${answer.errorMessage ?? 'no message'})`)
  return answer.authBytes
}

function refuse(errorCode: number, what: string): void {
  if (errorCode === ErrorCode.NONE) return
  throw new RuleBroken(`${what} was refused with ${errorInfo(errorCode).name}.`)
}
