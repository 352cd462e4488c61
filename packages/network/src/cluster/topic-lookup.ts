import { BrokerError, ErrorCode, type KafkaError, Metadata } from '@ottla/protocol'
import type { Clock } from '../platform/clock.js'
import type { MetadataCache } from './metadata-cache.js'

/** So long the brokers may all deny a topic that exists: metadata reaches them some time after the controller made it. */
const propagationMs = 1500

/** A topic that the brokers may create on demand is also denied until that is done. */
const creationMs = 5000

/** What a `TopicLookup` looks at. */
export interface TopicLookupSetup {
  readonly metadata: MetadataCache
  readonly clock: Clock
  /** Whether the brokers were allowed to create what does not exist. */
  readonly mayCreate: boolean
}

/**
 * Judges the answers that one search for topics gets. "No such topic" is at first taken for metadata that lags behind; from a
 * cluster that keeps on saying so it is the truth, and waiting out the caller's time would only hide a typing error.
 */
export class TopicLookup {
  readonly #setup: TopicLookupSetup
  readonly #patienceMs: number
  #deniedSinceMs: number | undefined
  #denials = 0

  constructor(setup: TopicLookupSetup) {
    this.#setup = setup
    this.#patienceMs = setup.mayCreate ? creationMs : propagationMs
  }

  /** @throws BrokerError for the first of the topics that is in error. */
  check(topics: readonly string[]): void {
    const errorCodes = topics.map((topic) => this.#errorCode(topic))
    if (errorCodes.includes(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION)) {
      this.#deniedSinceMs ??= this.#setup.clock.monotonic()
      this.#denials++
    } else this.#deniedSinceMs = undefined
    for (const [index, errorCode] of errorCodes.entries()) {
      if (errorCode === ErrorCode.NONE) continue
      const advice = errorCode === ErrorCode.UNKNOWN_TOPIC_OR_PARTITION ? this.#advice() : undefined
      throw new BrokerError(errorCode, { api: Metadata.name, topic: topics[index], advice })
    }
  }

  /** Whether to ask again after this error. */
  mayAppear(error: KafkaError): boolean {
    const isDenied =
      error instanceof BrokerError && error.errorCode === ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
    return error.retriable && !(isDenied && this.#isOver)
  }

  get #isOver(): boolean {
    const { clock } = this.#setup
    const sinceMs = this.#deniedSinceMs
    return sinceMs !== undefined && clock.monotonic() - sinceMs >= this.#patienceMs
  }

  /** Says more than the error's own text once it is final. */
  #advice(): string | undefined {
    if (!this.#isOver) return undefined
    const made = this.#setup.mayCreate
      ? ', nor do the brokers create it (auto.create.topics.enable)'
      : ''
    return `the topic does not exist: the brokers said so ${this.#denials} times within ${this.#patienceMs} ms${made}; create it, or check its name`
  }

  #errorCode(topic: string): number {
    const known = this.#setup.metadata.topic(topic)
    return known?.errorCode ?? ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
  }
}
