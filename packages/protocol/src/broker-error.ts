import { assignKnown, markInstances } from './error-class.js'
import { type ErrorName, errorInfo } from './error-codes.js'
import { KafkaError, type KafkaErrorOptions } from './errors.js'

/** What a `BrokerError` knows besides the error code. */
export interface BrokerErrorDetails extends KafkaErrorOptions {
  readonly version?: number | undefined
  /** Path inside the response, such as `/topics/0/partitions/3`. */
  readonly path?: string | undefined
  /** The broker's own error message, where the response has one. */
  readonly text?: string | null | undefined
  /** What it means and what to do, where who asked knows better than the table of all errors. */
  readonly advice?: string | undefined
}

/**
 * A broker answered with an error code. `errorCode` is Kafka's number and `errorName` its name;
 * `code` is `OTTLA_BROKER_` + the name; `retriable` and `fatal` come from the table in
 * `error-codes.ts`.
 */
export class BrokerError extends KafkaError {
  readonly errorCode: number
  readonly errorName: ErrorName | `UNKNOWN_ERROR_CODE_${number}`
  declare readonly version?: number
  declare readonly path?: string
  /** The broker's own words, if it sent any. */
  declare readonly text?: string

  constructor(errorCode: number, details: BrokerErrorDetails = {}) {
    const info = errorInfo(errorCode)
    const { api, version, path, node, topic, partition, group } = details
    const text = details.text ?? undefined
    const place: string[] = []
    if (api !== undefined) place.push(version === undefined ? api : `${api} v${version}`)
    if (node !== undefined) place.push(`node ${node}`)
    if (group !== undefined) place.push(`group ${group}`)
    if (topic !== undefined) {
      place.push(partition === undefined ? `topic ${topic}` : `${topic}-${partition}`)
    } else if (path !== undefined) place.push(`at ${path}`)
    const where = place.length === 0 ? '' : ` (${place.join(', ')})`
    const said = text === undefined || text === '' ? '' : `; the broker says: ${text}`
    super(
      `${info.name} [${errorCode}]${where}: ${details.advice ?? info.text}${said}`,
      { code: `OTTLA_BROKER_${info.name}`, retriable: info.retriable, fatal: info.fatal },
      details,
    )
    this.errorCode = errorCode
    this.errorName = info.name
    assignKnown(this, { version, path, text })
  }
}

markInstances(BrokerError, 'BrokerError')
