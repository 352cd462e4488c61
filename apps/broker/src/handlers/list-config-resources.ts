import {
  ErrorCode,
  ListConfigResources,
  type ListConfigResourcesResponseInput,
} from '@ottla/protocol'
import { configResources } from '../image/image.js'
import { handler } from '../server/handler.js'
import type { BrokerServices } from '../services.js'

type Resource = ListConfigResourcesResponseInput['configResources'][number]

/** Resources of Kafka that have configs, by number; the last three have none here, so there are none to list. */
const kinds = { ...configResources, brokerLogger: 8, clientMetrics: 16, group: 32 } as const

/** Lists what has configs (KIP-1142); version 0 asks for client metrics subscriptions only (KIP-714). */
export const listConfigResourcesHandler = handler(
  ListConfigResources,
  { min: 0, max: 1 },
  ({ broker, apiVersion }, { resourceTypes }): ListConfigResourcesResponseInput => {
    const known: readonly number[] = Object.values(kinds)
    const asked = apiVersion === 0 ? [kinds.clientMetrics] : resourceTypes
    if (asked.some((type) => !known.includes(type))) {
      return { throttleTimeMs: 0, errorCode: ErrorCode.UNSUPPORTED_VERSION, configResources: [] }
    }
    const wanted = new Set(asked.length === 0 ? known : asked)
    const resources = resourcesOf(broker).filter(({ resourceType = -1 }) =>
      wanted.has(resourceType),
    )
    return { throttleTimeMs: 0, errorCode: ErrorCode.NONE, configResources: resources }
  },
)

const resourcesOf = ({ image }: BrokerServices): Resource[] => [
  ...[...image.brokers.keys()].map((id) => ({
    resourceType: kinds.broker,
    resourceName: String(id),
  })),
  ...[...image.topicsByName.keys()].map((resourceName) => ({
    resourceType: kinds.topic,
    resourceName,
  })),
]
