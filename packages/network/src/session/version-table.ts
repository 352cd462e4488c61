import {
  type Api,
  type ApiVersionsResponse,
  type MessageType,
  UnsupportedVersionError,
} from '@ottla/protocol'
import type { Peer } from './peer.js'

/** Lowest and highest version. */
export interface VersionLimits {
  readonly min: number
  readonly max: number
}

/** A caller's own limits on top of what both sides speak. */
export interface WantedVersions {
  readonly minVersion?: number | undefined
  readonly maxVersion?: number | undefined
}

/** What one broker speaks, from its answer to ApiVersions. */
export class VersionTable {
  readonly #limits = new Map<number, VersionLimits>()
  readonly #peer: Peer
  /** Finalized features of the cluster and their levels (KIP-584), such as `transaction.version`. */
  readonly features: ReadonlyMap<string, number>

  constructor(response: ApiVersionsResponse, peer: Peer) {
    this.#peer = peer
    for (const { apiKey, minVersion, maxVersion } of response.apiKeys) {
      this.#limits.set(apiKey, { min: minVersion, max: maxVersion })
    }
    this.features = new Map(
      response.finalizedFeatures.map(({ name, maxVersionLevel }) => [name, maxVersionLevel]),
    )
  }

  /** The broker's limits for an API; undefined when it lacks it. */
  limitsOf(apiKey: number): VersionLimits | undefined {
    return this.#limits.get(apiKey)
  }

  /**
   * The highest version that the broker, this library and the caller have in common.
   *
   * @throws UnsupportedVersionError that shows all three.
   */
  choose(api: Api<MessageType, MessageType>, wanted: WantedVersions = {}): number {
    const broker = this.#limits.get(api.key)
    const min = Math.max(api.versions.min, wanted.minVersion ?? 0)
    const max = Math.min(api.versions.max, wanted.maxVersion ?? Infinity)
    if (broker !== undefined) {
      const version = Math.min(max, broker.max)
      if (version >= Math.max(min, broker.min)) return version
    }
    const theirs =
      broker === undefined ? 'does not serve it' : `serves versions ${broker.min} to ${broker.max}`
    throw new UnsupportedVersionError(
      `${api.name} needs a version from ${min} to ${max} here, but ${this.#peer.name} ${theirs}; use a broker of a matching release, or do without what needs this version`,
      { node: this.#peer.node, api: api.name },
    )
  }
}
