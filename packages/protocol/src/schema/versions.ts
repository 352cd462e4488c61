import { InvalidArgumentError } from '../errors.js'

/**
 * Versions as Kafka's schemas write them: `'3'`, `'0-4'`, `'2+'` (2 and all later ones) or
 * `'none'`.
 */
export type VersionRange = `${number}` | `${number}-${number}` | `${number}+` | 'none'

/**
 * The same as two numbers, both included; an open end is `Infinity`, `'none'` is an empty range.
 */
export interface Versions {
  readonly min: number
  readonly max: number
}

/**
 * Reads a {@link VersionRange}.
 * @throws InvalidArgumentError for any other text.
 */
export function parseVersions(text: VersionRange): Versions {
  if (text === 'none') return { min: 0, max: -1 }
  const match = /^(\d+)(?:(\+)|-(\d+))?$/.exec(text)
  if (match === null) throw new InvalidArgumentError(`not a range of versions: ${text}`)
  const min = Number(match[1])
  if (match[2] !== undefined) return { min, max: Number.POSITIVE_INFINITY }
  return { min, max: match[3] === undefined ? min : Number(match[3]) }
}

/** Whether a range holds a version. */
export function includesVersion(versions: Versions, version: number): boolean {
  return version >= versions.min && version <= versions.max
}
