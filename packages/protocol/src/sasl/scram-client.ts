import { AuthenticationError } from '../errors.js'
import { escapeName } from './escape-name.js'
import {
  assertIterations,
  equalBytes,
  type ScramCrypto,
  type ScramServerFirst,
  scramAuthMessage,
  scramBase64,
  scramCredential,
  scramFault,
  xorBytes,
} from './scram.js'

/** What the client's first message is made of. */
export interface ScramClientFirstInput {
  readonly username: string
  /** Random printable ASCII without commas. */
  readonly nonce: string
  /** The user is a delegation token's id and the password its HMAC (KIP-48). */
  readonly tokenAuth?: boolean | undefined
}

/** The client's first message, and the part of it that is signed. */
export interface ScramClientFirst {
  readonly message: Uint8Array
  readonly bare: string
  readonly nonce: string
}

/** Step 1 of the client: `n,,n=USER,r=NONCE`. */
export const scramClientFirst = (input: ScramClientFirstInput): ScramClientFirst => {
  const extension = input.tokenAuth === true ? ',tokenauth=true' : ''
  const bare = `n=${escapeName(input.username)},r=${input.nonce}${extension}`
  return { message: Buffer.from(`n,,${bare}`), bare, nonce: input.nonce }
}

/**
 * Step 2: reads the server's first message. Throws AuthenticationError when the server refuses, does not carry on the client's
 * nonce or asks for too few or far too many iterations, WireError when the message is malformed.
 */
export const parseScramServerFirst = (
  message: Uint8Array,
  clientNonce: string,
): ScramServerFirst => {
  const text = Buffer.from(message).toString('utf8')
  refuseError(text)
  const match = /^r=([\x21-\x2b\x2d-\x7e]+),s=([A-Za-z0-9/+=]+),i=([1-9]\d{0,8})(?:,.*)?$/s.exec(
    text,
  )
  if (match === null) throw scramFault('the server’s first message is not r=…,s=…,i=…')
  const [, nonce = '', salt = '', iterationsText = ''] = match
  if (!nonce.startsWith(clientNonce) || nonce.length === clientNonce.length) {
    throw new AuthenticationError('the SCRAM nonce of the server does not carry on the client’s')
  }
  const iterations = Number(iterationsText)
  assertIterations(iterations)
  return { nonce, salt: scramBase64(salt), iterations, text }
}

/** What the client's proof is made of. */
export interface ScramClientFinalInput {
  readonly crypto: ScramCrypto
  /** PBKDF2 of the mechanism's hash over password (UTF-8), salt and iterations of the server's first message. */
  readonly saltedPassword: Uint8Array
  readonly clientFirst: ScramClientFirst
  readonly serverFirst: ScramServerFirst
}

/** Step 3: the proof, and the signature to expect from a server that knows the user. */
export const scramClientFinal = (
  input: ScramClientFinalInput,
): { readonly message: Uint8Array; readonly serverSignature: Uint8Array } => {
  const { crypto, saltedPassword, clientFirst, serverFirst } = input
  const withoutProof = `c=biws,r=${serverFirst.nonce}`
  const signed = scramAuthMessage(clientFirst.bare, serverFirst.text, withoutProof)
  const { storedKey, serverKey } = scramCredential(crypto, saltedPassword)
  const clientKey = crypto.hmac(saltedPassword, Buffer.from('Client Key'))
  const proof = xorBytes(clientKey, crypto.hmac(storedKey, signed))
  return {
    message: Buffer.from(`${withoutProof},p=${Buffer.from(proof).toString('base64')}`),
    serverSignature: crypto.hmac(serverKey, signed),
  }
}

/** Step 4: checks the server's last message. Throws AuthenticationError when it refuses or its signature is wrong. */
export const checkScramServerFinal = (message: Uint8Array, serverSignature: Uint8Array): void => {
  const text = Buffer.from(message).toString('utf8')
  refuseError(text)
  const match = /^v=([A-Za-z0-9/+=]+)(?:,.*)?$/s.exec(text)
  if (match === null) throw scramFault('the server’s last message is not v=…')
  if (!equalBytes(scramBase64(match[1] as string), serverSignature)) {
    throw new AuthenticationError(
      'the SCRAM signature of the server is wrong: it does not know this user',
    )
  }
}

const refuseError = (text: string): void => {
  const refusal = /^e=([^,]*)/.exec(text)?.[1]
  if (refusal === undefined) return
  throw new AuthenticationError(
    `the server refuses SCRAM: ${refusal}; check user name and password`,
  )
}
