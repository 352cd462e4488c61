import { createVirtualClock } from '@ottla/network/simulation'
import { describe, expect, it } from 'vitest'
import { type Parked, Purgatory, Watchers } from './purgatory.js'

const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

/** A request that is done after so many attempts. */
const parkedFor = (attempts: number): Parked & { done: boolean; expired: boolean } => ({
  done: false,
  expired: false,
  attempt() {
    attempts -= 1
    this.done = attempts <= 0
    return this.done
  },
  expire() {
    this.expired = true
  },
})

describe('Purgatory', () => {
  it('asks a parked request once for all events of a turn', async () => {
    const purgatory = new Purgatory(createVirtualClock())
    const watchers = new Watchers()
    const parked = parkedFor(2)
    purgatory.park(parked, [watchers], 500)
    for (let event = 0; event < 20; event += 1) watchers.notify()
    expect(purgatory.stats.wakeUps).toBe(0)
    await settle()
    expect(purgatory.stats).toEqual({ parked: 1, wakeUps: 1, expired: 0 })
    watchers.notify()
    await settle()
    expect(parked.done).toBe(true)
    expect(purgatory.stats).toEqual({ parked: 0, wakeUps: 2, expired: 0 })
    expect(watchers.size).toBe(0)
  })

  it('is silent until the deadline when nothing happens', async () => {
    const clock = createVirtualClock()
    const purgatory = new Purgatory(clock)
    const parked = parkedFor(1)
    purgatory.park(parked, [new Watchers()], 500)
    await clock.advance(499)
    expect(parked.expired).toBe(false)
    await clock.advance(1)
    expect(parked.expired).toBe(true)
    expect(purgatory.stats).toEqual({ parked: 0, wakeUps: 0, expired: 1 })
  })

  it('lets many that wait end together, none early and none much later', async () => {
    const clock = createVirtualClock()
    const purgatory = new Purgatory(clock)
    const endedMs: number[] = []
    const park = (waitMs: number) => {
      const dueMs = clock.monotonic() + waitMs
      const expire = () => endedMs.push(clock.monotonic() - dueMs)
      purgatory.park({ attempt: () => false, expire }, [], waitMs)
    }
    for (let index = 0; index < 100; index += 1) {
      park(500)
      await clock.advance(1)
    }
    await clock.advance(600)
    expect(purgatory.stats).toEqual({ parked: 0, wakeUps: 0, expired: 100 })
    expect(Math.min(...endedMs)).toBe(0)
    expect(Math.max(...endedMs)).toBeLessThanOrEqual(8)
    // The first ones alone, the others in eights.
    expect(endedMs.filter((lateMs) => lateMs === 0).length).toBeLessThan(16 + 100 / 8 + 1)
  })

  it('goes on for those who share a deadline with one that leaves, and takes any wait', async () => {
    const clock = createVirtualClock()
    const purgatory = new Purgatory(clock)
    const ended: number[] = []
    const park = (waitMs: number) =>
      purgatory.park({ attempt: () => false, expire: () => ended.push(waitMs) }, [], waitMs)
    for (let index = 0; index < 20; index += 1) park(600_000)
    const leave = park(500)
    park(501)
    leave()
    for (const waitMs of [-1, 0, 1, 31]) park(waitMs)
    await clock.advance(520)
    expect(ended).toEqual([500, -1, 0, 1, 31, 501])
    expect(purgatory.stats.parked).toBe(20)
    purgatory.close()
  })

  it('expires on demand, once', () => {
    const purgatory = new Purgatory(createVirtualClock())
    let count = 0
    const expire = purgatory.park(
      {
        attempt: () => false,
        expire: () => {
          count += 1
        },
      },
      [],
      500,
    )
    expire()
    expire()
    purgatory.close()
    expect(count).toBe(1)
  })
})
