import type { Random } from '../platform/random.js'

/** How pauses grow. */
export interface BackoffOptions {
  readonly random: Random
  /** The first pause. Default 100, Kafka's `retry.backoff.ms`. */
  readonly baseMs?: number | undefined
  /** The longest pause before jitter. Default 1000, Kafka's `retry.backoff.max.ms`. */
  readonly maxMs?: number | undefined
  /** Each pause is drawn from this part around its length. Default 0.2. */
  readonly jitter?: number | undefined
}

/** Exponential pauses with jitter, so that clients that failed together do not return together. */
export interface Backoff {
  /** The pause after `failures` failures in a row (1 or more): base, 2 x base, 4 x base … up to the maximum, each +-20 %, in whole ms. */
  delayMs(failures: number): number
}

/** Creates pauses as Kafka's clients make them (KIP-580). */
export const createBackoff = ({
  random,
  baseMs = 100,
  maxMs = 1000,
  jitter = 0.2,
}: BackoffOptions): Backoff => ({
  delayMs(failures) {
    const pauseMs = Math.min(maxMs, baseMs * 2 ** Math.min(failures - 1, 30))
    return Math.round(pauseMs * (1 + jitter * (2 * random.next() - 1)))
  },
})
