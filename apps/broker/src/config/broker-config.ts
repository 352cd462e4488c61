import { InvalidArgumentError } from '@ottla/protocol'
import { toApiError } from '../errors.js'
import { brokerConfigs } from './broker-configs.js'
import { type ConfigDefinition, type ConfigValue, parseConfig } from './definition.js'
import { baseConfigName } from './listener-configs.js'

/** Configs set at run time (KIP-226), as text by Kafka's name. */
export interface DynamicConfigs {
  /** For all brokers. */
  readonly cluster: ReadonlyMap<string, string>
  /** For this broker: stronger. */
  readonly own: ReadonlyMap<string, string>
}

const noConfigs: ReadonlyMap<string, string> = new Map()

/**
 * The configuration of one broker: what was set at run time, over what was set at start, over Kafka's defaults. What is
 * set is checked at once, so that a bad value never gets further.
 */
export class BrokerConfig {
  /** What was set, as text, by Kafka's name. */
  readonly set: ReadonlyMap<string, string>
  /** Filled as values are asked for: a start should not parse what it does not use. */
  readonly #parsed = new Map<string, ConfigValue>()
  #dynamic: DynamicConfigs = { cluster: noConfigs, own: noConfigs }

  /**
   * @param layers later ones win.
   * @throws InvalidArgumentError for a name this broker does not act on (it names the nearest) or a value out of range.
   */
  constructor(...layers: readonly Readonly<Record<string, string>>[]) {
    const set = new Map<string, string>()
    for (const layer of layers) {
      for (const [name, value] of Object.entries(layer)) {
        checkedParse(definitionOf(name), value)
        set.set(name, value)
      }
    }
    this.set = set
  }

  /** What is set at run time. */
  get dynamic(): DynamicConfigs {
    return this.#dynamic
  }

  /** Takes over what the cluster's metadata says is set at run time. */
  setDynamic(dynamic: Partial<DynamicConfigs>): void {
    this.#dynamic = { cluster: dynamic.cluster ?? noConfigs, own: dynamic.own ?? noConfigs }
    this.#parsed.clear()
  }

  /** The text that was set, at run time or at start; undefined if nothing but Kafka's default is there. */
  explicit(name: string): string | undefined {
    const { own, cluster } = this.#dynamic
    return own.get(name) ?? cluster.get(name) ?? this.set.get(name)
  }

  /** The text in force, or null where it is unset and Kafka has no default. */
  text(name: string): string | null {
    return this.explicit(name) ?? brokerConfigs.get(name)?.default ?? null
  }

  /** The number in force. */
  number(name: string): number {
    return this.#value(name, 'number') as number
  }

  /** The flag in force. */
  boolean(name: string): boolean {
    return this.#value(name, 'boolean') as boolean
  }

  #value(name: string, type: 'number' | 'boolean'): ConfigValue {
    let value = this.#parsed.get(name)
    if (value === undefined) {
      const text = this.text(name)
      value = text === null ? undefined : checkedParse(definitionOf(name), text)
      if (typeof value !== type) throw new Error(`the broker config ${name} is no ${type}`)
      this.#parsed.set(name, value as ConfigValue)
    }
    return value as ConfigValue
  }
}

const definitionOf = (name: string): ConfigDefinition => {
  const definition = brokerConfigs.get(baseConfigName(name) ?? name)
  if (definition !== undefined) return definition
  const near = nearest(name, [...brokerConfigs.keys()])
  throw new InvalidArgumentError(
    `this broker does not act on the config ${name}: leave it out; the nearest name it knows is ${near}`,
  )
}

const checkedParse = (definition: ConfigDefinition, value: string): ConfigValue => {
  try {
    return parseConfig(definition, value)
  } catch (error) {
    throw new InvalidArgumentError(toApiError(error).errorMessage ?? String(error))
  }
}

/** The candidate that shares the most words with a name, then the most leading characters. */
const nearest = (name: string, candidates: readonly string[]): string => {
  const words = new Set(name.split('.'))
  const score = (candidate: string): number => {
    const shared = candidate.split('.').filter((word) => words.has(word)).length
    let prefix = 0
    while (prefix < name.length && name[prefix] === candidate[prefix]) prefix += 1
    return shared * 100 + prefix - Math.abs(name.length - candidate.length)
  }
  return candidates.reduce((best, each) => (score(each) > score(best) ? each : best))
}
