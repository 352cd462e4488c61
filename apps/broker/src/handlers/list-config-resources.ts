import {
  ErrorCode,
  ListConfigResources,
  type ListConfigResourcesResponseInput,
} from '@ottla/protocol'
import { configResources, configuredNames } from '../image/image.js'
import { handler } from '../server/handler.js'
import type { BrokerServices } from '../services.js'

type Resource = ListConfigResourcesResponseInput['configResources'][number]

/** Resources of Kafka that have configs, by number; loggers have none here, so there are none to list. */
const kinds = { ...configResources, brokerLogger: 8 } as const

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

/** Brokers and topics are there before they are configured; the others come into being by that. */
const resourcesOf = ({ image }: BrokerServices): Resource[] => [
  ...named(kinds.broker, [...image.brokers.keys()].map(String)),
  ...named(kinds.topic, [...image.topicsByName.keys()]),
  ...named(kinds.clientMetrics, configuredNames(image, kinds.clientMetrics)),
  ...named(kinds.group, configuredNames(image, kinds.group)),
]

const named = (resourceType: number, names: readonly string[]): Resource[] =>
  names.map((resourceName) => ({ resourceType, resourceName }))
