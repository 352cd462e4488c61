import {
  BrokerError,
  ErrorCode,
  FindCoordinator,
  type FindCoordinatorRequestInput,
  type FindCoordinatorResponse,
} from '@ottla/protocol'
import type { BrokerMetadata } from './metadata.js'

/** What is coordinated. */
export type CoordinatorType = 'group' | 'transaction' | 'share'

const keyTypes: Readonly<Record<CoordinatorType, number>> = { group: 0, transaction: 1, share: 2 }

/** First version that asks for several keys at once. */
const firstBatchedVersion = 4

/** Lowest version of FindCoordinator that can ask for this type. */
export const minCoordinatorVersion: Readonly<Record<CoordinatorType, number>> = {
  group: 0,
  transaction: 1,
  share: 6,
}

/** The body that asks for one coordinator, in the shape of the version. */
export const coordinatorRequest = (
  type: CoordinatorType,
  key: string,
  version: number,
): FindCoordinatorRequestInput => {
  const keyType = keyTypes[type]
  if (version >= firstBatchedVersion) return { keyType, coordinatorKeys: [key] }
  return version === 0 ? { key } : { key, keyType }
}

/**
 * Reads the answer of any version.
 *
 * @throws BrokerError of the error code in it.
 */
export const readCoordinator = (
  response: FindCoordinatorResponse,
  type: CoordinatorType,
  key: string,
  version: number,
): BrokerMetadata => {
  const answer =
    version >= firstBatchedVersion
      ? response.coordinators.find((coordinator) => coordinator.key === key)
      : response
  const errorCode = answer?.errorCode ?? ErrorCode.COORDINATOR_NOT_AVAILABLE
  if (answer === undefined || errorCode !== ErrorCode.NONE) {
    throw new BrokerError(errorCode, {
      api: FindCoordinator.name,
      version,
      text: answer?.errorMessage ?? `the coordinator of ${type} ${key} was not named`,
    })
  }
  return { node: answer.nodeId, host: answer.host, port: answer.port, rack: null }
}
