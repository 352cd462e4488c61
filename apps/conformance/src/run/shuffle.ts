/** A copy in an order that follows from the seed alone. */
export function shuffle<Value>(values: readonly Value[], seed: number): Value[] {
  const random = mulberry32(seed)
  const result = [...values]
  for (let index = result.length - 1; index > 0; index--) {
    const other = Math.floor(random() * (index + 1))
    const value = result[index] as Value
    result[index] = result[other] as Value
    result[other] = value
  }
  return result
}

/** Mulberry32: 32 bits of state, enough to shuffle and the same everywhere. */
function mulberry32(seed: number): () => number {
  let state = seed | 0
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}
