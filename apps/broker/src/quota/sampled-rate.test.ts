import { describe, expect, it } from 'vitest'
import { SampledRate } from './sampled-rate.js'

describe('a sampled rate', () => {
  const windows = { samples: 11, windowMs: 1000 }

  it('spreads a burst over all windows but the last', () => {
    const rate = new SampledRate(windows)
    rate.record(10_000, 5000)
    expect(rate.measure(5000)).toEqual({ perSecond: 1000, spanMs: 10_000 })
    expect(rate.measure(5500)).toEqual({ perSecond: 10_000 / 10.5, spanMs: 10_500 })
  })

  it('forgets samples when they have left the windows', () => {
    const rate = new SampledRate(windows)
    rate.record(1000, 0)
    rate.record(1000, 5000)
    expect(rate.measure(10_999).perSecond).toBeCloseTo(2000 / 10.999)
    expect(rate.measure(11_000)).toEqual({ perSecond: 100, spanMs: 10_000 })
    expect(rate.measure(16_000)).toEqual({ perSecond: 0, spanMs: 10_000 })
  })

  it('takes back what is recorded as negative', () => {
    const rate = new SampledRate(windows)
    rate.record(1000, 0)
    rate.record(-1000, 1)
    expect(rate.measure(1).perSecond).toBe(0)
  })

  it('keeps a steady rate steady', () => {
    const rate = new SampledRate(windows)
    for (let second = 0; second < 100; second += 1) rate.record(500, second * 1000)
    expect(rate.measure(99_999).perSecond).toBeCloseTo(500, 0)
  })
})
