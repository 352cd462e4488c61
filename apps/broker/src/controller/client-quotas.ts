import { ErrorCode } from '@ottla/protocol'
import { type ApiError, noError, refusal, toApiError } from '../errors.js'
import { partsOf, type QuotaEntity, quotaEntityTypes, quotaKey } from '../image/client-quotas.js'
import type { MetadataImage } from '../image/image.js'
import type { MetadataRecordInput } from '../image/metadata-record.js'

/** A change of one quota of an entity. */
export interface QuotaOperation {
  readonly key: string
  readonly value: number
  readonly remove: boolean
}

/** Changes of the quotas of one entity. */
export interface QuotaAlteration {
  readonly entity: QuotaEntity
  readonly ops: readonly QuotaOperation[]
}

/** What became of an entity's change. */
export interface QuotaResult extends ApiError {
  readonly entity: QuotaEntity
}

/** Whether values of a quota are whole numbers, by what may have it. */
const clientQuotas: Readonly<Record<string, boolean>> = {
  producer_byte_rate: true,
  consumer_byte_rate: true,
  request_percentage: false,
  controller_mutation_rate: false,
}
const addressQuotas: Readonly<Record<string, boolean>> = { connection_creation_rate: true }

const invalid = (text: string): Error => refusal(ErrorCode.INVALID_REQUEST, text)

/**
 * Plans changes of quotas. An entity that cannot be changed as it was asked for is not changed at all.
 * @returns the records, and a result per entity: one that is named twice keeps its first change, and is told an error.
 */
export const planQuotaChanges = (
  image: MetadataImage,
  alterations: readonly QuotaAlteration[],
): { readonly records: MetadataRecordInput[]; readonly results: QuotaResult[] } => {
  const records: MetadataRecordInput[] = []
  const results = new Map<string, QuotaResult>()
  for (const { entity, ops } of alterations) {
    const key = quotaKey(entity)
    const isRepeated = results.has(key) || new Set(ops.map((op) => op.key)).size < ops.length
    if (isRepeated) {
      const errorMessage = `Ignoring duplicate entity ${shown(entity)}`
      results.set(key, { entity, errorCode: ErrorCode.INVALID_REQUEST, errorMessage })
      continue
    }
    try {
      records.push(...planEntity(image, entity, ops))
      results.set(key, { entity, ...noError })
    } catch (error) {
      results.set(key, { entity, ...toApiError(error) })
    }
  }
  return { records, results: [...results.values()] }
}

/** An entity as Java prints it. */
const shown = (entity: QuotaEntity): string =>
  `ClientQuotaEntity(entries={${partsOf(entity)
    .map(({ entityType, entityName }) => `${entityType}=${entityName}`)
    .join(', ')}})`

const planEntity = (
  image: MetadataImage,
  entity: QuotaEntity,
  ops: readonly QuotaOperation[],
): MetadataRecordInput[] => {
  const known = quotasOf(entity)
  const present = image.clientQuotas.get(quotaKey(entity))?.values
  const records: MetadataRecordInput[] = []
  for (const { key, value, remove } of ops) {
    if (!remove) checkValue(known, key, value)
    const old = present?.get(key)
    if (remove ? old === undefined : old === value) continue
    records.push({
      type: 'ClientQuotaRecord',
      value: { entity: partsOf(entity), key, value: remove ? 0 : value, remove },
    })
  }
  return records
}

/** The quotas that an entity can have. @throws BrokerError INVALID_REQUEST for an entity that cannot have any. */
const quotasOf = (entity: QuotaEntity): Readonly<Record<string, boolean>> => {
  if (entity.size === 0) throw invalid('Invalid empty client quota entity')
  for (const [type, name] of entity) {
    if (!quotaEntityTypes.some((each) => each === type)) {
      throw invalid(`Unhandled client quota entity type: ${type}`)
    }
    if (name === '') throw invalid(`Empty ${type} not supported`)
  }
  if (!entity.has('ip')) return clientQuotas
  if (entity.size > 1) {
    // Kafka's own words, with its own slip.
    const text =
      'Invalid quota entity combination, IP entity shouldnot be combined with User or ClientId'
    throw invalid(text)
  }
  const address = entity.get('ip')
  if (typeof address === 'string' && !hostOrAddress.test(address)) {
    throw invalid(`${address} is not a valid IP or resolvable host.`)
  }
  return addressQuotas
}

/** Kafka asks a name server about names; here whatever could be one passes. */
const hostOrAddress = /^(?:[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_.])?|[0-9A-Fa-f:.]+(?:%\w+)?)$/

const checkValue = (known: Readonly<Record<string, boolean>>, key: string, value: number): void => {
  const isWhole = Object.hasOwn(known, key) ? known[key] : undefined
  if (isWhole === undefined) throw invalid(`Invalid configuration key ${key}`)
  if (!Number.isFinite(value)) throw invalid(`Quota ${key} must be a finite number`)
  if (value <= 0) throw invalid(`Quota ${key} must be greater than 0`)
  if (isWhole && Math.abs(Math.floor(value + precision) - value) > precision) {
    throw invalid(`${key} cannot be a fractional value.`)
  }
}

/** Values come as floating point numbers; so near to a whole one is whole. */
const precision = 1e-6
