import { ErrorCode } from '@ottla/protocol'
import { refusal } from '../errors.js'
import type { BrokerConfig } from './broker-config.js'
import { type ConfigChoice, configSources, resourceConfigChoices } from './config-choices.js'
import { type ConfigDefinition, type ConfigValue, parseConfig } from './definition.js'
import { topicConfigs } from './topic-configs.js'

/** The topic configs set on one topic, as text. */
export type TopicOverrides = ReadonlyMap<string, string>

/** Every value that a topic config could take, the one in force first. */
export const topicConfigChoices = (
  definition: ConfigDefinition,
  overrides: TopicOverrides | undefined,
  broker: BrokerConfig,
): ConfigChoice[] =>
  resourceConfigChoices(definition, overrides?.get(definition.name), configSources.topic, broker)

/**
 * The value in force of one topic config, in the topic config's own unit; null where nothing sets it: the topic's own,
 * else that of the strongest unit that is set on the broker, else Kafka's default.
 */
export const effectiveTopicConfig = (
  { name, synonyms = [], default: byDefault }: ConfigDefinition,
  overrides: TopicOverrides | undefined,
  broker: BrokerConfig,
): string | null => {
  const own = overrides?.get(name)
  if (own !== undefined) return own
  for (const { name: synonym, factor = 1 } of synonyms) {
    const value = broker.explicit(synonym)
    if (value === undefined) continue
    const number = Number(value)
    return factor === 1 ? value : String(number < 0 ? number : number * factor)
  }
  return byDefault
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
  if (parsed.get('remote.storage.enable') === true) {
    const text =
      'Tiered Storage functionality is disabled in the broker. Topic cannot be configured with remote log storage.'
    throw refusal(ErrorCode.INVALID_CONFIG, text)
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
