import { pbkdf2 } from 'node:crypto'
import { type ScramMechanism, scramMechanisms } from '@ottla/protocol'

/** Computes what a broker needs of a password for SCRAM (RFC 5802 `Hi`), off the event loop. */
export const saltPassword = (
  mechanism: ScramMechanism,
  password: string,
  salt: Uint8Array,
  iterations: number,
): Promise<Uint8Array> => {
  const { hash, keyBytes } = scramMechanisms[mechanism]
  return new Promise((resolve, reject) => {
    pbkdf2(password, salt, iterations, keyBytes, hash, (error, key) => {
      if (error === null) resolve(key)
      else reject(error)
    })
  })
}
