import type { Cluster } from '@ottla/network'
import {
  BrokerError,
  DescribeConfigs,
  type DescribeConfigsResponse,
  ErrorCode,
  KafkaError,
} from '@ottla/protocol'
import { askParts, groupByNode } from './ask-parts.js'
import {
  type ConfigResourceName,
  checkConfigResource,
  configNode,
  configResourceTypes,
} from './config-resource.js'
import type { OperationOptions } from './options.js'
import type { ItemResult } from './results.js'
import { type ItemsAttempt, retryItems } from './retry-items.js'

/** Where a value comes from, in Kafka's order of precedence within its kind. */
const configSources = [
  'unknown',
  'dynamic-topic',
  'dynamic-broker',
  'dynamic-default-broker',
  'static-broker',
  'default',
  'dynamic-broker-logger',
  'client-metrics',
  'group',
] as const

/** Where a configuration's value comes from. */
export type ConfigSource = (typeof configSources)[number]

const configTypes = [
  'unknown',
  'boolean',
  'string',
  'int',
  'short',
  'long',
  'double',
  'list',
  'class',
  'password',
] as const

/** What a configuration's value is, as text. */
export type ConfigType = (typeof configTypes)[number]

/** Whose configurations to describe. */
export interface ConfigResource extends ConfigResourceName {
  /** Only these. Default: all. */
  readonly keys?: readonly string[] | undefined
}

/** One configuration. */
export interface ConfigEntry {
  readonly name: string
  /** Null when it has none, or is sensitive. */
  readonly value: string | null
  readonly source: ConfigSource
  readonly isReadOnly: boolean
  /** A password or the like: brokers never tell it. */
  readonly isSensitive: boolean
  /** `unknown` from brokers before Kafka 2.6. */
  readonly type: ConfigType
  /** With `includeDocumentation`. */
  readonly documentation?: string | undefined
  /** With `includeSynonyms`: every place a value is set, the one that holds first. */
  readonly synonyms: readonly {
    readonly name: string
    readonly value: string | null
    readonly source: ConfigSource
  }[]
}

/** The configurations of a resource. */
export interface ConfigDescription extends ItemResult, ConfigResourceName {
  /** Empty when there is an error. */
  readonly configs: readonly ConfigEntry[]
}

/** How much to tell. */
export interface DescribeConfigsOptions extends OperationOptions {
  readonly includeSynonyms?: boolean | undefined
  readonly includeDocumentation?: boolean | undefined
}

/** See `Admin.describeConfigs`. */
export const describeConfigs = async (
  cluster: Cluster,
  resources: readonly ConfigResource[],
  options: DescribeConfigsOptions = {},
): Promise<ConfigDescription[]> => {
  for (const resource of resources) checkConfigResource(resource)
  const outcomes = await retryItems(
    cluster,
    'describing configurations',
    resources,
    options,
    async (open, attempt) => {
      const parts = groupByNode(open, configNode)
      const outcomes = await askParts<ConfigResource, (typeof parts)[number], ConfigDescription>(
        parts,
        ({ node, items }) => ask(cluster, node, items, options, attempt),
      )
      return open.map((resource) => outcomes.get(resource) as ConfigDescription | KafkaError)
    },
  )
  return outcomes.map((outcome, index) => {
    if (!(outcome instanceof KafkaError)) return outcome
    const { type, name } = resources[index] as ConfigResource
    return { type, name, configs: [], error: outcome }
  })
}

const ask = async (
  cluster: Cluster,
  node: number | 'any',
  resources: readonly ConfigResource[],
  { includeSynonyms = false, includeDocumentation = false }: DescribeConfigsOptions,
  { timeoutMs, signal }: ItemsAttempt,
): Promise<(ConfigDescription | KafkaError)[]> => {
  const result = await cluster.request(
    DescribeConfigs,
    (version) => ({
      resources: resources.map(({ type, name, keys }) => ({
        resourceType: configResourceTypes[type],
        resourceName: name,
        configurationKeys: keys ?? null,
      })),
      // Older brokers cannot tell; what they do tell is still worth having.
      includeSynonyms: version >= 1 && includeSynonyms,
      includeDocumentation: version >= 3 && includeDocumentation,
    }),
    { node, timeoutMs, signal },
  )
  const { response, version } = result
  return resources.map((resource) => {
    const found = response.results.find(
      ({ resourceType, resourceName }) =>
        resourceType === configResourceTypes[resource.type] && resourceName === resource.name,
    )
    const errorCode = found?.errorCode ?? ErrorCode.UNKNOWN_SERVER_ERROR
    if (found === undefined || errorCode !== ErrorCode.NONE) {
      const place = { api: DescribeConfigs.name, version, node: result.node }
      const path = `${resource.type} ${resource.name}`
      const retriable = errorCode === ErrorCode.UNKNOWN_TOPIC_OR_PARTITION ? false : undefined
      const text = found?.errorMessage
      return new BrokerError(errorCode, { ...place, path, text, retriable })
    }
    const { type, name } = resource
    return { type, name, configs: found.configs.map(describe) }
  })
}

const describe = (
  config: DescribeConfigsResponse['results'][number]['configs'][number],
): ConfigEntry => ({
  name: config.name,
  value: config.value,
  source: sourceOf(config.configSource),
  isReadOnly: config.readOnly,
  isSensitive: config.isSensitive,
  type: configTypes[config.configType] ?? 'unknown',
  documentation: config.documentation ?? undefined,
  synonyms: config.synonyms.map(({ name, value, source }) => ({
    name,
    value,
    source: sourceOf(source),
  })),
})

const sourceOf = (source: number): ConfigSource => configSources[source] ?? 'unknown'
