import {
  type Api,
  api,
  array,
  bool,
  field,
  type Infer,
  type InferInput,
  int8,
  int16,
  int32,
  message,
  nullable,
  string,
  struct,
} from '../schema/index.js'

const FeatureUpdateKey = struct({
  feature: field('0+', string),
  /** 0 removes the feature. */
  maxVersionLevel: field('0+', int16),
  allowDowngrade: field('0', bool),
  /** 1 upgrade, 2 safe downgrade, 3 unsafe downgrade that may lose metadata. */
  upgradeType: field('1+', int8, { default: 1 }),
})

/** Raises or lowers finalized feature levels such as metadata.version (KIP-584, KIP-778). */
export const UpdateFeaturesRequest = message({
  name: 'UpdateFeaturesRequest',
  apiKey: 57,
  versions: '0-2',
  flexible: '0+',
  shape: {
    timeoutMs: field('0+', int32, { default: 60000 }),
    featureUpdates: field('0+', array(FeatureUpdateKey)),
    validateOnly: field('1+', bool, { default: false }),
  },
})
export interface UpdateFeaturesRequest extends Infer<typeof UpdateFeaturesRequest> {}
/** What {@link UpdateFeaturesRequest} takes for encoding: fields with a default may be left out. */
export type UpdateFeaturesRequestInput = InferInput<typeof UpdateFeaturesRequest>

const UpdatableFeatureResult = struct({
  feature: field('0+', string),
  errorCode: field('0+', int16),
  errorMessage: field('0+', nullable(string)),
})

/** From version 2 on one error for all: updates happen together or not at all (KIP-1022). */
export const UpdateFeaturesResponse = message({
  name: 'UpdateFeaturesResponse',
  apiKey: 57,
  versions: '0-2',
  flexible: '0+',
  shape: {
    throttleTimeMs: field('0+', int32),
    errorCode: field('0+', int16),
    errorMessage: field('0+', nullable(string)),
    results: field('0-1', array(UpdatableFeatureResult), { ignorable: true }),
  },
})
export interface UpdateFeaturesResponse extends Infer<typeof UpdateFeaturesResponse> {}
/**
 * What {@link UpdateFeaturesResponse} takes for encoding: fields with a default may be left out.
 */
export type UpdateFeaturesResponseInput = InferInput<typeof UpdateFeaturesResponse>

/**
 * API 57: raises or lowers finalized feature levels such as metadata.version (KIP-584, KIP-778).
 */
export const UpdateFeatures: Api<typeof UpdateFeaturesRequest, typeof UpdateFeaturesResponse> = api(
  UpdateFeaturesRequest,
  UpdateFeaturesResponse,
)
