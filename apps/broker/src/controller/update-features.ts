import { ErrorCode } from '@ottla/protocol'
import { refusal } from '../errors.js'
import type { SupportedFeature } from '../features.js'
import type { MetadataImage } from '../image/image.js'
import type { MetadataRecordInput } from '../image/metadata-record.js'

/** `upgradeType` of a feature's update. */
export const upgradeTypes = { upgrade: 1, safeDowngrade: 2, unsafeDowngrade: 3 } as const

/** A finalized level that is asked for; 0 removes the feature. */
export interface FeatureUpdate {
  readonly feature: string
  readonly level: number
  /** A number of `upgradeTypes`. */
  readonly upgradeType: number
}

/** What decides whether an update is possible. */
export interface FeatureContext {
  readonly nodeId: number
  /** What every broker of the cluster can run at: this one. */
  readonly supported: readonly SupportedFeature[]
}

/**
 * Levels of `metadata.version` that brought new records or fields: a downgrade below one of them might lose what they hold
 * (from Kafka 4.4's `MetadataVersion`).
 */
const changesOfMetadata = [8, 11, 13, 14, 15, 17, 23, 30, 32, 33]

/**
 * Plans changes of finalized feature levels (KIP-584, KIP-778): all of them or none.
 * @throws BrokerError INVALID_UPDATE_VERSION in the words of Kafka's controller.
 */
export const planFeatureUpdates = (
  image: MetadataImage,
  context: FeatureContext,
  updates: readonly FeatureUpdate[],
): MetadataRecordInput[] => {
  const records: MetadataRecordInput[] = []
  for (const update of updates) {
    const { feature, level } = update
    const current = image.features.get(feature) ?? 0
    const complaint = complaintAbout(update, current, context)
    if (complaint !== undefined) {
      const text = `The update failed for all features since the following feature had an error: ${complaint}`
      throw refusal(ErrorCode.INVALID_UPDATE_VERSION, text)
    }
    if (level === current) continue
    records.push({ type: 'FeatureLevelRecord', value: { name: feature, featureLevel: level } })
  }
  return records
}

const complaintAbout = (
  update: FeatureUpdate,
  current: number,
  context: FeatureContext,
): string | undefined => {
  const { feature, level, upgradeType } = update
  const reason = reasonAgainst(update, current, context)
  if (reason !== undefined) {
    return `Invalid update version ${level} for feature ${feature}. ${reason}`
  }
  if (feature !== 'metadata.version' || level >= current) return undefined
  const refused = `Unsupported metadata.version downgrade from ${current} to ${level}.`
  if (upgradeType === upgradeTypes.unsafeDowngrade) {
    return `${refused} Unsafe metadata downgrade is not supported in this version.`
  }
  const losesMetadata = changesOfMetadata.some((each) => each > level && each <= current)
  return losesMetadata
    ? `${refused} Refusing to perform the requested downgrade because it might delete metadata information.`
    : undefined
}

const reasonAgainst = (
  { feature, level, upgradeType }: FeatureUpdate,
  current: number,
  { nodeId, supported }: FeatureContext,
): string | undefined => {
  if (!Object.values<number>(upgradeTypes).includes(upgradeType)) {
    return 'The controller does not support the given upgrade type.'
  }
  if (level < 0) return 'A feature version cannot be less than 0.'
  const range = supported.find(({ name }) => name === feature)
  if (range === undefined) {
    return level === 0
      ? `Feature ${feature} not found.`
      : `Local controller ${nodeId} does not support this feature.`
  }
  const { minVersion, maxVersion } = range
  if (level < minVersion || level > maxVersion) {
    return `Local controller ${nodeId} only supports versions ${minVersion}-${maxVersion}`
  }
  if (level < current && upgradeType === upgradeTypes.upgrade) {
    return "Can't downgrade the version of this feature without setting the upgrade type to either safe or unsafe downgrade."
  }
  return level > current && upgradeType !== upgradeTypes.upgrade
    ? "Can't downgrade to a newer version."
    : undefined
}
