import { ErrorCode } from '@ottla/protocol'
import type { BrokerConfig } from '../config/broker-config.js'
import { brokerConfigs } from '../config/broker-configs.js'
import { checkClientMetricsConfigs } from '../config/client-metrics-configs.js'
import type { ConfigDefinition } from '../config/definition.js'
import { checkDynamicConfigs } from '../config/dynamic-configs.js'
import { checkGroupConfigs } from '../config/group-config.js'
import { checkTopicConfigs, effectiveTopicConfig } from '../config/topic-config.js'
import { topicConfigs } from '../config/topic-configs.js'
import { refusal } from '../errors.js'
import { configResources, type MetadataImage } from '../image/image.js'
import { checkNamed } from './check-named.js'
import { checkTopicName } from './topic-name.js'

/** What the controller knows of the configs of one type of resource. */
export interface ConfigKind {
  /** Those that can be lists to add to and to take from; Kafka has such changes for topics and brokers only. */
  readonly lists: ReadonlyMap<string, ConfigDefinition>
  /** The value of one of them that the resource itself does not set. */
  inherited(definition: ConfigDefinition, config: BrokerConfig): string | null
  /**
   * Checks all configs that a resource is to have.
   * @throws BrokerError in the words of Kafka's controller.
   */
  check(
    name: string,
    configs: ReadonlyMap<string, string>,
    image: MetadataImage,
    config: BrokerConfig,
  ): void
}

const topics: ConfigKind = {
  lists: topicConfigs,
  inherited: (definition, config) => effectiveTopicConfig(definition, undefined, config),
  check: (name, configs, image) => {
    checkNamed(name, 'Default topic resources are not allowed.')
    checkTopicName(name)
    checkTopicConfigs(configs)
    if (!image.topicsByName.has(name)) {
      throw refusal(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, `The topic '${name}' does not exist.`)
    }
  },
}

const brokers: ConfigKind = {
  lists: brokerConfigs,
  inherited: ({ name }, config) => config.text(name),
  check: (_name, configs) => checkDynamicConfigs(configs),
}

const withoutLists = { lists: new Map<string, ConfigDefinition>(), inherited: () => null }

/** Subscriptions to metrics of clients come into being by being configured. */
const clientMetrics: ConfigKind = {
  ...withoutLists,
  check: (name, configs) => {
    checkNamed(name, "Subscription name can't be empty")
    checkClientMetricsConfigs(configs)
  },
}

/** Groups may be configured before they have members. */
const groups: ConfigKind = {
  ...withoutLists,
  check: (name, configs, _image, config) => {
    checkNamed(name, 'Default group resources are not allowed.')
    checkGroupConfigs(configs, config)
  },
}

/** By Kafka's number of the type of resource. */
export const configKinds: ReadonlyMap<number, ConfigKind> = new Map([
  [configResources.topic, topics],
  [configResources.broker, brokers],
  [configResources.clientMetrics, clientMetrics],
  [configResources.group, groups],
])
