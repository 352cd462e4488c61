import { OffsetSpec } from './offset-spec.js'

/**
 * Where to start without a committed offset, or when the position is gone from the log. `'by_duration:PT1H'` (KIP-1106) is the
 * first record of the last hour: an ISO 8601 duration of days, hours, minutes and seconds.
 */
export type AutoOffsetReset = 'earliest' | 'latest' | 'none' | `by_duration:${string}`

const durationPattern =
  /^P(?:(\d+)D)?(?:T(?=\d)(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)(?:\.(\d{1,9}))?S)?)?$/i

/** Milliseconds of an ISO 8601 duration as Java's `Duration` writes it, days at most; undefined for anything else. */
export const parseDuration = (text: string): number | undefined => {
  const parts = durationPattern.exec(text)
  if (parts === null || !/\d/.test(text)) return undefined
  const [days = 0, hours = 0, minutes = 0, seconds = 0] = parts
    .slice(1, 5)
    .map((part) => Number(part ?? 0))
  const fraction = Math.floor(Number(`0.${parts[5] ?? 0}`) * 1000)
  const ms = (((days * 24 + hours) * 60 + minutes) * 60 + seconds) * 1000 + fraction
  return Number.isSafeInteger(ms) ? ms : undefined
}

const durationPrefix = 'by_duration:'

/** What the option `autoOffsetReset` accepts; undefined for anything else. */
export const readResetPolicy = (input: unknown): AutoOffsetReset | undefined => {
  if (input === 'earliest' || input === 'latest' || input === 'none') return input
  if (typeof input !== 'string' || !input.startsWith(durationPrefix)) return undefined
  const isDuration = parseDuration(input.slice(durationPrefix.length)) !== undefined
  return isDuration ? (input as AutoOffsetReset) : undefined
}

/** What to look up for a policy: a timestamp or an `OffsetSpec`; undefined for `'none'`. */
export const resetTimestamp = (policy: AutoOffsetReset, nowMs: number): number | undefined => {
  if (policy === 'none') return undefined
  if (policy === 'earliest' || policy === 'latest') return OffsetSpec[policy]
  return Math.max(0, nowMs - (parseDuration(policy.slice(durationPrefix.length)) ?? 0))
}
