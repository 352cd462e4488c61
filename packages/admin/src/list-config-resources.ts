import { type Cluster, retry } from '@ottla/network'
import { BrokerError, ErrorCode, ListConfigResources } from '@ottla/protocol'
import {
  type ConfigResourceName,
  type ConfigResourceType,
  configResourceTypes,
} from './config-resource.js'
import type { OperationOptions } from './options.js'

/** Which resources to list. */
export interface ListConfigResourcesOptions extends OperationOptions {
  /** Default: every kind. Brokers before Kafka 4.1 list `client-metrics` only. */
  readonly types?: readonly ConfigResourceType[] | undefined
}

/** Kinds other than client-metrics can be listed from this version on (KIP-1142). */
const anyTypeVersion = 1

/** See `Admin.listConfigResources`. */
export const listConfigResources = (
  cluster: Cluster,
  options: ListConfigResourcesOptions = {},
): Promise<ConfigResourceName[]> => {
  const { timeoutMs = cluster.options.defaultApiTimeoutMs, signal, types = [] } = options
  const { clock, random } = cluster.platform
  const isOld = types.length > 0 && types.every((type) => type === 'client-metrics')
  const limits = { clock, random, what: 'listing configuration resources', timeoutMs, signal }
  return retry(limits, async (attempt) => {
    const { response, version, node } = await cluster.request(
      ListConfigResources,
      (version) =>
        version >= anyTypeVersion
          ? { resourceTypes: types.map((type) => configResourceTypes[type]) }
          : {},
      {
        minVersion: isOld ? 0 : anyTypeVersion,
        timeoutMs: Math.min(attempt.timeoutMs, cluster.options.requestTimeoutMs),
        signal: attempt.signal,
      },
    )
    const { errorCode, configResources } = response
    if (errorCode !== ErrorCode.NONE) {
      throw new BrokerError(errorCode, { api: ListConfigResources.name, version, node })
    }
    return configResources.flatMap(({ resourceType, resourceName }) => {
      const type = typeNames.get(resourceType)
      return type === undefined ? [] : [{ type, name: resourceName }]
    })
  })
}

const typeNames = new Map<number, ConfigResourceType>(
  Object.entries(configResourceTypes).map(([type, number]) => [number, type as ConfigResourceType]),
)
