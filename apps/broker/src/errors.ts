import { BrokerError, ErrorCode, WireError } from '@ottla/protocol'

/** What a response says about one thing that failed: Kafka's code and, where the API has room for it, a sentence. */
export interface ApiError {
  readonly errorCode: number
  readonly errorMessage: string | null
}

/** No error. */
export const noError: ApiError = { errorCode: ErrorCode.NONE, errorMessage: null }

/** An error to throw while a request is handled; `text` is what the client gets to read. */
export const refusal = (errorCode: number, text?: string): BrokerError =>
  new BrokerError(errorCode, { text })

/**
 * The code and the sentence of anything thrown while a request was handled. What is not a `BrokerError` is our own
 * fault: UNKNOWN_SERVER_ERROR, without a sentence, as Kafka hides its internals.
 */
export const toApiError = (error: unknown): ApiError => {
  if (error instanceof BrokerError) {
    return { errorCode: error.errorCode, errorMessage: error.text ?? null }
  }
  if (error instanceof WireError) {
    return { errorCode: ErrorCode.CORRUPT_MESSAGE, errorMessage: error.message }
  }
  return { errorCode: ErrorCode.UNKNOWN_SERVER_ERROR, errorMessage: null }
}
