import { ErrorCode } from '@ottla/protocol'
import type { BrokerConfig } from '../config/broker-config.js'
import { brokerConfigs } from '../config/broker-configs.js'
import { checkDynamicConfigs } from '../config/dynamic-configs.js'
import { checkTopicConfigs, effectiveTopicConfig } from '../config/topic-config.js'
import { topicConfigs } from '../config/topic-configs.js'
import { refusal } from '../errors.js'
import { configKey, configResources, type MetadataImage } from '../image/image.js'
import type { MetadataRecordInput } from '../image/metadata-record.js'
import { checkTopicName } from './topic-name.js'

/** A topic, a broker, or (a broker with the empty name) all brokers. */
export interface ConfigResource {
  readonly resourceType: number
  readonly resourceName: string
}

/** What IncrementalAlterConfigs does with one config, by Kafka's number. */
export const configOperations = { set: 0, remove: 1, append: 2, subtract: 3 } as const

/** One change of a config. */
export interface ConfigOperation {
  readonly name: string
  /** A number of `configOperations`. */
  readonly operation: number
  readonly value: string | null
}

/** Changes of one resource: operations that leave its other configs alone (KIP-339), or the configs it is to have. */
export type ConfigChange = ConfigResource &
  (
    | { readonly operations: readonly ConfigOperation[] }
    | { readonly configs: ReadonlyMap<string, string> }
  )

/**
 * Plans changes of configs; changes nothing.
 * @throws BrokerError in the words of Kafka's controller.
 */
export const planConfigChange = (
  image: MetadataImage,
  config: BrokerConfig,
  change: ConfigChange,
): MetadataRecordInput[] => {
  const { resourceType, resourceName } = change
  const present = presentConfigs(image, change)
  const next =
    'configs' in change
      ? change.configs
      : applyOperations(config, change, present, change.operations)
  check(image, change, next)
  const records: MetadataRecordInput[] = []
  for (const name of new Set([...present.keys(), ...next.keys()])) {
    const value = next.get(name) ?? null
    if (value !== (present.get(name) ?? null)) {
      records.push({ type: 'ConfigRecord', value: { resourceType, resourceName, name, value } })
    }
  }
  return records
}

const applyOperations = (
  config: BrokerConfig,
  resource: ConfigResource,
  present: ReadonlyMap<string, string>,
  operations: readonly ConfigOperation[],
): ReadonlyMap<string, string> => {
  const next = new Map(present)
  for (const { name, operation, value } of operations) {
    if (operation === configOperations.remove) next.delete(name)
    else if (operation === configOperations.set) next.set(name, value ?? '')
    else next.set(name, changeList(config, resource, next, { name, operation, value }))
  }
  return next
}

const presentConfigs = (
  image: MetadataImage,
  { resourceType, resourceName }: ConfigResource,
): ReadonlyMap<string, string> =>
  image.configs.get(configKey(resourceType, resourceName)) ?? new Map()

const check = (
  image: MetadataImage,
  { resourceType, resourceName }: ConfigResource,
  configs: ReadonlyMap<string, string>,
): void => {
  if (resourceType !== configResources.topic) {
    checkDynamicConfigs(configs)
    return
  }
  if (resourceName === '') {
    throw refusal(ErrorCode.INVALID_REQUEST, 'Default topic resources are not allowed.')
  }
  checkTopicName(resourceName)
  checkTopicConfigs(configs)
  if (!image.topicsByName.has(resourceName)) {
    const text = `The topic '${resourceName}' does not exist.`
    throw refusal(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, text)
  }
}

/** Adds to a list, or takes from it; a list that is not set starts from the value in force. */
const changeList = (
  config: BrokerConfig,
  { resourceType }: ConfigResource,
  present: ReadonlyMap<string, string>,
  { name, operation, value }: ConfigOperation,
): string => {
  const verbs: Readonly<Record<number, string>> = {
    [configOperations.append]: 'APPEND',
    [configOperations.subtract]: 'SUBTRACT',
  }
  const verb = verbs[operation]
  // Kafka's controller fails on a number that it does not know, and says nothing more.
  if (verb === undefined) throw refusal(ErrorCode.UNKNOWN_SERVER_ERROR)
  const isTopic = resourceType === configResources.topic
  const definition = isTopic ? topicConfigs.get(name) : brokerConfigs.get(name)
  if (definition?.type !== 'list') {
    const text = `Can't ${verb} to key ${name} because its type is not LIST.`
    throw refusal(ErrorCode.INVALID_CONFIG, text)
  }
  const inForce = isTopic ? effectiveTopicConfig(definition, present, config) : config.text(name)
  const old = split(present.get(name) ?? inForce ?? '')
  const given = split(value ?? '')
  return operation === configOperations.append
    ? [...old, ...given.filter((each) => !old.includes(each))].join(',')
    : old.filter((each) => !given.includes(each)).join(',')
}

const split = (list: string): string[] => (list === '' ? [] : list.split(/\s*,\s*/))
