import { AlterClientQuotas } from '@ottla/protocol'
import { entityOf, partsOf } from '../image/client-quotas.js'
import { handler } from '../server/handler.js'

/** Sets and removes client quotas (KIP-546); they are in force when the answer goes out. */
export const alterClientQuotasHandler = handler(
  AlterClientQuotas,
  { min: 0, max: 1 },
  async ({ broker }, { entries, validateOnly }) => {
    const alterations = entries.map(({ entity, ops }) => ({ entity: entityOf(entity), ops }))
    const results = await broker.controller.alterClientQuotas(alterations, { validateOnly })
    return {
      throttleTimeMs: 0,
      entries: results.map(({ entity, ...error }) => ({ ...error, entity: partsOf(entity) })),
    }
  },
)
