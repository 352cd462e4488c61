import { ConnectionError, InvalidArgumentError, TimeoutError } from '@ottla/protocol'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { seededRandom } from '../platform/seeded-random.js'
import { createVirtualClock, type VirtualClock } from '../platform/virtual-clock.js'
import { createBackoff } from './backoff.js'
import { type Attempt, type RetryOptions, retry } from './retry.js'
import { sleep, waitFor } from './sleep.js'

let clock: VirtualClock
beforeEach(() => {
  clock = createVirtualClock()
})
afterEach(() => {
  expect(clock.pendingTimers).toBe(0)
})

const options = (more: Partial<RetryOptions> = {}): RetryOptions => ({
  clock,
  random: seededRandom(1),
  what: 'moving trucks',
  timeoutMs: 10_000,
  ...more,
})

/** Fails with these errors in turn, then succeeds; notes when it was called. */
const failing = (errors: readonly Error[]) => {
  const calls: (Attempt & { readonly atMs: number })[] = []
  const attempt = async (current: Attempt): Promise<string> => {
    calls.push({ ...current, atMs: clock.monotonic() })
    const error = errors[calls.length - 1]
    if (error !== undefined) throw error
    return 'done'
  }
  return { calls, attempt }
}

const lost = new ConnectionError('lost')

describe('createBackoff', () => {
  it('doubles up to the maximum, with 20 % jitter', () => {
    const backoff = createBackoff({ random: seededRandom(7) })
    for (let round = 0; round < 200; round++) {
      for (const [failures, middle] of [
        [1, 100],
        [2, 200],
        [3, 400],
        [4, 800],
        [5, 1000],
        [99, 1000],
      ]) {
        const delayMs = backoff.delayMs(failures as number)
        expect(delayMs).toBeGreaterThanOrEqual((middle as number) * 0.8)
        expect(delayMs).toBeLessThanOrEqual((middle as number) * 1.2)
      }
    }
  })
})

describe('retry', () => {
  it('tries again after growing pauses', async () => {
    const { calls, attempt } = failing([lost, lost, lost])
    expect(await clock.runUntil(retry(options(), attempt))).toBe('done')
    expect(calls.map(({ number }) => number)).toEqual([1, 2, 3, 4])
    const pauses = calls.slice(1).map(({ atMs }, index) => atMs - (calls[index]?.atMs ?? 0))
    expect(pauses[0]).toBeGreaterThanOrEqual(80)
    expect(pauses[2]).toBeGreaterThanOrEqual(320)
    expect(calls[3]?.timeoutMs).toBeLessThan(10_000 - 500)
  })

  it('throws at once what is not worth it', async () => {
    const refused = new InvalidArgumentError('no')
    const foreign = new TypeError('a bug')
    for (const error of [refused, foreign]) {
      const { calls, attempt } = failing([error])
      await expect(retry(options(), attempt)).rejects.toBe(error)
      expect(calls).toHaveLength(1)
    }
    const { attempt } = failing([refused])
    const retried = retry(options({ shouldRetry: () => true }), attempt)
    expect(await clock.runUntil(retried)).toBe('done')
  })

  it('ends in time, with the error that tells most as the cause', async () => {
    const timeout = new TimeoutError('too late')
    const { calls, attempt } = failing([lost, ...Array<Error>(50).fill(timeout)])
    const outcome = retry(options({ timeoutMs: 3000 }), attempt)
    const rejection = expect(outcome).rejects.toMatchObject({
      code: 'OTTLA_TIMEOUT',
      cause: lost,
      message: expect.stringMatching(
        /moving trucks did not succeed within 3000 ms \(\d attempts\).*lost/,
      ),
    })
    await clock.runUntil(outcome.catch(() => {}))
    await rejection
    expect(clock.monotonic()).toBeLessThanOrEqual(3000)
    expect(calls.length).toBeLessThan(8)
  })

  it('stops when the signal aborts, in a pause too', async () => {
    const abort = new AbortController()
    const { attempt } = failing([lost, lost])
    const outcome = retry(options({ signal: abort.signal }), attempt)
    const rejection = expect(outcome).rejects.toThrow('enough')
    await clock.advance(10)
    abort.abort(new Error('enough'))
    await rejection
    await expect(retry(options({ signal: abort.signal }), attempt)).rejects.toThrow('enough')
  })
})

describe('waits', () => {
  it('end by themselves, by the signal or by the deadline, and leave no timer', async () => {
    await clock.runUntil(sleep(clock, 50))
    expect(clock.monotonic()).toBe(50)
    const onTimeout = (): Error => new Error('late')
    const never = new Promise<string>(() => {})
    const limits = { clock, deadlineMs: 100, onTimeout }
    const late = waitFor(never, limits).catch((error: Error) => error.message)
    expect(await clock.runUntil(late)).toBe('late')
    expect(await waitFor(Promise.resolve('now'), { ...limits, deadlineMs: 1000 })).toBe('now')
    await expect(waitFor(Promise.reject(lost), { ...limits, deadlineMs: 1000 })).rejects.toBe(lost)
    const signal = AbortSignal.abort(new Error('no'))
    await expect(waitFor(never, { ...limits, signal })).rejects.toThrow('no')
    await expect(sleep(clock, 10, signal)).rejects.toThrow('no')
  })

  it('share a signal by the hundred without a warning', async () => {
    const warnings: Error[] = []
    const listen = (warning: Error): void => void warnings.push(warning)
    process.on('warning', listen)
    const abort = new AbortController()
    const waits = Array.from({ length: 300 }, () => sleep(clock, 1000, abort.signal))
    const outcomes = Promise.allSettled(waits)
    abort.abort()
    expect((await outcomes).every(({ status }) => status === 'rejected')).toBe(true)
    await new Promise((resolve) => setImmediate(resolve))
    process.off('warning', listen)
    expect(warnings).toEqual([])
  })
})
