import { describe, expect, it } from 'vitest'
import { CoveredRanges } from './covered-ranges.js'

describe('CoveredRanges', () => {
  it('joins ranges that touch and counts what was read again', () => {
    const covered = new CoveredRanges()
    covered.add(0, 10)
    covered.add(20, 30)
    expect(covered.coversUpTo(30)).toBe(false)
    covered.add(5, 20)
    expect(covered.coversUpTo(30)).toBe(true)
    expect(covered.repeated).toBe(5)
    expect(String(covered)).toBe('0-30')
  })

  it('covers an empty partition without any read', () => {
    expect(new CoveredRanges().coversUpTo(0)).toBe(true)
  })
})
