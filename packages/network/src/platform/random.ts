import { randomBytes, randomUUID } from 'node:crypto'

/** Randomness, as everything outside `platform/` sees it. */
export interface Random {
  /** A number in [0, 1). */
  next(): number
  /** `count` fresh bytes. */
  bytes(count: number): Uint8Array
  /** A version 4 UUID, 36 characters, lower case. */
  uuid(): string
}

/** The operating system's randomness; `next` alone is not for secrets. */
export const systemRandom: Random = {
  next: () => Math.random(),
  bytes: (count) => randomBytes(count),
  uuid: () => randomUUID(),
}
