import type { Authentication } from './authentication.js'

/** With less than this left of a session, a failed re-authentication is not tried again. */
const leastRenewalMs = 1000

/**
 * When to authenticate again (KIP-368): a broker lets a client in for a time, and closes the connection of one that outstays it.
 *
 * ```
 *   granted ──────────────────► due ──► begun here ──► begun there: calls wait ──► granted again
 *            renewAfter of the   ▲           │ no token
 *            lifetime            └─ half of ─┘ what is left, while that is a second at least
 * ```
 */
export class Renewal {
  #current: Authentication | undefined
  #atMs = Infinity
  #expiresAtMs = Infinity

  /** When to begin; Infinity for never. */
  get atMs(): number {
    return this.#atMs
  }

  /** The one under way. */
  get current(): Authentication | undefined {
    return this.#current
  }

  /** Whether the broker has heard of it: it then expects nothing else until the end. */
  get hasBegun(): boolean {
    return this.#current?.hasBegun === true
  }

  /** It is time: not again until `granted` or `postpone`. */
  start(authentication: Authentication): void {
    this.#atMs = Infinity
    this.#current = authentication
  }

  /**
   * The token could not be had. What was granted still holds as long as the broker has heard of nothing: tries again later if there
   * is time.
   *
   * @returns whether there is.
   */
  postpone(nowMs: number): boolean {
    const leftMs = this.#expiresAtMs - nowMs
    if (this.#current === undefined || this.hasBegun || leftMs <= leastRenewalMs) return false
    this.#current = undefined
    this.#atMs = nowMs + leftMs / 2
    return true
  }

  /**
   * The broker let the client in for `lifetimeMs`, 0 for ever.
   *
   * @param renewAfter the part of that time after which to begin.
   * @returns whether it did so before on this connection.
   */
  granted(lifetimeMs: number, nowMs: number, renewAfter = 1): boolean {
    const isAgain = this.#current !== undefined
    this.#current = undefined
    this.#expiresAtMs = lifetimeMs > 0 ? nowMs + lifetimeMs : Infinity
    this.#atMs = lifetimeMs > 0 ? nowMs + lifetimeMs * renewAfter : Infinity
    return isAgain
  }
}
