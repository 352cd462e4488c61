/** Timestamps with a meaning of their own in a look-up by time. */
export const OffsetSpec = {
  /** The end of what may be read. */
  latest: -1,
  /** The first record still in the log. */
  earliest: -2,
} as const
