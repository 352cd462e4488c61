import { readFileSync } from 'node:fs'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { clientSoftware } from '../version.js'
import { systemClock } from './clock.js'
import { systemRandom } from './random.js'
import { seededRandom } from './seeded-random.js'
import { createVirtualClock } from './virtual-clock.js'

afterEach(() => {
  vi.useRealTimers()
})

describe('systemClock', () => {
  it('keeps delays of any length', () => {
    vi.useFakeTimers()
    const fired: string[] = []
    const longMs = 2 ** 31 + 5000
    systemClock.setTimer(longMs, () => fired.push('long'))
    systemClock.setTimer(-5, () => fired.push('negative'))
    systemClock.setTimer(Number.NaN, () => fired.push('nan'))
    const cancelled = systemClock.setTimer(longMs, () => fired.push('cancelled'))
    vi.advanceTimersByTime(1)
    expect(fired).toEqual(['negative', 'nan'])
    vi.advanceTimersByTime(2 ** 31)
    cancelled.cancel()
    vi.advanceTimersByTime(4998)
    expect(fired).toHaveLength(2)
    vi.advanceTimersByTime(2)
    expect(fired).toEqual(['negative', 'nan', 'long'])
  })
})

describe('virtual clock', () => {
  it('fires in order of time, then of creation, and lets promises settle in between', async () => {
    const clock = createVirtualClock({ startMs: 1000 })
    const log: string[] = []
    const at = (ms: number, name: string) => clock.setTimer(ms, () => log.push(name))
    at(20, 'c')
    at(10, 'a')
    at(10, 'b')
    at(15, 'never').cancel()
    clock.setTimer(10, async () => {
      await Promise.resolve()
      log.push('after b')
      at(0, 'at once')
    })
    await clock.advance(19)
    expect(log).toEqual(['a', 'b', 'after b', 'at once'])
    expect([clock.now(), clock.monotonic(), clock.pendingTimers]).toEqual([1019, 19, 1])
    await clock.advance(1)
    expect(log.at(-1)).toBe('c')
  })

  it('runs until something holds, and says when it never will', async () => {
    const clock = createVirtualClock()
    let count = 0
    const tick = (): void => {
      count++
      clock.setTimer(100, tick)
    }
    tick()
    await clock.runUntil(() => count === 50)
    expect(clock.monotonic()).toBe(4900)
    expect(await clock.runUntil(Promise.resolve(7))).toBe(7)
    await expect(clock.runUntil(Promise.reject(new Error('no')))).rejects.toThrow('no')
    await expect(clock.runUntil(() => false, { limitMs: 1000 })).rejects.toThrow(/within 1000 ms/)
    await expect(createVirtualClock().runUntil(() => false)).rejects.toThrow(
      /nothing left to happen/,
    )
  })

  it('waits for what the end of a turn brings', async () => {
    const clock = createVirtualClock()
    let turns = 0
    const again = (): void => {
      if (++turns < 5) clock.afterTurn(again)
    }
    clock.afterTurn(again)
    await clock.advance(0)
    expect(turns).toBe(5)
  })
})

describe('randomness', () => {
  it('repeats by seed and looks even', () => {
    const one = seededRandom(42)
    const two = seededRandom(42)
    expect([one.next(), one.uuid(), ...one.bytes(20)]).toEqual([
      two.next(),
      two.uuid(),
      ...two.bytes(20),
    ])
    expect(seededRandom(43).next()).not.toBe(seededRandom(42).next())
    let isInRange = true
    const buckets = new Array<number>(10).fill(0)
    for (let i = 0; i < 10_000; i++) {
      const value = one.next()
      isInRange &&= value >= 0 && value < 1
      buckets[Math.floor(value * 10)] = (buckets[Math.floor(value * 10)] ?? 0) + 1
    }
    expect(isInRange).toBe(true)
    for (const count of buckets) expect(Math.abs(count - 1000)).toBeLessThan(200)
  })

  it('gives version 4 uuids', () => {
    const form = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/
    for (const random of [systemRandom, seededRandom(1)]) {
      for (let i = 0; i < 50; i++) expect(random.uuid()).toMatch(form)
      expect(random.bytes(7)).toHaveLength(7)
    }
  })
})

describe('client software', () => {
  it('is what the manifest says, in letters that brokers accept', () => {
    const manifest = JSON.parse(
      readFileSync(new URL('../../package.json', import.meta.url), 'utf8'),
    ) as { version: string }
    expect(clientSoftware.version).toBe(manifest.version)
    for (const text of [clientSoftware.name, clientSoftware.version]) {
      expect(text).toMatch(/^[a-zA-Z0-9](?:[a-zA-Z0-9\-.]*[a-zA-Z0-9])?$/)
    }
  })
})
