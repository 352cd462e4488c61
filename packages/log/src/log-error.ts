import { BrokerError, ErrorCode, type ErrorName } from '@ottla/protocol'

/** Why one record of a batch was refused (KIP-467). */
export interface RecordError {
  /** Index of the record in its batch. */
  readonly batchIndex: number
  readonly message: string
}

/**
 * The log refused something; `errorCode` is what a broker answers, `text` the words that go with it. `recordErrors` names
 * the first records at fault, for the field of that name in a Produce response.
 */
export class LogError extends BrokerError {
  readonly recordErrors: readonly RecordError[]

  constructor(
    name: ErrorName,
    text: string,
    options: { readonly recordErrors?: readonly RecordError[]; readonly cause?: unknown } = {},
  ) {
    super(ErrorCode[name], { text, cause: options.cause })
    this.recordErrors = options.recordErrors ?? []
  }
}
