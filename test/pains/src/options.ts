import type { ConsumeOptions } from './client.js'

/** What a consumer gets where a pain does not say otherwise. */
export const usual = {
  groupId: 'pains',
  from: 'earliest',
  autoCommitMs: 200,
  sessionTimeoutMs: 6000,
  heartbeatMs: 500,
  requestTimeoutMs: 3000,
  maxPollIntervalMs: 30_000,
} as const satisfies Partial<ConsumeOptions>

/** Records with numbers as values, spread over keys. */
export const numbers = (from: number, to: number): { key: string; value: string }[] =>
  Array.from({ length: to - from }, (_, index) => ({
    key: `key-${(from + index) % 16}`,
    value: String(from + index),
  }))
