import { DescribeCluster, type DescribeClusterResponseInput, ErrorCode } from '@ottla/protocol'
import { clusterOperations, operationsNotAsked } from '../authorized-operations.js'
import { nodesOn } from '../image/image.js'
import { handler } from '../server/handler.js'

/** `endpointType` of a request that was meant for brokers, and for controllers. */
const endpointTypes = { broker: 1, controller: 2 } as const

/** Lists the brokers of the cluster (KIP-700); from version 2 on also fenced ones. */
export const describeClusterHandler = handler(
  DescribeCluster,
  { min: 0, max: 2 },
  ({ broker, listener }, request): DescribeClusterResponseInput => {
    const { endpointType, includeFencedBrokers, includeClusterAuthorizedOperations } = request
    const { clusterId, nodeId, image } = broker
    const common = { throttleTimeMs: 0, endpointType: endpointTypes.broker, clusterId, brokers: [] }
    if (endpointType === endpointTypes.controller) {
      return {
        ...common,
        errorCode: ErrorCode.MISMATCHED_ENDPOINT_TYPE,
        errorMessage:
          'The request was sent to an endpoint of type BROKER, but we wanted an endpoint of type CONTROLLER',
      }
    }
    if (endpointType !== endpointTypes.broker) {
      return {
        ...common,
        errorCode: ErrorCode.UNSUPPORTED_ENDPOINT_TYPE,
        errorMessage: `Unsupported endpoint type ${endpointType}`,
      }
    }
    const shown = [...image.brokers.values()].filter(
      ({ fenced }) => includeFencedBrokers || !fenced,
    )
    return {
      ...common,
      errorCode: ErrorCode.NONE,
      errorMessage: null,
      controllerId: nodeId,
      brokers: nodesOn(listener, shown).map(({ nodeId: brokerId, host, port, rack }) => ({
        brokerId,
        host,
        port,
        rack,
        isFenced: image.brokers.get(brokerId)?.fenced ?? true,
      })),
      clusterAuthorizedOperations: includeClusterAuthorizedOperations
        ? clusterOperations
        : operationsNotAsked,
    }
  },
)
