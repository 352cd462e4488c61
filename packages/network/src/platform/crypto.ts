import { createHash, createHmac, pbkdf2, pbkdf2Sync } from 'node:crypto'

/** Name of a hash function. */
export type HashName = 'sha256' | 'sha512'

/** The cryptography that SASL needs, as everything outside `platform/` sees it. */
export interface Crypto {
  hash(name: HashName, bytes: Uint8Array): Uint8Array
  hmac(name: HashName, key: Uint8Array, bytes: Uint8Array): Uint8Array
  /** Derives `keyBytes` bytes from a password (in UTF-8). Slow by design: milliseconds for thousands of iterations. */
  pbkdf2(name: HashName, password: string, input: Pbkdf2Input): Promise<Uint8Array>
}

/** What PBKDF2 takes besides the password. */
export interface Pbkdf2Input {
  readonly salt: Uint8Array
  readonly iterations: number
  readonly keyBytes: number
}

const digests = {
  hash: (name: HashName, bytes: Uint8Array): Uint8Array => createHash(name).update(bytes).digest(),
  hmac: (name: HashName, key: Uint8Array, bytes: Uint8Array): Uint8Array =>
    createHmac(name, key).update(bytes).digest(),
}

/** Node's cryptography; PBKDF2 runs on libuv's threads. */
export const systemCrypto: Crypto = {
  ...digests,
  pbkdf2: (name, password, { salt, iterations, keyBytes }) =>
    new Promise((resolve, reject) => {
      pbkdf2(password, salt, iterations, keyBytes, name, (error, key) =>
        error === null ? resolve(key) : reject(error),
      )
    }),
}

/** The same without threads, whose answers would come at moments that a simulation cannot repeat. */
export const simulatedCrypto: Crypto = {
  ...digests,
  pbkdf2: async (name, password, { salt, iterations, keyBytes }) =>
    pbkdf2Sync(password, salt, iterations, keyBytes, name),
}
