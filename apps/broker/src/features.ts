/** A feature with the levels that a broker can run at (KIP-584). */
export interface SupportedFeature {
  readonly name: string
  readonly minVersion: number
  readonly maxVersion: number
}

/** 3.3-IV3, the oldest level a 4.x broker takes. */
const oldestMetadataVersion = 7
/** 4.4-IV2. */
const metadataVersion = 33

/**
 * What this broker can do. `group.version` (KIP-848), `transaction.version` (KIP-890), `share.version` and
 * `streams.version` are absent because their APIs are not served: a client that saw them would use them.
 */
export const supportedFeatures: readonly SupportedFeature[] = [
  { name: 'metadata.version', minVersion: oldestMetadataVersion, maxVersion: metadataVersion },
]

/** Levels that a new cluster is started with. */
export const bootstrapFeatures: ReadonlyMap<string, number> = new Map([
  ['metadata.version', metadataVersion],
])
