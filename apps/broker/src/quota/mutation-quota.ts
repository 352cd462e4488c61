import { ErrorCode } from '@ottla/protocol'
import { refusal } from '../errors.js'
import type { ClientThrottle, QuotaRequest } from './client-throttle.js'

/**
 * What one request may create and delete (KIP-599): a partition is a mutation. Clients that know
 * THROTTLING_QUOTA_EXCEEDED are refused once they have used up what they may; older ones are served and have to wait.
 */
export class MutationQuota {
  readonly #throttle: ClientThrottle
  readonly #request: QuotaRequest
  readonly #isStrict: boolean
  #throttleTimeMs = 0

  constructor(throttle: ClientThrottle, request: QuotaRequest, isStrict: boolean) {
    this.#throttle = throttle
    this.#request = request
    this.#isStrict = isStrict
  }

  /** @throws BrokerError THROTTLING_QUOTA_EXCEEDED if the client has to wait first and knows how to. */
  readonly take = (partitions: number): void => {
    const waitMs = this.#throttle.recordMutations(this.#request, partitions, this.#isStrict)
    this.#throttleTimeMs = Math.max(this.#throttleTimeMs, waitMs)
    if (waitMs > 0 && this.#isStrict) throw refusal(ErrorCode.THROTTLING_QUOTA_EXCEEDED)
  }

  /** The request is done: the client has to wait for so long, and is not read from meanwhile. */
  conclude(): number {
    if (this.#throttleTimeMs > 0) this.#throttle.mute(this.#request, this.#throttleTimeMs)
    return this.#throttleTimeMs
  }
}
