import {
  DescribeConfigs,
  type DescribeConfigsRequest,
  type DescribeConfigsResponseInput,
  ErrorCode,
} from '@ottla/protocol'
import { brokerConfigTable } from '../config/broker-configs.js'
import { type ConfigDefinition, configTypes } from '../config/definition.js'
import {
  type ConfigChoice,
  configSources,
  effectiveTopicConfig,
  topicConfigChoices,
} from '../config/topic-config.js'
import { topicConfigTable } from '../config/topic-configs.js'
import { checkTopicName } from '../controller/topic-name.js'
import { refusal, toApiError } from '../errors.js'
import { configResources, topicOverrides } from '../image/image.js'
import { handler } from '../server/handler.js'
import type { BrokerServices } from '../services.js'

type Result = DescribeConfigsResponseInput['results'][number]
type ConfigAnswer = Result['configs'][number]
type Resource = DescribeConfigsRequest['resources'][number]

/** Lists the configs of topics and brokers with where each value comes from (KIP-133, KIP-226, KIP-569). */
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
  const wanted = configurationKeys === null ? undefined : new Set(configurationKeys)
  const select = (table: readonly ConfigDefinition[]): readonly ConfigDefinition[] =>
    wanted === undefined ? table : table.filter(({ name }) => wanted.has(name))
  switch (resourceType) {
    case configResources.topic:
      return topicAnswers(broker, request, resourceName, select(topicConfigTable))
    case configResources.broker:
      checkBroker(broker, resourceName)
      // The empty name stands for defaults set for all brokers at run time, of which there are none.
      if (resourceName === '') return []
      return select(brokerConfigTable).map((row) => brokerAnswer(broker, request, row))
    default:
      throw refusal(ErrorCode.INVALID_REQUEST, `Unsupported resource type: ${resourceType}`)
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
  if (!image.topicsByName.has(topic)) throw refusal(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION)
  const overrides = topicOverrides(image, topic)
  return rows.map((row) =>
    answer(row, request, effectiveTopicConfig(row, overrides, config), {
      readOnly: false,
      choices: topicConfigChoices(row, overrides, config),
    }),
  )
}

const brokerAnswer = (
  { config }: BrokerServices,
  request: DescribeConfigsRequest,
  row: ConfigDefinition,
): ConfigAnswer => {
  const choices: ConfigChoice[] = []
  const set = config.set.get(row.name)
  if (set !== undefined)
    choices.push({ name: row.name, value: set, source: configSources.staticBroker })
  if (row.default !== null) {
    choices.push({ name: row.name, value: row.default, source: configSources.default })
  }
  return answer(row, request, config.text(row.name), { readOnly: true, choices })
}

const answer = (
  { name, type, doc }: ConfigDefinition,
  { includeSynonyms, includeDocumentation }: DescribeConfigsRequest,
  value: string | null,
  { readOnly, choices }: { readOnly: boolean; choices: readonly ConfigChoice[] },
): ConfigAnswer => ({
  name,
  value,
  readOnly,
  configSource: choices[0]?.source ?? configSources.default,
  isSensitive: false,
  synonyms: includeSynonyms ? choices : [],
  configType: configTypes[type],
  documentation: includeDocumentation ? doc : null,
})
