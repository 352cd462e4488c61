import { type Cluster, retry } from '@ottla/network'
import { ApiVersions, BrokerError, ErrorCode } from '@ottla/protocol'
import type { OperationOptions } from './options.js'

/** The features of a cluster (KIP-584): what it runs at, and what the broker that answered could run at. */
export interface FeaturesDescription {
  /** The level of each feature in force, such as `metadata.version`. */
  readonly finalized: { readonly [name: string]: number }
  readonly supported: { readonly [name: string]: { readonly min: number; readonly max: number } }
  /** Grows with each change of `finalized`; -1 when unknown. */
  readonly finalizedEpoch: bigint
}

/** Names with which a client may introduce itself: brokers refuse others. */
const software = { clientSoftwareName: 'ottla', clientSoftwareVersion: 'admin' }

/** See `Admin.describeFeatures`. */
export const describeFeatures = (
  cluster: Cluster,
  { timeoutMs = cluster.options.defaultApiTimeoutMs, signal }: OperationOptions = {},
): Promise<FeaturesDescription> => {
  const { clock, random } = cluster.platform
  const limits = { clock, random, what: 'describing features', timeoutMs, signal }
  return retry(limits, async (attempt) => {
    const { response, version, node } = await cluster.request(ApiVersions, software, {
      timeoutMs: Math.min(attempt.timeoutMs, cluster.options.requestTimeoutMs),
      signal: attempt.signal,
    })
    if (response.errorCode !== ErrorCode.NONE) {
      throw new BrokerError(response.errorCode, { api: ApiVersions.name, version, node })
    }
    const { finalizedFeatures, supportedFeatures, finalizedFeaturesEpoch } = response
    return {
      finalized: Object.fromEntries(
        finalizedFeatures.map(({ name, maxVersionLevel }) => [name, maxVersionLevel]),
      ),
      supported: Object.fromEntries(
        supportedFeatures.map(({ name, minVersion, maxVersion }) => [
          name,
          { min: minVersion, max: maxVersion },
        ]),
      ),
      finalizedEpoch: finalizedFeaturesEpoch,
    }
  })
}
