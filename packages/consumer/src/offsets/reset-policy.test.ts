import { describe, expect, it } from 'vitest'
import { parseDuration, readResetPolicy, resetTimestamp } from './reset-policy.js'

describe('parseDuration', () => {
  it.each([
    ['PT1H', 3_600_000],
    ['P1D', 86_400_000],
    ['P2DT3H4M5.5S', 183_845_500],
    ['PT0.001S', 1],
    ['pt15m', 900_000],
    ['PT0S', 0],
  ])('reads %s', (text, ms) => {
    expect(parseDuration(text)).toBe(ms)
  })

  it.each([
    '',
    'P',
    'PT',
    'P1DT',
    '1H',
    'PT-1H',
    '-PT1H',
    'P1Y',
    'PT1.5H',
    'PT1H2',
    'PT99999999999999999H',
  ])('refuses %j', (text) => {
    expect(parseDuration(text)).toBeUndefined()
  })
})

describe('the reset policy', () => {
  it('accepts the three words and durations', () => {
    for (const policy of ['earliest', 'latest', 'none', 'by_duration:PT1H']) {
      expect(readResetPolicy(policy)).toBe(policy)
    }
    for (const other of ['smallest', 'by_duration:', 'by_duration:1h', 'PT1H', 7, undefined]) {
      expect(readResetPolicy(other)).toBeUndefined()
    }
  })

  it('becomes what ListOffsets is asked', () => {
    expect(resetTimestamp('earliest', 5000)).toBe(-2)
    expect(resetTimestamp('latest', 5000)).toBe(-1)
    expect(resetTimestamp('none', 5000)).toBeUndefined()
    expect(resetTimestamp('by_duration:PT1S', 5000)).toBe(4000)
    expect(resetTimestamp('by_duration:PT1H', 5000)).toBe(0)
  })
})
