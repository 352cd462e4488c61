import { type QuotaEntity, quotaKey } from '../image/client-quotas.js'
import type { MetadataImage } from '../image/image.js'

/** Who is measured, and the limit that holds for it. */
export interface AppliedQuota {
  readonly limit: number
  /** Clients with the same key use up the limit together. */
  readonly sharedKey: string
}

/** Who asks: the user without `User:`, and the client id. */
export interface QuotaClient {
  readonly user: string
  readonly clientId: string
}

type Level = readonly [
  user: 'exact' | 'default' | undefined,
  clientId: 'exact' | 'default' | undefined,
]

/** Kafka's order, strongest first. */
const levels: readonly Level[] = [
  ['exact', 'exact'],
  ['exact', 'default'],
  ['exact', undefined],
  ['default', 'exact'],
  ['default', 'default'],
  ['default', undefined],
  [undefined, 'exact'],
  [undefined, 'default'],
]

/**
 * The quota that counts for a client: the one of the most specific entity that has this quota. Clients of a user share the
 * user's; a quota of users and client ids, or of client ids, is had by each pair, or each client id, for itself.
 */
export const findQuota = (
  { clientQuotas }: MetadataImage,
  name: string,
  { user, clientId }: QuotaClient,
): AppliedQuota | undefined => {
  for (const [ofUser, ofClient] of levels) {
    const entity = new Map<string, string | null>()
    if (ofUser !== undefined) entity.set('user', ofUser === 'exact' ? user : null)
    if (ofClient !== undefined) entity.set('client-id', ofClient === 'exact' ? clientId : null)
    const limit = clientQuotas.get(quotaKey(entity satisfies QuotaEntity))?.values.get(name)
    if (limit === undefined) continue
    const sharedKey = JSON.stringify([
      name,
      ofUser === undefined ? '' : user,
      ofClient === undefined ? '' : clientId,
    ])
    return { limit, sharedKey }
  }
  return undefined
}
