import {
  DescribeConfigs,
  type DescribeConfigsRequest,
  type DescribeConfigsResponseInput,
  ErrorCode,
} from '@ottla/protocol'
import { brokerConfigs, brokerConfigTable } from '../config/broker-configs.js'
import { clientMetricsConfigTable } from '../config/client-metrics-configs.js'
import {
  brokerConfigChoices,
  type ConfigChoice,
  configSources,
  resourceConfigChoices,
} from '../config/config-choices.js'
import { type ConfigDefinition, canonicalText, configTypes } from '../config/definition.js'
import { dynamicBrokerConfigs } from '../config/dynamic-configs.js'
import { groupConfigChoices } from '../config/group-config.js'
import { groupConfigTable } from '../config/group-configs.js'
import { effectiveTopicConfig, topicConfigChoices } from '../config/topic-config.js'
import { topicConfigTable } from '../config/topic-configs.js'
import { checkNamed } from '../controller/check-named.js'
import { checkTopicName } from '../controller/topic-name.js'
import { refusal, toApiError } from '../errors.js'
import { configResources, configsOf as configsSetOn, topicOverrides } from '../image/image.js'
import { handler } from '../server/handler.js'
import type { BrokerServices } from '../services.js'

type Result = DescribeConfigsResponseInput['results'][number]
type ConfigAnswer = Result['configs'][number]
type Resource = DescribeConfigsRequest['resources'][number]

/** Lists the configs of resources with where each value comes from (KIP-133, KIP-226, KIP-569, KIP-714, KIP-848). */
export const describeConfigsHandler = handler(
  DescribeConfigs,
  { min: 1, max: 4 },
  ({ broker }, request): DescribeConfigsResponseInput => ({
    throttleTimeMs: 0,
    results: request.resources.map((resource) => describe(broker, request, resource)),
  }),
)

const describe = (
  broker: BrokerServices,
  request: DescribeConfigsRequest,
  resource: Resource,
): Result => {
  const { resourceType, resourceName } = resource
  try {
    const configs = configsOf(broker, request, resource)
    return { errorCode: ErrorCode.NONE, errorMessage: '', resourceType, resourceName, configs }
  } catch (error) {
    return { ...toApiError(error), resourceType, resourceName, configs: [] }
  }
}

const configsOf = (
  broker: BrokerServices,
  request: DescribeConfigsRequest,
  { resourceType, resourceName, configurationKeys }: Resource,
): ConfigAnswer[] => {
  // An empty list asks for everything, as null does.
  const names = configurationKeys ?? []
  const wanted = names.length === 0 ? undefined : new Set(names)
  const select = (table: readonly ConfigDefinition[]): readonly ConfigDefinition[] =>
    wanted === undefined ? table : table.filter(({ name }) => wanted.has(name))
  switch (resourceType) {
    case configResources.topic:
      return topicAnswers(broker, request, resourceName, select(topicConfigTable))
    case configResources.group:
      return groupAnswers(broker, request, resourceName, select(groupConfigTable))
    case configResources.clientMetrics:
      return clientMetricsAnswers(broker, request, resourceName, select(clientMetricsConfigTable))
    case configResources.broker:
      checkBroker(broker, resourceName)
      return resourceName === ''
        ? clusterAnswers(broker, request, wanted)
        : [
            ...select(brokerConfigTable)
              .filter(({ name, isInternal }) => !isInternal || broker.config.explicit(name))
              .map((row) => brokerAnswer(broker, request, row)),
            ...strangers(broker, request, wanted),
          ]
    default:
      throw refusal(ErrorCode.INVALID_REQUEST, `this broker has no configs of type ${resourceType}`)
  }
}

const checkBroker = ({ nodeId }: BrokerServices, name: string): void => {
  if (name === '') return
  if (!/^-?\d+$/.test(name)) {
    throw refusal(ErrorCode.INVALID_REQUEST, `Broker id must be an integer, but it is: ${name}`)
  }
  if (Number(name) !== nodeId) {
    const text = `Unexpected broker id, expected ${nodeId} or empty string, but received ${name}`
    throw refusal(ErrorCode.INVALID_REQUEST, text)
  }
}

const topicAnswers = (
  { image, config }: BrokerServices,
  request: DescribeConfigsRequest,
  topic: string,
  rows: readonly ConfigDefinition[],
): ConfigAnswer[] => {
  checkTopicName(topic)
  if (!image.topicsByName.has(topic)) throw refusal(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, '')
  const overrides = topicOverrides(image, topic)
  return rows.map((row) => {
    const choices = topicConfigChoices(row, overrides, config)
    return resourceAnswer(row, request, effectiveTopicConfig(row, overrides, config), choices)
  })
}

