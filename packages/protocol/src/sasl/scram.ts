import { AuthenticationError, WireError } from '../errors.js'

/** Names of the SCRAM mechanisms Kafka has, with what they ask of a hash function. */
export const scramMechanisms = {
  'SCRAM-SHA-256': { hash: 'sha256', keyBytes: 32 },
  'SCRAM-SHA-512': { hash: 'sha512', keyBytes: 64 },
} as const

/** Name of a SCRAM mechanism. */
export type ScramMechanism = keyof typeof scramMechanisms

/** The two functions the exchange needs, both of the mechanism's hash. PBKDF2 is run by the caller, as it takes a while. */
export interface ScramCrypto {
  hash(bytes: Uint8Array): Uint8Array
  hmac(key: Uint8Array, bytes: Uint8Array): Uint8Array
}

/** Java clients refuse a server that asks for fewer. */
export const scramIterationsMin = 4096
/** More would let a server keep a client busy for minutes; brokers store 16384 at most. */
const iterationsMax = 1_000_000

/** What a broker stores of a user instead of the password. */
export interface ScramCredential {
  readonly storedKey: Uint8Array
  readonly serverKey: Uint8Array
}

/** Computes what to store from PBKDF2(hash, password in UTF-8, salt, iterations). */
export const scramCredential = (
  crypto: ScramCrypto,
  saltedPassword: Uint8Array,
): ScramCredential => ({
  storedKey: crypto.hash(crypto.hmac(saltedPassword, Buffer.from('Client Key'))),
  serverKey: crypto.hmac(saltedPassword, Buffer.from('Server Key')),
})

/** The server's first message. */
export interface ScramServerFirst {
  /** The client's nonce and the server's after it. */
  readonly nonce: string
  readonly salt: Uint8Array
  readonly iterations: number
  /** The message as it was sent: both sides sign it. */
  readonly text: string
}

/** Both sides sign the three messages up to the proof. */
export const scramAuthMessage = (
  clientFirstBare: string,
  serverFirst: string,
  clientFinalWithoutProof: string,
): Uint8Array => Buffer.from(`${clientFirstBare},${serverFirst},${clientFinalWithoutProof}`)

/** Client and server end a message the same way when it is malformed. */
export const scramFault = (message: string): WireError =>
  new WireError({ message, messageName: 'SASL/SCRAM' })

/** Reads base64. Throws WireError when the text is not canonical base64. */
export const scramBase64 = (text: string): Buffer => {
  const bytes = Buffer.from(text, 'base64')
  if (bytes.toString('base64') !== text) throw scramFault('a value is not base64')
  return bytes
}

/** XOR of two pieces of the same length. */
export const xorBytes = (left: Uint8Array, right: Uint8Array): Uint8Array =>
  Uint8Array.from(left, (byte, index) => byte ^ (right[index] as number))

/** Compares in a time that does not depend on where the difference is. */
export const equalBytes = (left: Uint8Array, right: Uint8Array): boolean => {
  if (left.length !== right.length) return false
  let difference = 0
  for (let index = 0; index < left.length; index++) {
    difference |= (left[index] as number) ^ (right[index] as number)
  }
  return difference === 0
}

/** Throws AuthenticationError unless the iterations are within what a client should accept. */
export const assertIterations = (iterations: number): void => {
  if (iterations >= scramIterationsMin && iterations <= iterationsMax) return
  throw new AuthenticationError(
    `the server asks for ${iterations} SCRAM iterations: between ${scramIterationsMin} and ${iterationsMax} are accepted`,
  )
}
