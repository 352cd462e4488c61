import { ErrorCode, UpdateFeatures } from '@ottla/protocol'
import { noError, toApiError } from '../errors.js'
import { handler } from '../server/handler.js'

/** Raises or lowers finalized feature levels, all that are asked for or none (KIP-584, KIP-778, KIP-1022). */
export const updateFeaturesHandler = handler(
  UpdateFeatures,
  { min: 0, max: 2 },
  async ({ broker, apiVersion }, { featureUpdates, validateOnly }) => {
    const { controller, features: supported, nodeId } = broker
    // Version 0 says `allowDowngrade` instead of a type; Kafka takes every update of that version for an upgrade.
    const updates = featureUpdates.map(({ feature, maxVersionLevel: level, upgradeType }) => ({
      feature,
      level,
      upgradeType,
    }))
    try {
      await controller.updateFeatures(updates, { nodeId, supported }, { validateOnly })
    } catch (error) {
      return { throttleTimeMs: 0, ...toApiError(error), results: [] }
    }
    const results = updates.map(({ feature }) => ({
      feature,
      errorCode: ErrorCode.NONE,
      errorMessage: 'NONE',
    }))
    return { throttleTimeMs: 0, ...noError, results: apiVersion < 2 ? results : [] }
  },
)
