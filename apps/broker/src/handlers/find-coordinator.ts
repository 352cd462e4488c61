import {
  ErrorCode,
  FindCoordinator,
  type FindCoordinatorRequest,
  type FindCoordinatorResponseInput,
} from '@ottla/protocol'
import { offsetsTopic } from '../group/offsets-topic.js'
import { nodesOn } from '../image/image.js'
import { handler } from '../server/handler.js'
import type { BrokerServices } from '../services.js'
import { autoCreateTopics } from '../topics.js'

type Coordinator = NonNullable<FindCoordinatorResponseInput['coordinators']>[number]

/** `keyType` of a consumer group; transactions and share groups have coordinators of their own. */
const groupKey = 0

/** Tells which broker coordinates a group; creates `__consumer_offsets` when the first client asks. */
export const findCoordinatorHandler = handler(
  FindCoordinator,
  { min: 0, max: 6 },
  async ({ broker, apiVersion, listener }, request): Promise<FindCoordinatorResponseInput> => {
    const { keyType } = request
    if (keyType === groupKey && !broker.image.topicsByName.has(offsetsTopic)) {
      await autoCreateTopics(broker, [offsetsTopic])
    }
    if (apiVersion >= 4) {
      const coordinators = request.coordinatorKeys.map((key) =>
        find(broker, listener, keyType, key),
      )
      return { throttleTimeMs: 0, coordinators }
    }
    return inOldForm(find(broker, listener, keyType, keyOf(request)))
  },
)

const keyOf = ({ key }: FindCoordinatorRequest): string => key

const inOldForm = (coordinator: Coordinator): FindCoordinatorResponseInput => {
  const { errorCode, errorMessage, nodeId, host, port } = coordinator
  const text = errorCode === ErrorCode.NONE ? 'NONE' : errorMessage
  return { throttleTimeMs: 0, errorCode, errorMessage: text, nodeId, host, port }
}

const find = (
  broker: BrokerServices,
  listener: string,
  keyType: number,
  key: string,
): Coordinator => {
  const nobody = (errorCode: number, errorMessage: string): Coordinator => ({
    key,
    nodeId: -1,
    host: '',
    port: -1,
    errorCode,
    errorMessage,
  })
  if (keyType !== groupKey) {
    const text = `this broker coordinates groups (key type 0) only, not key type ${keyType}`
    return nobody(ErrorCode.INVALID_REQUEST, text)
  }
  const { image, groups } = broker
  const partition = groups.partitionOf(key)
  const topic = image.topicsByName.get(offsetsTopic)
  const leader = image.brokers.get(topic?.partitions[partition ?? -1]?.leader ?? -1)
  const [node] = leader === undefined ? [] : nodesOn(listener, [leader])
  if (node === undefined) {
    return nobody(ErrorCode.COORDINATOR_NOT_AVAILABLE, 'The coordinator is not available.')
  }
  const { nodeId, host, port } = node
  return { key, nodeId, host, port, errorCode: ErrorCode.NONE, errorMessage: '' }
}
