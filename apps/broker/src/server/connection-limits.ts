import { InvalidArgumentError } from '@ottla/protocol'
import type { BrokerConfig } from '../config/broker-config.js'
import { listOf } from '../config/listener-text.js'

/**
 * Reads `max.connections.per.ip.overrides`: `10.0.0.7:100,[::1]:5`.
 * @throws InvalidArgumentError for an element that is not address:count.
 */
export const connectionOverrides = (config: BrokerConfig): ReadonlyMap<string, number> => {
  const limits = new Map<string, number>()
  for (const each of listOf(config.text('max.connections.per.ip.overrides'))) {
    const match = /^(?:\[([^\]]+)\]|(.+)):(\d+)$/.exec(each)
    if (match === null) {
      throw new InvalidArgumentError(
        `max.connections.per.ip.overrides must be address:count, such as 10.0.0.7:100, not ${each}`,
      )
    }
    limits.set(match[1] ?? match[2] ?? '', Number(match[3]))
  }
  return limits
}

/** Counts the open connections, and those of each address, against the limits of the configuration. */
export class ConnectionCounts {
  readonly #config: BrokerConfig
  readonly #overrides: ReadonlyMap<string, number>
  readonly #perHost = new Map<string, number>()
  #count = 0

  constructor(config: BrokerConfig) {
    this.#config = config
    this.#overrides = connectionOverrides(config)
  }

  /** Counts a new connection. @returns the limit it exceeds, if any; it is counted all the same. */
  add(host: string): string | undefined {
    this.#count += 1
    const fromHost = (this.#perHost.get(host) ?? 0) + 1
    this.#perHost.set(host, fromHost)
    if (this.#count > this.#config.number('max.connections')) {
      return 'more than max.connections connections'
    }
    const limit = this.#overrides.get(host) ?? this.#config.number('max.connections.per.ip')
    return fromHost > limit
      ? `more than max.connections.per.ip connections from ${host}`
      : undefined
  }

  remove(host: string): void {
    this.#count -= 1
    const left = (this.#perHost.get(host) ?? 1) - 1
    if (left > 0) this.#perHost.set(host, left)
    else this.#perHost.delete(host)
  }
}
