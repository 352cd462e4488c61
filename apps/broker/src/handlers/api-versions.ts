import { ApiVersions, type ApiVersionsResponseInput, ErrorCode } from '@ottla/protocol'
import { handler } from '../server/handler.js'
import type { ServedApi } from '../server/served-api.js'
import type { BrokerServices } from '../services.js'

/** What a client may call itself (KIP-511). */
const softwareName = /^[a-zA-Z0-9](?:[a-zA-Z0-9\-.]*[a-zA-Z0-9])?$/

/** Tells which APIs are served in which versions (KIP-35), and the features of the cluster (KIP-584). */
export const apiVersionsHandler = handler(
  ApiVersions,
  { min: 0, max: 5 },
  ({ broker, apiVersion, sasl }, request): ApiVersionsResponseInput => {
    const { clientSoftwareName, clientSoftwareVersion, clusterId, nodeId } = request
    if (apiVersion >= 3) {
      const isNamed =
        softwareName.test(clientSoftwareName) && softwareName.test(clientSoftwareVersion)
      if (!isNamed) return { errorCode: ErrorCode.INVALID_REQUEST, apiKeys: [] }
    }
    if (apiVersion >= 5) {
      const isKnown = clusterId !== null
      if (isKnown !== (nodeId !== -1)) return { errorCode: ErrorCode.INVALID_REQUEST, apiKeys: [] }
      if (isKnown && (clusterId !== broker.clusterId || nodeId !== broker.nodeId)) {
        return { errorCode: ErrorCode.REBOOTSTRAP_REQUIRED, apiKeys: [] }
      }
    }
    sasl?.versionsSent()
    return versionsOf(broker, apiVersion)
  },
)

const versionsOf = (broker: BrokerServices, apiVersion: number): ApiVersionsResponseInput => {
  const { image, served, features } = broker
  return {
    errorCode: ErrorCode.NONE,
    apiKeys: served.map(rangeOf),
    // Clients of version 3 refuse a feature whose minimum is 0 (KAFKA-17011).
    supportedFeatures: features.filter(({ minVersion }) => apiVersion > 3 || minVersion > 0),
    finalizedFeaturesEpoch: BigInt(image.offset),
    finalizedFeatures: [...image.features].map(([name, level]) => ({
      name,
      maxVersionLevel: level,
      minVersionLevel: level,
    })),
  }
}

const rangeOf = ({
  api,
  advertised,
}: ServedApi): { apiKey: number; minVersion: number; maxVersion: number } => ({
  apiKey: api.key,
  minVersion: advertised.min,
  maxVersion: advertised.max,
})

/** The answer, in the body of version 0, to a version that this broker does not know: the range that it does. */
export const unsupportedApiVersions = (served: ServedApi): ApiVersionsResponseInput => ({
  errorCode: ErrorCode.UNSUPPORTED_VERSION,
  apiKeys: [rangeOf(served)],
})
