import { assignKnown, markInstances } from './error-class.js'

/** Where an error happened, as far as it is known. Undefined parts are left off the error. */
export interface ErrorContext {
  /** Node id, or `host:port` before the id is known. */
  readonly node?: number | string | undefined
  /** Kafka's name of the API, such as `Produce`. */
  readonly api?: string | undefined
  readonly topic?: string | undefined
  readonly partition?: number | undefined
  readonly group?: string | undefined
}

/** Options of every error's constructor: the place, the cause, and the verdict where it differs from the class's own. */
export interface KafkaErrorOptions extends ErrorContext {
  /** A narrower stable code, such as `OTTLA_CONNECTION_REFUSED`. */
  readonly code?: `OTTLA_${string}` | undefined
  readonly cause?: unknown
  readonly retriable?: boolean | undefined
  readonly fatal?: boolean | undefined
}

/**
 * Base of every error Ottla throws. Tell errors apart by `code`, a stable string; `retriable` says whether the same call
 * may succeed later; `fatal` says that this producer, consumer or connection cannot go on. Where known, `node`, `api`,
 * `topic`, `partition` and `group` tell the place and `cause` the error underneath.
 */
export abstract class KafkaError extends Error {
  readonly code: `OTTLA_${string}`
  readonly retriable: boolean
  readonly fatal: boolean
  declare readonly node?: number | string
  declare readonly api?: string
  declare readonly topic?: string
  declare readonly partition?: number
  declare readonly group?: string

  protected constructor(
    message: string,
    defaults: { code: `OTTLA_${string}`; retriable?: boolean; fatal?: boolean },
    options: KafkaErrorOptions = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.code = options.code ?? defaults.code
    this.retriable = options.retriable ?? defaults.retriable ?? false
    this.fatal = options.fatal ?? defaults.fatal ?? false
    const { node, api, topic, partition, group } = options
    assignKnown(this, { node, api, topic, partition, group })
  }

  /**
   * Turns anything caught into a `KafkaError`: returns one as it is, maps a system error of the network (`ECONNREFUSED` …)
   * to `ConnectionError`, an elapsed `AbortSignal.timeout` to `TimeoutError`, and wraps the rest (code `OTTLA_UNKNOWN`).
   */
  static from(value: unknown): KafkaError {
    if (value instanceof KafkaError) return value
    const message = value instanceof Error ? value.message : String(value)
    const { name, code } = (value ?? {}) as { name?: unknown; code?: unknown }
    if (name === 'TimeoutError') return new TimeoutError(message, { cause: value })
    if (typeof code === 'string' && networkCodes.test(code)) {
      return new ConnectionError(message, { cause: value })
    }
    return new UnknownError(message, { cause: value })
  }
}

const networkCodes =
  /^(ECONN|EHOST|ENET|EPIPE|ETIMEDOUT|EADDRNOTAVAIL|ENOTFOUND|EAI_|ERR_SOCKET|ERR_TLS|ERR_SSL|CERT_)/

class UnknownError extends KafkaError {
  constructor(message: string, options?: KafkaErrorOptions) {
    super(message, { code: 'OTTLA_UNKNOWN' }, options)
  }
}

/** What a `WireError` knows about the bad bytes (or the value that cannot be written). */
export interface WireErrorDetails {
  /** What is wrong, as one clause without the place. */
  readonly message: string
  /** Kafka's name of the message, such as `FetchResponse`, or of the format, such as `RecordBatch`. */
  readonly messageName?: string | undefined
  readonly version?: number | undefined
  /** Path of the field inside the message, such as `/topics/0/partitions/3`. */
  readonly path?: string | undefined
  /** Byte offset, in the bytes handed to the decoder, where the fault was found. */
  readonly offset?: number | undefined
  readonly code?: `OTTLA_${string}` | undefined
  readonly cause?: unknown
}

