/** What a quota is for: names by entity type; null is the default of the type. */
export type QuotaEntity = ReadonlyMap<string, string | null>

/** The quotas of one entity (KIP-546). */
export interface ClientQuota {
  readonly entity: QuotaEntity
  /** By Kafka's name, such as `producer_byte_rate`. */
  readonly values: ReadonlyMap<string, number>
}

/** Entity types, in the order in which Kafka names them. */
export const quotaEntityTypes = ['client-id', 'user', 'ip'] as const

/** Part of an entity as a request, a response or a record has it. */
export interface EntityPart {
  readonly entityType: string
  readonly entityName: string | null
}

/** The entity of its parts; of two parts of the same type the last one counts. */
export const entityOf = (parts: readonly EntityPart[]): QuotaEntity =>
  new Map(parts.map(({ entityType, entityName }) => [entityType, entityName]))

const rank = (type: string): number => (quotaEntityTypes as readonly string[]).indexOf(type)

/** An entity's parts, in Kafka's order. */
export const partsOf = (entity: QuotaEntity): EntityPart[] =>
  [...entity]
    .map(([entityType, entityName]) => ({ entityType, entityName }))
    .sort((a, b) => rank(a.entityType) - rank(b.entityType))

/** Key of `MetadataImage.clientQuotas`. */
export const quotaKey = (entity: QuotaEntity): string =>
  JSON.stringify(partsOf(entity).map(({ entityType, entityName }) => [entityType, entityName]))
