import { createHash, createHmac, pbkdf2Sync } from 'node:crypto'
import { type ScramCrypto, type ScramMechanism, scramMechanisms } from '@ottla/protocol'

/** Kafka's numbers of the SCRAM mechanisms, in its requests and in the metadata log. */
export const scramMechanismNumbers = { 1: 'SCRAM-SHA-256', 2: 'SCRAM-SHA-512' } as const

/** Kafka's number of a SCRAM mechanism. */
export type ScramMechanismNumber = keyof typeof scramMechanismNumbers

/** Kafka's number of a mechanism, by its name. */
export const scramMechanismNumber: Readonly<Record<ScramMechanism, ScramMechanismNumber>> = {
  'SCRAM-SHA-256': 1,
  'SCRAM-SHA-512': 2,
}

/** The hash functions of a SCRAM mechanism. */
export const scramCryptoOf = (mechanism: ScramMechanism): ScramCrypto => {
  const { hash } = scramMechanisms[mechanism]
  return {
    hash: (bytes) => createHash(hash).update(bytes).digest(),
    hmac: (key, bytes) => createHmac(hash, key).update(bytes).digest(),
  }
}

/** Salts a password: slow on purpose, 1 to 10 ms for 4096 iterations. */
export const saltPassword = (
  mechanism: ScramMechanism,
  password: string,
  salt: Uint8Array,
  iterations: number,
): Uint8Array => {
  const { hash, keyBytes } = scramMechanisms[mechanism]
  return pbkdf2Sync(password, salt, iterations, keyBytes, hash)
}
