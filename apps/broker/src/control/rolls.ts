/** Numbers in [0, 1). */
export type Rolls = () => number

/** The same numbers for the same seed (xorshift32): good enough to choose requests and bits, no secret. */
export const repeatableRolls = (seed: number): Rolls => {
  let state = (seed ^ 0x9e3779b9) | 0 || 1
  return () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) / 2 ** 32
  }
}
