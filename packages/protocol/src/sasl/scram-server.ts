import { AuthenticationError } from '../errors.js'
import { unescapeName } from './escape-name.js'
import {
  equalBytes,
  type ScramCredential,
  type ScramCrypto,
  scramAuthMessage,
  scramBase64,
  scramFault,
  xorBytes,
} from './scram.js'

/** The client's first message as the server reads it. */
export interface ScramClientHello {
  readonly username: string
  readonly authorizationId: string
  readonly nonce: string
  readonly tokenAuth: boolean
  /** The part that is signed. */
  readonly bare: string
}

/** Reads the client's first message. Throws WireError when it is malformed or asks for channel binding. */
export const parseScramClientFirst = (message: Uint8Array): ScramClientHello => {
  const text = Buffer.from(message).toString('utf8')
  const match =
    /^n,(?:a=([^,]*))?,(n=([^,]+),r=([\x21-\x2b\x2d-\x7e]+)((?:,[A-Za-z]+=[^,]*)*))$/s.exec(text)
  if (match === null) throw scramFault('the client’s first message is not n,,n=…,r=…')
  const [, authorizationId = '', bare = '', username = '', nonce = '', extensions = ''] = match
  return {
    username: unescapeName(username),
    authorizationId: unescapeName(authorizationId),
    nonce,
    tokenAuth: extensions.split(',').includes('tokenauth=true'),
    bare,
  }
}

/** What the server's first message is made of. */
export interface ScramServerFirstInput {
  readonly clientNonce: string
  /** Random printable ASCII without commas. */
  readonly serverNonce: string
  readonly salt: Uint8Array
  readonly iterations: number
}

/** Writes the server's first message: `r=…,s=…,i=…`. */
export const encodeScramServerFirst = (
  input: ScramServerFirstInput,
): { readonly message: Uint8Array; readonly nonce: string; readonly text: string } => {
  const nonce = input.clientNonce + input.serverNonce
  const salt = Buffer.from(input.salt).toString('base64')
  const text = `r=${nonce},s=${salt},i=${input.iterations}`
  return { message: Buffer.from(text), nonce, text }
}

/** What the server checks a proof with. */
export interface ScramProofInput {
  readonly crypto: ScramCrypto
  readonly credential: ScramCredential
  readonly clientFirst: ScramClientHello
  /** What `encodeScramServerFirst` returned. */
  readonly serverFirst: { readonly nonce: string; readonly text: string }
  readonly message: Uint8Array
}

/**
 * Checks the client's proof and returns the server's last message, its signature. Throws AuthenticationError when nonce or proof
 * are wrong (the answer is then `encodeScramFailure`), WireError when the message is malformed.
 */
export const checkScramProof = (input: ScramProofInput): Uint8Array => {
  const { crypto, credential, clientFirst, serverFirst } = input
  const text = Buffer.from(input.message).toString('utf8')
  const match = /^(c=([A-Za-z0-9/+=]+),r=([^,]+)(?:,[^,]+)*),p=([A-Za-z0-9/+=]+)$/s.exec(text)
  if (match === null) throw scramFault('the client’s last message is not c=…,r=…,p=…')
  const [, withoutProof = '', , nonce = '', proof = ''] = match
  if (nonce !== serverFirst.nonce) throw new AuthenticationError('the SCRAM nonce is wrong')
  const signed = scramAuthMessage(clientFirst.bare, serverFirst.text, withoutProof)
  const signature = crypto.hmac(credential.storedKey, signed)
  const proofBytes = scramBase64(proof)
  const clientKey =
    proofBytes.length === signature.length ? xorBytes(proofBytes, signature) : proofBytes
  if (!equalBytes(crypto.hash(clientKey), credential.storedKey)) {
    throw new AuthenticationError('the SCRAM proof is wrong')
  }
  const serverSignature = crypto.hmac(credential.serverKey, signed)
  return Buffer.from(`v=${Buffer.from(serverSignature).toString('base64')}`)
}

/** Writes the server's last message when it refuses; Java's brokers say `invalid-proof` or `other-error`. */
export const encodeScramFailure = (reason: string): Uint8Array => Buffer.from(`e=${reason}`)
