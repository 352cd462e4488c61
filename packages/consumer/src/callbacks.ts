import type { ResolvedConsumerOptions } from './options.js'
import type { TopicPartition } from './topic-partition.js'

/** Calls the application's rebalance listeners; what they throw goes to `onError`, and the rebalance goes on. */
export class Callbacks {
  readonly #options: ResolvedConsumerOptions
  readonly #onError: (error: unknown) => void

  constructor(options: ResolvedConsumerOptions, onError: (error: unknown) => void) {
    this.#options = options
    this.#onError = onError
  }

  async call(
    name: 'onAssigned' | 'onRevoked' | 'onLost',
    partitions: readonly TopicPartition[],
  ): Promise<void> {
    try {
      await this.#options[name]?.(partitions)
    } catch (error) {
      this.#onError(error)
    }
  }
}
