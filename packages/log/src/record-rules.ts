import { LogError, type RecordError } from './log-error.js'

/** What every record of a client's batch must satisfy. */
export interface RecordRules {
  readonly baseTimestamp: number
  /** Records without a key are refused: the topic is compacted. */
  readonly keyRequired: boolean
  /** Bounds of a record's timestamp; -1 (none) is always allowed. */
  readonly earliestTimestamp: number
  readonly latestTimestamp: number
}

/** Kafka names the first few only. */
const namedErrors = 3

/** Records refused so far; the first ones are named. */
export class Refusals {
  private readonly named: RecordError[] = []
  private count = 0
  private readonly isTimestamp: boolean

  constructor(isTimestamp: boolean) {
    this.isTimestamp = isTimestamp
  }

  add(batchIndex: number, message: string): this {
    this.count += 1
    if (this.named.length < namedErrors) this.named.push({ batchIndex, message })
    return this
  }

  /** The kind of the first refusal decides the code, as in Kafka. */
  toError(): LogError {
    const shown = this.named.map(({ batchIndex, message }) => `record ${batchIndex}: ${message}`)
    return new LogError(
      this.isTimestamp ? 'INVALID_TIMESTAMP' : 'INVALID_RECORD',
      `${this.count} records were refused: ${shown.join('; ')}`,
      { recordErrors: this.named },
    )
  }
}

/** Notes a record without a key on a topic that demands keys. */
export const refuseKey = (errors: Refusals | undefined, index: number): Refusals =>
  (errors ?? new Refusals(false)).add(index, 'a compacted topic takes no record without a key')

/** Notes a record whose timestamp is out of bounds. */
export const refuseTimestamp = (
  errors: Refusals | undefined,
  index: number,
  timestamp: number,
  rules: RecordRules,
): Refusals =>
  (errors ?? new Refusals(true)).add(
    index,
    `its timestamp ${timestamp} is outside [${rules.earliestTimestamp}, ${rules.latestTimestamp}]`,
  )
