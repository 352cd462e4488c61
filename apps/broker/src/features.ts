/** A feature with the levels that a broker can run at (KIP-584). */
export interface SupportedFeature {
  readonly name: string
  readonly minVersion: number
  readonly maxVersion: number
}

/** Levels that a new cluster is started with: the highest there are. */
export const bootstrapFeatures = (
  supported: readonly SupportedFeature[],
): ReadonlyMap<string, number> =>
  new Map(supported.map(({ name, maxVersion }) => [name, maxVersion]))
