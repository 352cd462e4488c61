import { describe, expect, it } from 'vitest'
import {
  createProgressMachine,
  type ProgressFact,
  type ProgressMachine,
  stepProgress,
} from './progress-machine.js'

const config = { stallTimeoutMs: 1000, intervalMs: 250 }

/** Looks every 250 ms until `untilMs`, at what `factOf` says at the time; returns what was done, and when. */
const watch = (
  untilMs: number,
  factOf: (nowMs: number) => Partial<ProgressFact<string>>,
  looks = (nowMs: number) => nowMs + 250,
): string[] => {
  let machine: ProgressMachine<string> = createProgressMachine(0)
  const done: string[] = []
  for (let nowMs = 0; nowMs <= untilMs; nowMs = looks(nowMs)) {
    const fact = { key: 'p', isWanted: true, answeredAtMs: -Infinity, isExcused: false }
    const step = stepProgress(machine, [{ ...fact, ...factOf(nowMs) }], nowMs, config)
    machine = step.machine
    for (const { type, idleMs } of step.actions) done.push(`${nowMs} ${type} ${idleMs}`)
  }
  return done
}

describe('stepProgress', () => {
  it('heals twice, then fails, then begins anew', () => {
    expect(watch(7000, () => ({}))).toEqual([
      '1000 heal 1000',
      '2000 heal 2000',
      '3000 fail 3000',
      '4000 heal 1000',
      '5000 heal 2000',
      '6000 fail 3000',
      '7000 heal 1000',
    ])
  })

  it('is content with an answer now and then, empty or not', () => {
    expect(watch(9000, (nowMs) => ({ answeredAtMs: nowMs - (nowMs % 500) }))).toEqual([])
  })

  it('begins to count with the last answer', () => {
    expect(watch(3000, (nowMs) => ({ answeredAtMs: Math.min(nowMs, 1500) }))).toEqual([
      '2500 heal 1000',
    ])
  })

  it('counts only while the partition is wanted: not paused, not full', () => {
    expect(watch(5000, (nowMs) => ({ isWanted: nowMs % 1000 !== 0 }))).toEqual([])
    expect(watch(2500, (nowMs) => ({ isWanted: nowMs > 1000 }))).toEqual(['2250 heal 1000'])
  })

  it('never fails while there is an excuse, and goes on healing', () => {
    const done = watch(3_600_000, () => ({ isExcused: true }))
    expect(done).toHaveLength(3600)
    expect(done.some((action) => action.includes('fail'))).toBe(false)
  })

  it('fails when the excuse is gone and nothing moves', () => {
    expect(watch(3000, (nowMs) => ({ isExcused: nowMs < 3000 })).at(-1)).toBe('3000 fail 3000')
  })

  it('does not take a suspended process for a stall', () => {
    const jump = (nowMs: number): number => (nowMs === 500 ? 1_000_000 : nowMs + 250)
    expect(watch(1_000_250, () => ({}), jump)).toEqual(['1000000 heal 1000'])
    const short = (nowMs: number): number => (nowMs === 250 ? 1_000_000 : nowMs + 250)
    expect(watch(1_000_000, () => ({}), short)).toEqual([])
  })

  it('forgets partitions that are gone', () => {
    const first = stepProgress(
      createProgressMachine<string>(0),
      [{ key: 'p', isWanted: true, answeredAtMs: 0, isExcused: false }],
      0,
      config,
    )
    expect(stepProgress(first.machine, [], 250, config).machine.watched.size).toBe(0)
  })
})
