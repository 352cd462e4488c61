import type { BrokerConfig } from './broker-config.js'
import { brokerConfigs } from './broker-configs.js'
import type { ConfigDefinition } from './definition.js'
import { topicConfigTable } from './topic-configs.js'

/** Where a value comes from, with Kafka's numbers in DescribeConfigs responses. */
export const configSources = {
  topic: 1,
  /** Set at run time for one broker. */
  dynamicBroker: 2,
  /** Set at run time for all brokers. */
  dynamicDefault: 3,
  /** Set at start. */
  staticBroker: 4,
  default: 5,
  clientMetrics: 7,
  group: 8,
} as const

/** One value a config could have, strongest first in a list of them. */
export interface ConfigChoice {
  readonly name: string
  readonly value: string
  /** A number of `configSources`. */
  readonly source: number
}

/** Configs that set the same thing in several units, strongest first, by each of their names. */
const families: ReadonlyMap<string, readonly string[]> = new Map(
  topicConfigTable.flatMap(({ synonyms = [] }) => {
    const names = synonyms.map(({ name }) => name)
    return names.map((name): [string, readonly string[]] => [name, names])
  }),
)

/**
 * Every value that a broker config could take, as DescribeConfigs lists them: by source, and within a source by the
 * strength of the unit (`log.retention.ms` before `log.retention.hours`). Like Kafka it begins with the first choice
 * under the asked name, so a config that is unset shows none of its other units.
 */
export const brokerConfigChoices = (broker: BrokerConfig, name: string): ConfigChoice[] => {
  const names = families.get(name) ?? [name]
  const { dynamic } = broker
  const layers: readonly [number, (name: string) => string | null | undefined][] = [
    [configSources.dynamicBroker, (each) => dynamic.own.get(each)],
    [configSources.dynamicDefault, (each) => dynamic.cluster.get(each)],
    [configSources.staticBroker, (each) => broker.set.get(each)],
    [configSources.default, (each) => brokerConfigs.get(each)?.default],
  ]
  const choices = layers.flatMap(([source, lookUp]) =>
    names.flatMap((each): ConfigChoice[] => {
      const value = lookUp(each)
      return value == null ? [] : [{ name: each, value, source }]
    }),
  )
  const first = choices.findIndex((choice) => choice.name === name)
  return first === -1 ? [] : choices.slice(first)
}

/**
 * Every value that a config of a resource could take: its own, with its source, then what stands in for it on the broker.
 */
export const resourceConfigChoices = (
  { name, synonyms = [] }: ConfigDefinition,
  own: string | undefined,
  source: number,
  broker: BrokerConfig,
): ConfigChoice[] => {
  const [strongest] = synonyms
  return [
    ...(own === undefined ? [] : [{ name, value: own, source }]),
    ...(strongest === undefined ? [] : brokerConfigChoices(broker, strongest.name)),
  ]
}
