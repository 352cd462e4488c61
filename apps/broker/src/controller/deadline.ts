import { ErrorCode } from '@ottla/protocol'
import { type ApiError, refusal, toApiError } from '../errors.js'

/**
 * The answer to a request that leaves the controller no time, undefined to any other: Kafka's controller gives up an
 * event whose deadline has come before its turn (KIP-631), and with a `timeoutMs` of 0 or less it comes with the request.
 * Nothing of what was asked for is done then.
 */
export const timedOut = (timeoutMs: number): ApiError | undefined =>
  timeoutMs > 0 ? undefined : toApiError(refusal(ErrorCode.REQUEST_TIMED_OUT))
