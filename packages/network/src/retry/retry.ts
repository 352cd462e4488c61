import { KafkaError, TimeoutError } from '@ottla/protocol'
import type { Clock } from '../platform/clock.js'
import type { Random } from '../platform/random.js'
import { type Backoff, createBackoff } from './backoff.js'
import { sleep } from './sleep.js'

/** Limits and manners of `retry`. */
export interface RetryOptions {
  readonly clock: Clock
  readonly random: Random
  /** What is attempted, for the error message: `creating topics`. */
  readonly what?: string | undefined
  /** Limit for all attempts and pauses together. */
  readonly timeoutMs: number
  readonly signal?: AbortSignal | undefined
  /** Pauses between attempts. Default 100 ms doubling to 1 s. */
  readonly backoff?: Backoff | undefined
  /** Whether an error is worth another attempt. Default: its `retriable`. */
  readonly shouldRetry?: ((error: KafkaError) => boolean) | undefined
  /** Knows better than the last error why nothing works, when the time is up; undefined when it does not. */
  readonly explain?: (() => KafkaError | undefined) | undefined
}

/** What an attempt knows. */
export interface Attempt {
  /** 1 for the first. */
  readonly number: number
  /** What is left of the limit: hand it on as the attempt's own timeout. */
  readonly timeoutMs: number
  readonly signal: AbortSignal | undefined
}

/**
 * Runs `attempt` until it succeeds, pausing in between.
 *
 * @throws the first error that is not worth another attempt, as it is; TimeoutError (with the last error as cause) when
 * the limit leaves no room for another; the signal's reason.
 */
export const retry = async <T>(
  options: RetryOptions,
  attempt: (attempt: Attempt) => Promise<T>,
): Promise<T> => {
  const { clock, random, timeoutMs, signal, shouldRetry = isRetriable } = options
  const backoff = options.backoff ?? createBackoff({ random })
  const deadlineMs = clock.monotonic() + timeoutMs
  let telling: KafkaError | undefined
  for (let number = 1; ; number++) {
    signal?.throwIfAborted()
    const leftMs = deadlineMs - clock.monotonic()
    try {
      return await attempt({ number, timeoutMs: Math.max(leftMs, 1), signal })
    } catch (error) {
      if (signal?.aborted || !(error instanceof KafkaError) || !shouldRetry(error)) throw error
      // When the time runs out in the middle of an attempt, the error before it says more.
      telling = error instanceof TimeoutError ? (telling ?? error) : error
      const pauseMs = backoff.delayMs(number)
      if (clock.monotonic() + pauseMs >= deadlineMs) {
        const cause = options.explain?.() ?? telling
        const { node, api, topic, message } = cause
        throw new TimeoutError(
          `${options.what ?? 'the operation'} did not succeed within ${timeoutMs} ms (${number} ${number === 1 ? 'attempt' : 'attempts'}); the last one failed: ${message}`,
          { node, api, topic, cause },
        )
      }
      await sleep(clock, pauseMs, signal)
    }
  }
}

const isRetriable = (error: KafkaError): boolean => error.retriable
