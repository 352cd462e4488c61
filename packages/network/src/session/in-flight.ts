/** A request that waits for its answer. */
export interface InFlight<C> {
  /** Undefined for a SASL token without header. */
  readonly correlationId: number | undefined
  readonly isSasl: boolean
  /** Undefined once cancelled: the answer is then thrown away. */
  call: C | undefined
  readonly deadlineMs: number
  readonly apiName: string
  readonly timeoutMs: number
}

/** The first four bytes of a response; by hand, because a reader for them costs as much as the session's other work. */
export const correlationIdOf = (frame: Uint8Array): number =>
  ((frame[0] as number) << 24) |
  ((frame[1] as number) << 16) |
  ((frame[2] as number) << 8) |
  (frame[3] as number)
