import { type Backoff, createBackoff } from '@ottla/network'
import type { ResolvedConsumerOptions } from './options.js'

/** The pauses between attempts of whatever the consumer tries again. */
export const backoffOf = (options: ResolvedConsumerOptions): Backoff => {
  const { platform, retryBackoffMs: baseMs, retryBackoffMaxMs: maxMs } = options
  return createBackoff({ random: platform.random, baseMs, maxMs })
}
