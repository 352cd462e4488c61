import {
  CreateTopics,
  type CreateTopicsRequest,
  type CreateTopicsResponseInput,
  ErrorCode,
} from '@ottla/protocol'
import { configSources } from '../config/config-choices.js'
import {
  effectiveTopicConfig,
  type TopicOverrides,
  topicConfigChoices,
} from '../config/topic-config.js'
import { topicConfigTable } from '../config/topic-configs.js'
import type { TopicPlan } from '../controller/create-topics.js'
import { timedOut } from '../controller/deadline.js'
import { metadataTopic } from '../controller/metadata-log.js'
import { type ApiError, refusal, toApiError } from '../errors.js'
import { MutationQuota } from '../quota/mutation-quota.js'
import { handler } from '../server/handler.js'
import type { BrokerServices } from '../services.js'

type TopicResult = CreateTopicsResponseInput['topics'][number]

/** Creates topics, or (`validateOnly`) says what creating them would do. */
export const createTopicsHandler = handler(
  CreateTopics,
  { min: 2, max: 7 },
  async (context, request): Promise<CreateTopicsResponseInput> => {
    const { broker, apiVersion } = context
    const { wanted, refused } = sort(request)
    const late = wanted.length > 0 ? timedOut(request.timeoutMs) : undefined
    if (late !== undefined) {
      const topics = request.topics.map(({ name }) => ({ name, ...late, configs: [] }))
      return { throttleTimeMs: 0, topics }
    }
    const quota = new MutationQuota(broker.throttle, context, apiVersion >= 6)
    const created = await create(broker, request, wanted, quota)
    return { throttleTimeMs: quota.conclude(), topics: [...created, ...refused] }
  },
)

/** Names given twice and the metadata log's own name never reach the controller. */
const sort = ({
  topics,
}: CreateTopicsRequest): { wanted: CreateTopicsRequest['topics']; refused: TopicResult[] } => {
  const counts = new Map<string, number>()
  for (const { name } of topics) counts.set(name, (counts.get(name) ?? 0) + 1)
  const refused: TopicResult[] = []
  for (const [name, count] of counts) {
    if (count > 1)
      refused.push(failure(name, refusal(ErrorCode.INVALID_REQUEST, 'Duplicate topic name.')))
    else if (name === metadataTopic) {
      const text = `Creation of internal topic ${metadataTopic} is prohibited.`
      refused.push(failure(name, refusal(ErrorCode.INVALID_REQUEST, text)))
    }
  }
  const wanted = topics.filter(({ name }) => counts.get(name) === 1 && name !== metadataTopic)
  return { wanted, refused }
}

const create = async (
  broker: BrokerServices,
  { validateOnly }: CreateTopicsRequest,
  wanted: CreateTopicsRequest['topics'],
  { take }: MutationQuota,
): Promise<TopicResult[]> => {
  try {
    const results = await broker.controller.createTopics(wanted, { validateOnly, take })
    return results.map((result, index) => {
      const name = wanted[index]?.name ?? ''
      return result instanceof Error ? failure(name, result) : success(broker, name, result)
    })
  } catch (error) {
    return wanted.map(({ name }) => failure(name, error))
  }
}

const failure = (name: string, error: unknown): TopicResult => {
  const { errorCode, errorMessage }: ApiError = toApiError(error)
  return { name, errorCode, errorMessage, configs: [] }
}

const success = (broker: BrokerServices, name: string, plan: TopicPlan): TopicResult => ({
  name,
  topicId: plan.topicId,
  errorCode: ErrorCode.NONE,
  errorMessage: null,
  numPartitions: plan.numPartitions,
  replicationFactor: plan.replicationFactor,
  configs: describeConfigs(broker, plan.overrides),
})

/** The configs the new topic has, with where each comes from (KIP-525). */
const describeConfigs = (
  { config }: BrokerServices,
  overrides: TopicOverrides,
): NonNullable<TopicResult['configs']> =>
  topicConfigTable.map((definition) => ({
    name: definition.name,
    value: effectiveTopicConfig(definition, overrides, config),
    readOnly: false,
    configSource:
      topicConfigChoices(definition, overrides, config)[0]?.source ?? configSources.default,
    isSensitive: false,
  }))