/** Bytes that do not follow the protocol, or a value that the protocol cannot hold. Code `OTTLA_WIRE`, never retriable. */
export class WireError extends KafkaError {
  /** The message without the place, for a decoder further out that knows more of the place. */
  readonly detail: string
  declare readonly messageName?: string
  declare readonly version?: number
  declare readonly path?: string
  declare readonly offset?: number

  constructor(details: WireErrorDetails) {
    const { message, messageName, version, path, offset } = details
    const place: string[] = []
    if (messageName !== undefined) {
      place.push(version === undefined ? messageName : `${messageName} v${version}`)
    }
    if (path !== undefined && path !== '') place.push(`at ${path}`)
    if (offset !== undefined) place.push(`byte ${offset}`)
    const text = place.length === 0 ? message : `${message} (${place.join(', ')})`
    super(text, { code: 'OTTLA_WIRE' }, details)
    this.detail = message
    assignKnown(this, { messageName, version, path, offset })
  }
}

/** A connection could not be made or was lost. Code `OTTLA_CONNECTION`, retriable. */
export class ConnectionError extends KafkaError {
  constructor(message: string, options?: KafkaErrorOptions) {
    super(message, { code: 'OTTLA_CONNECTION', retriable: true }, options)
  }
}

/** Something took longer than its limit; what was asked may still have happened. Code `OTTLA_TIMEOUT`, retriable. */
export class TimeoutError extends KafkaError {
  constructor(message: string, options?: KafkaErrorOptions) {
    super(message, { code: 'OTTLA_TIMEOUT', retriable: true }, options)
  }
}

/** The broker refused the credentials or the exchange of them failed. Code `OTTLA_AUTHENTICATION`, fatal. */
export class AuthenticationError extends KafkaError {
  constructor(message: string, options?: KafkaErrorOptions) {
    super(message, { code: 'OTTLA_AUTHENTICATION', fatal: true }, options)
  }
}

/** No version of an API suits both sides. Code `OTTLA_UNSUPPORTED_VERSION`. */
export class UnsupportedVersionError extends KafkaError {
  constructor(message: string, options?: KafkaErrorOptions) {
    super(message, { code: 'OTTLA_UNSUPPORTED_VERSION' }, options)
  }
}

/** A compression codec cannot run here: its optional package is missing. Code `OTTLA_UNSUPPORTED_COMPRESSION`. */
export class UnsupportedCompressionError extends KafkaError {
  constructor(message: string, options?: KafkaErrorOptions) {
    super(message, { code: 'OTTLA_UNSUPPORTED_COMPRESSION' }, options)
  }
}

/** The caller handed over something unusable; nothing was done. Code `OTTLA_INVALID_ARGUMENT`. */
export class InvalidArgumentError extends KafkaError {
  constructor(message: string, options?: KafkaErrorOptions) {
    super(message, { code: 'OTTLA_INVALID_ARGUMENT' }, options)
  }
}

/** The object was closed before or during the call. Code `OTTLA_CLOSED`. */
export class ClosedError extends KafkaError {
  constructor(message: string, options?: KafkaErrorOptions) {
    super(message, { code: 'OTTLA_CLOSED' }, options)
  }
}

/** Another producer or member with the same identity took over. Code `OTTLA_FENCED`, fatal for this one. */
export class FencedError extends KafkaError {
  constructor(message: string, options?: KafkaErrorOptions) {
    super(message, { code: 'OTTLA_FENCED', fatal: true }, options)
  }
}

markInstances(KafkaError, 'KafkaError')
markInstances(UnknownError, 'UnknownError')
markInstances(WireError, 'WireError')
markInstances(ConnectionError, 'ConnectionError')
markInstances(TimeoutError, 'TimeoutError')
markInstances(AuthenticationError, 'AuthenticationError')
markInstances(UnsupportedVersionError, 'UnsupportedVersionError')
markInstances(UnsupportedCompressionError, 'UnsupportedCompressionError')
markInstances(InvalidArgumentError, 'InvalidArgumentError')
markInstances(ClosedError, 'ClosedError')
markInstances(FencedError, 'FencedError')
