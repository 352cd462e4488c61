import type { Versions } from '@ottla/protocol'
import { apis } from '@ottla/protocol/registry'
import type { AnyApi } from '../client/any-api.js'
import { releaseProfiles } from '../releases/index.js'

/** Ranges of versions by API key, as a broker sent them. */
export type Advertised = ReadonlyMap<number, Versions>

const FETCH = 1

/** Lowest versions that are meant; below them some brokers advertise what they refuse. */
const meant: Readonly<Record<string, number>> = {
  // Version 0 keeps offsets in ZooKeeper.
  OffsetCommit: 1,
  OffsetFetch: 1,
}

/**
 * Versions that can be used with a broker: advertised, known to the codec, and meant. Brokers of 4.0 and later
 * advertise Produce from version 0 on for the sake of old librdkafka, and refuse 0 to 2 (KAFKA-18659); those of 3.9 without
 * ZooKeeper advertise versions of the offsets APIs that need it.
 */
export function usableVersions(advertised: Advertised, api: AnyApi): Versions | undefined {
  const range = advertised.get(api.key)
  if (range === undefined) return undefined
  const forShow = api.name === 'Produce' && (advertised.get(FETCH)?.min ?? 0) >= 4
  const least = forShow ? 3 : (meant[api.name] ?? 0)
  const min = Math.max(least, range.min, api.versions.min)
  const max = Math.min(range.max, api.versions.max)
  return min <= max ? { min, max } : undefined
}

/** The release whose broker advertises most nearly this; of equals the newest. */
export function guessRelease(advertised: Advertised): string {
  const keys = new Map(apis.map((api) => [api.name, api.key]))
  const scored = releaseProfiles.map(({ release, apis }) => {
    const rows = Object.entries(apis)
    const fits = rows.filter(([name, [min, max]]) => {
      const range = advertised.get(keys.get(name) ?? -1)
      return range?.min === min && range.max === max
    })
    const extra = [...advertised.keys()].length - fits.length
    return { release, score: fits.length - extra / 1000 - (rows.length - fits.length) / 100 }
  })
  return scored.reduce((best, one) => (one.score >= best.score ? one : best)).release
}
