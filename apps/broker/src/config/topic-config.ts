import { ErrorCode } from '@ottla/protocol'
import { refusal } from '../errors.js'
import type { BrokerConfig } from './broker-config.js'
import { brokerConfigs } from './broker-configs.js'
import { type ConfigDefinition, type ConfigValue, parseConfig } from './definition.js'
import { topicConfigs } from './topic-configs.js'

/** Where a value comes from, with Kafka's numbers in DescribeConfigs responses. */
export const configSources = {
  topic: 1,
  staticBroker: 4,
  default: 5,
} as const

/** One value a config could have, strongest first in a list of them. */
export interface ConfigChoice {
  readonly name: string
  readonly value: string
  /** A number of `configSources`. */
  readonly source: number
}

/** The topic configs set on one topic, as text. */
export type TopicOverrides = ReadonlyMap<string, string>

/** Every value that a topic config could take, the one in force first. */
export const topicConfigChoices = (
  definition: ConfigDefinition,
  overrides: TopicOverrides | undefined,
  broker: BrokerConfig,
): ConfigChoice[] => {
  const choices: ConfigChoice[] = []
  const own = overrides?.get(definition.name)
  if (own !== undefined) {
    choices.push({ name: definition.name, value: own, source: configSources.topic })
  }
  const { set } = broker
  for (const { name } of definition.synonyms ?? []) {
    const value = set.get(name)
    if (value !== undefined) choices.push({ name, value, source: configSources.staticBroker })
  }
  // Where several units set one config, Kafka names none of their defaults.
  const [only, ...others] = definition.synonyms ?? []
  const value = only && others.length === 0 ? brokerConfigs.get(only.name)?.default : null
  if (only !== undefined && value != null) {
    choices.push({ name: only.name, value, source: configSources.default })
  }
  return choices
}

/** The value in force of one topic config, in the topic config's own unit; null where nothing sets it. */
export const effectiveTopicConfig = (
  definition: ConfigDefinition,
  overrides: TopicOverrides | undefined,
  broker: BrokerConfig,
): string | null => {
  const choice = topicConfigChoices(definition, overrides, broker)[0]
  if (choice === undefined) return definition.default
  if (choice.source === configSources.topic) return choice.value
  const factor = definition.synonyms?.find(({ name }) => name === choice.name)?.factor ?? 1
  if (factor === 1) return choice.value
  const value = Number(choice.value)
  return String(value < 0 ? value : value * factor)
}

/**
 * Checks the configs of a topic as Kafka does: names, values, and values that contradict each other.
 * @throws BrokerError INVALID_CONFIG
 */
export const checkTopicConfigs = (overrides: TopicOverrides): void => {
  const parsed = new Map<string, ConfigValue>()
  for (const [name, value] of overrides) {
    const definition = topicConfigs.get(name)
    if (definition === undefined) {
      throw refusal(ErrorCode.INVALID_CONFIG, `Unknown topic config name: ${name}`)
    }
    parsed.set(name, parseConfig(definition, value))
  }
  const min = parsed.get('min.compaction.lag.ms')
  const max = parsed.get('max.compaction.lag.ms')
  if (typeof min === 'number' && typeof max === 'number' && min > max) {
    throw refusal(
      ErrorCode.INVALID_CONFIG,
      `conflict topic config setting min.compaction.lag.ms (${min}) > max.compaction.lag.ms (${max})`,
    )
  }
}

/** The effective configs of one topic, parsed. */
export class TopicConfig {
  readonly #values = new Map<string, ConfigValue>()

  constructor(overrides: TopicOverrides | undefined, broker: BrokerConfig) {
    for (const definition of topicConfigs.values()) {
      const text = effectiveTopicConfig(definition, overrides, broker)
      if (text !== null) this.#values.set(definition.name, parseConfig(definition, text))
    }
  }

  number(name: string): number {
    return this.#values.get(name) as number
  }

  boolean(name: string): boolean {
    return this.#values.get(name) === true
  }

  string(name: string): string {
    return String(this.#values.get(name) ?? '')
  }

  list(name: string): readonly string[] {
    return (this.#values.get(name) ?? []) as readonly string[]
  }
}
