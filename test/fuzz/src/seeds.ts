/** A number for each batch of each fuzzer, all of them from one. */
export function batchSeed(seed: number, fuzzer: string, batch: number): number {
  let state = (seed ^ Math.imul(batch + 1, 0x9e3779b1)) >>> 0
  for (const character of fuzzer) {
    state = Math.imul(state ^ character.charCodeAt(0), 0x01000193) >>> 0
  }
  state = Math.imul(state ^ (state >>> 15), 0x2c1b3c6d)
  return (state ^ (state >>> 13)) & 0x7fffffff
}

/** A seed to begin with where none is given. */
export const anySeed = (): number => Math.floor(Math.random() * 2 ** 31)
