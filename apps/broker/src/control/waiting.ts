import { InvalidArgumentError, TimeoutError } from '@ottla/protocol'
import type { Clock } from '../platform.js'

/** Limits of a wait. */
export interface WaitOptions {
  /** Default 4000, less than the 5 s after which vitest ends a test; by the platform's clock, which `advanceTime` does not touch. */
  readonly timeoutMs?: number
  readonly signal?: AbortSignal
}

/** A state that is waited for. */
export interface Goal<Result> {
  /** For the error: "group g with 2 members". */
  readonly what: string
  /** The result once the state is there; undefined until then. */
  check(): Result | undefined | Promise<Result | undefined>
  /** For the error: how it is instead. */
  seen(): string
}

/** Shorter than vitest's limit for a test: then the test fails with what the wait has seen, not with a bare timeout. */
const defaultTimeoutMs = 4000

/**
 * Those who wait for a state of the broker. Whoever changes a state calls `recheck`; each goal is then looked at once,
 * when the change is complete. Nothing polls.
 */
export class Waiting {
  readonly #clock: Clock
  readonly #checks = new Set<() => void>()
  #isScheduled = false

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Whether anyone waits. */
  get isEmpty(): boolean {
    return this.#checks.size === 0
  }

  /** Something has changed. */
  recheck(): void {
    if (this.#isScheduled || this.#checks.size === 0) return
    this.#isScheduled = true
    // Events are told in the middle of what they are about: two turns of promises later it is done.
    queueMicrotask(() => queueMicrotask(() => this.#checkAll()))
  }

  /**
   * Resolves with the goal's result, at once if it is reached already.
   * @throws TimeoutError that says what was seen last; the signal's reason.
   */
  until<Result>(
    goal: Goal<Result>,
    { timeoutMs = defaultTimeoutMs, signal }: WaitOptions = {},
  ): Promise<Result> {
    if (!(timeoutMs >= 0)) {
      throw new InvalidArgumentError(`timeoutMs must be 0 or more, not ${timeoutMs}`)
    }
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason)
      const settle = (act: () => void): void => {
        this.#checks.delete(check)
        timer.cancel()
        signal?.removeEventListener('abort', abort)
        act()
      }
      const conclude = (result: Result | undefined): void => {
        if (result !== undefined) settle(() => resolve(result))
      }
      const fail = (error: unknown): void => settle(() => reject(error))
      const check = (): void => {
        try {
          const result = goal.check()
          if (result instanceof Promise) result.then(conclude, fail)
          else conclude(result)
        } catch (error) {
          fail(error)
        }
      }
      const abort = (): void => fail(signal?.reason)
      const timer = this.#clock.setTimer(timeoutMs, () => fail(notReached(goal, timeoutMs)))
      signal?.addEventListener('abort', abort)
      this.#checks.add(check)
      check()
    })
  }

  #checkAll(): void {
    this.#isScheduled = false
    for (const check of [...this.#checks]) check()
  }
}

const notReached = (goal: Goal<unknown>, timeoutMs: number): TimeoutError =>
  new TimeoutError(`${goal.what}: not within ${timeoutMs} ms; ${goal.seen()}`, {
    code: 'OTTLA_TIMEOUT_STATE',
  })
