/**
 * Tokens that come in at a steady rate up to what a burst may take (KIP-599). The bucket starts full; one that is empty may
 * be overdrawn once, and nothing more is to be taken until it has recovered.
 */
export class TokenBucket {
  /** Undefined while it is full, whatever that is for the limit of the first request. */
  #tokens: number | undefined
  #lastMs = 0

  /** How many there are, fewer than none if it was overdrawn. `perSecond` come in, `burstSeconds` of them fit. */
  fill(perSecond: number, burstSeconds: number, nowMs: number): number {
    const burst = perSecond * burstSeconds
    const arrived = (perSecond * (nowMs - this.#lastMs)) / 1000
    this.#tokens = Math.min(burst, (this.#tokens ?? burst) + arrived)
    this.#lastMs = nowMs
    return this.#tokens
  }

  /** Takes tokens, also those that are not there. */
  take(count: number): void {
    this.#tokens = (this.#tokens ?? 0) - count
  }
}
