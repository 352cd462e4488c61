import type { Cluster } from '@ottla/network'
import { DescribeConfigs, type DescribeConfigsResponse, type KafkaError } from '@ottla/protocol'
import { readConfigAnswers, retryConfigItems } from './config-items.js'
import {
  type ConfigResourceName,
  checkConfigResource,
  configResourceTypes,
} from './config-resource.js'
import type { OperationOptions } from './options.js'
import type { ItemResult } from './results.js'
import { type ItemsAttempt, resultsOf } from './retry-items.js'

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
  const outcomes = await retryConfigItems<ConfigResource, ConfigDescription>(
    cluster,
    'describing configurations',
    resources,
    options,
    (node, open, attempt) => ask(cluster, node, open, options, attempt),
  )
  return resultsOf(resources, outcomes, ({ type, name }, error) => ({
    type,
    name,
    configs: [],
    error,
  }))
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
  const place = { api: DescribeConfigs.name, version, node: result.node }
  return readConfigAnswers(resources, response.results, place, ({ type, name }, { configs }) => ({
    type,
    name,
    configs: configs.map(describe),
  }))
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