/** Every group has configs, whether there is a group of that name or not. */
const groupAnswers = (
  { image, config }: BrokerServices,
  request: DescribeConfigsRequest,
  group: string,
  rows: readonly ConfigDefinition[],
): ConfigAnswer[] => {
  checkNamed(group, 'Group name must not be empty')
  const own = configsSetOn(image, configResources.group, group)
  return rows
    .filter(({ name, isInternal }) => !isInternal || own.has(name))
    .map((row) => {
      const choices = groupConfigChoices(row, own.get(row.name), config)
      return resourceAnswer(row, request, choices[0]?.value ?? null, choices)
    })
}

const clientMetricsAnswers = (
  { image, config }: BrokerServices,
  request: DescribeConfigsRequest,
  subscription: string,
  rows: readonly ConfigDefinition[],
): ConfigAnswer[] => {
  checkNamed(subscription, 'Client metrics subscription name must not be empty')
  const own = configsSetOn(image, configResources.clientMetrics, subscription)
  return rows.map((row) => {
    const value = own.get(row.name)
    const choices = resourceConfigChoices(row, value, configSources.clientMetrics, config)
    return resourceAnswer(row, request, value ?? row.default, choices)
  })
}

/** Values of a resource's own are shown as they are understood, not as they were written. */
const resourceAnswer = (
  row: ConfigDefinition,
  request: DescribeConfigsRequest,
  value: string | null,
  choices: readonly ConfigChoice[],
): ConfigAnswer =>
  answer(row, request, value === null ? null : canonicalText(row, value), {
    readOnly: false,
    choices: choices.map((each) =>
      each.name === row.name ? { ...each, value: canonicalText(row, each.value) } : each,
    ),
  })

const brokerAnswer = (
  { config }: BrokerServices,
  request: DescribeConfigsRequest,
  row: ConfigDefinition,
): ConfigAnswer =>
  answer(row, request, config.text(row.name), {
    readOnly: !dynamicBrokerConfigs.has(row.name),
    choices: brokerConfigChoices(config, row.name),
  })

/** What is set at run time for all brokers, and nothing else. */
const clusterAnswers = (
  { config }: BrokerServices,
  request: DescribeConfigsRequest,
  wanted: ReadonlySet<string> | undefined,
): ConfigAnswer[] =>
  [...config.dynamic.cluster].flatMap(([name, value]) => {
    const row = brokerConfigs.get(name)
    if (wanted !== undefined && !wanted.has(name)) return []
    const choices = [{ name, value, source: configSources.dynamicDefault }]
    return row === undefined
      ? [stranger(name, configSources.dynamicDefault, request)]
      : [answer(row, request, value, { readOnly: false, choices })]
  })

/** Configs that were set at run time under names this broker does not know. */
const strangers = (
  { config }: BrokerServices,
  request: DescribeConfigsRequest,
  wanted: ReadonlySet<string> | undefined,
): ConfigAnswer[] =>
  [...config.dynamic.own.keys()]
    .filter((name) => !brokerConfigs.has(name) && (wanted?.has(name) ?? true))
    .map((name) => stranger(name, configSources.dynamicBroker, request))

/** Nobody knows what such a config is, so its value might be a secret and is not shown. */
const stranger = (
  name: string,
  source: number,
  { includeSynonyms }: DescribeConfigsRequest,
): ConfigAnswer => ({
  name,
  value: null,
  readOnly: true,
  configSource: source,
  isSensitive: true,
  synonyms: includeSynonyms ? [{ name, value: null, source }] : [],
  configType: 0,
  documentation: null,
})

const answer = (
  { name, type, doc }: ConfigDefinition,
  { includeSynonyms, includeDocumentation }: DescribeConfigsRequest,
  value: string | null,
  { readOnly, choices }: { readOnly: boolean; choices: readonly ConfigChoice[] },
): ConfigAnswer => ({
  name,
  value: type === 'password' ? null : value,
  readOnly,
  configSource: choices[0]?.source ?? configSources.default,
  isSensitive: type === 'password',
  synonyms: includeSynonyms ? choices.map((each) => shown(type, each)) : [],
  configType: configTypes[type],
  documentation: includeDocumentation ? doc : null,
})

/** Nobody gets to read a password, wherever it comes from. */
const shown = (
  type: ConfigDefinition['type'],
  choice: ConfigChoice,
): NonNullable<ConfigAnswer['synonyms']>[number] =>
  type === 'password' ? { ...choice, value: null } : choice
