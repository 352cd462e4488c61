import { ErrorCode } from '@ottla/protocol'
import type { ConfigChange } from './controller/config-changes.js'
import { configKinds } from './controller/config-kinds.js'
import { type ApiError, noError, refusal, toApiError } from './errors.js'
import { configResources } from './image/image.js'
import type { BrokerServices } from './services.js'

/** A resource in a request that changes configs. */
export interface RequestedResource {
  readonly resourceType: number
  readonly resourceName: string
  /** Names as the request has them, to find repetitions. */
  readonly names: readonly string[]
  /** Names whose value must not be null but is. */
  readonly nulls: readonly string[]
  readonly change: ConfigChange
}

/** What became of one resource. */
export interface ResourceResult extends ApiError {
  readonly resourceType: number
  readonly resourceName: string
}

/**
 * Changes configs of resources: what both AlterConfigs and IncrementalAlterConfigs do once they are read.
 * A resource that the broker refuses does not keep the others from being changed.
 */
export const changeConfigs = async (
  { controller, nodeId }: BrokerServices,
  resources: readonly RequestedResource[],
  validateOnly: boolean,
): Promise<ResourceResult[]> => {
  const refused = resources.map((resource) => problemWith(resource, resources, nodeId))
  const wanted = resources.filter((_, index) => refused[index] === undefined)
  const errors = await controller.changeConfigs(
    wanted.map(({ change }) => change),
    { validateOnly },
  )
  return resources.map((resource, index) => {
    const { resourceType, resourceName } = resource
    const error = refused[index] ?? errors[wanted.indexOf(resource)]
    return { ...(error === undefined ? noError : toApiError(error)), resourceType, resourceName }
  })
}

/** What the broker refuses before it asks the controller, in Kafka's order. */
const problemWith = (
  { resourceType, resourceName, names, nulls }: RequestedResource,
  all: readonly RequestedResource[],
  nodeId: number,
): Error | undefined => {
  const invalid = (text: string): Error => refusal(ErrorCode.INVALID_REQUEST, text)
  const same = all.filter(
    (other) => other.resourceType === resourceType && other.resourceName === resourceName,
  )
  if (same.length > 1) return invalid('Each resource must appear at most once.')
  if (new Set(names).size < names.length) return invalid('Error due to duplicate config keys')
  if (nulls.length > 0) return invalid(`Null value not supported for : ${nulls.join(', ')}`)
  if (resourceType === configResources.broker) return problemWithBroker(resourceName, nodeId)
  return configKinds.has(resourceType)
    ? undefined
    : invalid(`Unknown resource type ${resourceType}`)
}

const problemWithBroker = (name: string, nodeId: number): Error | undefined => {
  if (name === '' || name === String(nodeId)) return undefined
  const text = /^-?\d+$/.test(name)
    ? `Unexpected broker id, expected ${nodeId}, but received ${name}`
    : `Node id must be an integer, but it is: ${name}`
  return refusal(ErrorCode.INVALID_REQUEST, text)
}
