import { BrokerError, ErrorCode, type KafkaError } from '@ottla/protocol'

/** When to forget what is known of the brokers and start again from `bootstrapServers`. */
export interface MetadataRecoveryOptions {
  readonly metadataRecoveryStrategy: 'rebootstrap' | 'none'
  readonly metadataRecoveryRebootstrapTriggerMs: number
}

/**
 * Watches over requests for metadata (KIP-899, KIP-1102): when they have failed for long, or a broker says that it is no use
 * any more (REBOOTSTRAP_REQUIRED), the addresses that metadata once gave may all belong to the past.
 */
export class MetadataRecovery {
  readonly #options: MetadataRecoveryOptions
  readonly #rebootstrap: (error: KafkaError) => void
  #failingSinceMs: number | undefined

  /** @param rebootstrap forgets the brokers. */
  constructor(options: MetadataRecoveryOptions, rebootstrap: (error: KafkaError) => void) {
    this.#options = options
    this.#rebootstrap = rebootstrap
  }

  succeeded(): void {
    this.#failingSinceMs = undefined
  }

  /** @returns whether another attempt may succeed. */
  failed(error: KafkaError, nowMs: number): boolean {
    const { metadataRecoveryStrategy, metadataRecoveryRebootstrapTriggerMs } = this.#options
    if (metadataRecoveryStrategy === 'none') return error.retriable
    this.#failingSinceMs ??= nowMs
    const isRequired = requiresRebootstrap(error)
    const isDue = nowMs - this.#failingSinceMs >= metadataRecoveryRebootstrapTriggerMs
    if (isRequired || isDue) {
      this.#failingSinceMs = undefined
      this.#rebootstrap(error)
    }
    return error.retriable || isRequired
  }
}

const requiresRebootstrap = (error: KafkaError): boolean =>
  error instanceof BrokerError && error.errorCode === ErrorCode.REBOOTSTRAP_REQUIRED
