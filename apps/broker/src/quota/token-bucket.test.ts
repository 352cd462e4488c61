import { describe, expect, it } from 'vitest'
import { TokenBucket } from './token-bucket.js'

describe('a token bucket', () => {
  it('starts full, fills steadily, and holds no more than a burst', () => {
    const bucket = new TokenBucket()
    expect(bucket.fill(5, 100, 1_000_000)).toBe(500)
    bucket.take(560)
    expect(bucket.fill(5, 100, 1_000_000)).toBe(-60)
    expect(bucket.fill(5, 100, 1_012_000)).toBe(0)
    expect(bucket.fill(5, 100, 9_000_000)).toBe(500)
  })

  it('is cut to a limit that was lowered', () => {
    const bucket = new TokenBucket()
    bucket.fill(100, 10, 0)
    expect(bucket.fill(1, 10, 0)).toBe(10)
  })
})
