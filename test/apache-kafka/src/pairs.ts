import { type KafkaSchema, versionsOf } from './schemas.js'

/** A schema, and the versions of its message that are to be taken from it. */
export interface SchemaVersions {
  schema: KafkaSchema
  versions: number[]
}

/** Of one release, which versions of which messages count. */
export interface ReleasePairs {
  current: SchemaVersions[]
  dropped: SchemaVersions[]
}

/** The share APIs were an early access in 3.9 and were not compatible with what was released (KIP-932). */
const SHARE_API_KEYS = new Set([76, 77, 78, 79, 83, 84, 85, 86, 87])

/**
 * All (message, version) pairs: those of a current release, and those that only an older one has.
 *
 * Left out of the older one: early-access share messages and records, and coordinator keys. Of a key, 3.9 called
 * the record's id its version; the bytes are those of the current release, whose keys have the id apart.
 */
export function joinReleases(
  current: readonly KafkaSchema[],
  older: readonly KafkaSchema[],
): ReleasePairs {
  const newest = new Map(current.map((schema) => [schema.name, schema]))
  const dropped: SchemaVersions[] = []
  for (const schema of older) {
    const now = newest.get(schema.name)
    if (now?.type === 'coordinator-key' || isEarlyShare(schema)) continue
    const kept = new Set(now === undefined ? [] : versionsOf(now.validVersions))
    const versions = versionsOf(schema.validVersions).filter((version) => !kept.has(version))
    if (versions.length > 0) dropped.push({ schema, versions })
  }
  return {
    current: current
      .map((schema) => ({ schema, versions: versionsOf(schema.validVersions) }))
      .filter(({ versions }) => versions.length > 0),
    dropped,
  }
}

function isEarlyShare(schema: KafkaSchema): boolean {
  const isApi = schema.type === 'request' || schema.type === 'response'
  if (isApi) return SHARE_API_KEYS.has(schema.apiKey ?? -1)
  return schema.name.startsWith('Share')
}

/** How many (message, version) pairs there are. */
export function countPairs(list: readonly SchemaVersions[]): number {
  return list.reduce((sum, { versions }) => sum + versions.length, 0)
}
