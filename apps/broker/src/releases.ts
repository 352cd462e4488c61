import type { SupportedFeature } from './features.js'
import type { Handler } from './server/handler.js'
import type { VersionBounds } from './server/served-api.js'

/** Releases of Apache Kafka whose broker this one can show itself as, oldest first. */
export const kafkaReleases = ['3.9', '4.0', '4.1', '4.2', '4.3', '4.4'] as const

/** A release of Apache Kafka, such as `4.4`. */
export type KafkaRelease = (typeof kafkaReleases)[number]

interface ReleaseFacts {
  /** `key:lowest-highest` of every API, without versions that the release has not enabled. */
  readonly apis: string
  /** Levels of `metadata.version`. */
  readonly metadataVersion: VersionBounds
}

/**
 * What each release has, from the `validVersions` of its protocol's schemas. Not every broker serves every key; ours
 * serves what it has a handler for.
 */
const facts: Readonly<Record<KafkaRelease, ReleaseFacts>> = {
  '3.9': {
    apis:
      '0:0-11 1:0-17 2:0-9 3:0-12 4:0-7 5:0-4 6:0-8 7:0-3 8:0-9 9:0-9 10:0-6 11:0-9 12:0-4 ' +
      '13:0-5 14:0-5 15:0-5 16:0-5 17:0-1 18:0-4 19:0-7 20:0-6 21:0-2 22:0-5 23:0-4 24:0-5 ' +
      '25:0-4 26:0-4 27:0-1 28:0-4 29:0-3 30:0-3 31:0-3 32:0-4 33:0-2 34:0-2 35:0-4 36:0-2 ' +
      '37:0-3 38:0-3 39:0-2 40:0-2 41:0-3 42:0-2 43:0-2 44:0-1 45:0-0 46:0-0 47:0-0 48:0-1 ' +
      '49:0-1 50:0-0 51:0-0 52:0-1 53:0-1 54:0-1 55:0-2 56:0-3 57:0-1 58:0-0 59:0-1 60:0-1 ' +
      '61:0-0 62:0-4 63:0-1 64:0-0 65:0-0 66:0-1 67:0-0 68:0-0 69:0-0 70:0-0 71:0-0 72:0-0 ' +
      '73:0-0 74:0-0 75:0-0 80:0-0 81:0-0 82:0-0',
    // 3.9-IV0.
    metadataVersion: { min: 1, max: 21 },
  },
  '4.0': {
    apis:
      '0:3-12 1:4-17 2:1-10 3:0-13 8:2-9 9:1-9 10:0-6 11:0-9 12:0-4 13:0-5 14:0-5 15:0-6 ' +
      '16:0-5 17:0-1 18:0-4 19:2-7 20:1-6 21:0-2 22:0-5 23:2-4 24:0-5 25:0-4 26:0-5 27:1-1 ' +
      '28:0-5 29:1-3 30:1-3 31:1-3 32:1-4 33:0-2 34:1-2 35:1-4 36:0-2 37:0-3 38:1-3 39:1-2 ' +
      '40:1-2 41:1-3 42:0-2 43:0-2 44:0-1 45:0-0 46:0-0 47:0-0 48:0-1 49:0-1 50:0-0 51:0-0 ' +
      '52:0-2 53:0-1 54:0-1 55:0-2 56:2-3 57:0-2 58:0-0 59:0-1 60:0-2 61:0-0 62:0-4 63:0-1 ' +
      '64:0-0 65:0-0 66:0-1 67:0-0 68:0-1 69:0-1 70:0-0 71:0-0 72:0-0 73:0-0 74:0-0 75:0-0 ' +
      '80:0-0 81:0-0 82:0-0',
    // 4.0-IV3.
    metadataVersion: { min: 7, max: 25 },
  },
  '4.1': {
    apis:
      '0:3-13 1:4-18 2:1-10 3:0-13 8:2-9 9:1-9 10:0-6 11:0-9 12:0-4 13:0-5 14:0-5 15:0-6 ' +
      '16:0-5 17:0-1 18:0-4 19:2-7 20:1-6 21:0-2 22:0-5 23:2-4 24:0-5 25:0-4 26:0-5 27:1-1 ' +
      '28:0-5 29:1-3 30:1-3 31:1-3 32:1-4 33:0-2 34:1-2 35:1-4 36:0-2 37:0-3 38:1-3 39:1-2 ' +
      '40:1-2 41:1-3 42:0-2 43:0-2 44:0-1 45:0-1 46:0-0 47:0-0 48:0-1 49:0-1 50:0-0 51:0-0 ' +
      '52:0-2 53:0-1 54:0-1 55:0-2 56:2-3 57:0-2 58:0-0 59:0-1 60:0-2 61:0-0 62:0-4 63:0-1 ' +
      '64:0-0 65:0-0 66:0-2 67:0-0 68:0-1 69:0-1 70:0-0 71:0-0 72:0-0 73:0-0 74:0-1 75:0-0 ' +
      '76:1-1 77:1-1 78:1-1 79:1-1 80:0-0 81:0-0 82:0-0 83:0-0 84:0-0 85:0-0 86:0-0 87:0-0 ' +
      '90:0-0 91:0-0 92:0-0',
    // 4.1-IV1.
    metadataVersion: { min: 7, max: 27 },
  },
  '4.2': {
    apis:
      '0:3-13 1:4-18 2:1-11 3:0-13 8:2-10 9:1-10 10:0-6 11:0-9 12:0-4 13:0-5 14:0-5 15:0-6 ' +
      '16:0-5 17:0-1 18:0-4 19:2-7 20:1-6 21:0-2 22:0-5 23:2-4 24:0-5 25:0-4 26:0-5 27:1-2 ' +
      '28:0-5 29:1-3 30:1-3 31:1-3 32:1-4 33:0-2 34:1-2 35:1-4 36:0-2 37:0-3 38:1-3 39:1-2 ' +
      '40:1-2 41:1-3 42:0-2 43:0-2 44:0-1 45:0-1 46:0-0 47:0-0 48:0-1 49:0-1 50:0-0 51:0-0 ' +
      '52:0-2 53:0-1 54:0-1 55:0-2 56:2-3 57:0-2 58:0-0 59:0-1 60:0-2 61:0-0 62:0-4 63:0-1 ' +
      '64:0-0 65:0-0 66:0-2 67:0-0 68:0-1 69:0-1 70:0-0 71:0-0 72:0-0 73:0-0 74:0-1 75:0-0 ' +
      '76:1-1 77:1-1 78:1-2 79:1-2 80:0-1 81:0-0 82:0-0 83:0-0 84:0-0 85:0-1 86:0-0 87:0-1 ' +
      '88:0-0 89:0-0 90:0-1 91:0-0 92:0-0',
    // 4.2-IV1.
    metadataVersion: { min: 7, max: 29 },
  },
  '4.3': {
    apis:
      '0:3-13 1:4-18 2:1-11 3:0-13 8:2-10 9:1-10 10:0-6 11:0-9 12:0-4 13:0-5 14:0-5 15:0-6 ' +
      '16:0-5 17:0-1 18:0-4 19:2-7 20:1-6 21:0-2 22:0-5 23:2-4 24:0-5 25:0-4 26:0-5 27:1-2 ' +
      '28:0-5 29:1-3 30:1-3 31:1-3 32:1-4 33:0-2 34:1-2 35:1-5 36:0-2 37:0-3 38:1-3 39:1-2 ' +
      '40:1-2 41:1-3 42:0-2 43:0-2 44:0-1 45:0-1 46:0-0 47:0-0 48:0-1 49:0-1 50:0-0 51:0-0 ' +
      '52:0-2 53:0-1 54:0-1 55:0-2 56:2-3 57:0-2 58:0-0 59:0-1 60:0-2 61:0-0 62:0-4 63:0-2 ' +
      '64:0-0 65:0-0 66:0-2 67:0-0 68:0-1 69:0-1 70:0-0 71:0-0 72:0-0 73:0-0 74:0-1 75:0-0 ' +
      '76:1-1 77:1-1 78:1-2 79:1-2 80:0-1 81:0-0 82:0-0 83:0-0 84:0-0 85:0-1 86:0-0 87:0-1 ' +
      '88:0-0 89:0-0 90:0-1 91:0-0 92:0-0',
    // 4.3-IV0.
    metadataVersion: { min: 7, max: 30 },
  },
  '4.4': {
    apis:
      '0:3-13 1:4-18 2:1-11 3:0-13 8:2-10 9:1-10 10:0-6 11:0-9 12:0-4 13:0-5 14:0-5 15:0-6 ' +
      '16:0-5 17:0-1 18:0-5 19:2-7 20:1-6 21:0-2 22:0-5 23:2-4 24:0-5 25:0-4 26:0-5 27:1-2 ' +
      '28:0-6 29:1-3 30:1-3 31:1-3 32:1-4 33:0-2 34:1-2 35:1-5 36:0-2 37:0-3 38:1-3 39:1-2 ' +
      '40:1-2 41:1-3 42:0-3 43:0-2 44:0-1 45:0-1 46:0-0 47:0-0 48:0-1 49:0-1 50:0-0 51:0-0 ' +
      '52:0-2 53:0-1 54:0-1 55:0-2 56:2-3 57:0-2 58:0-0 59:0-1 60:0-2 61:0-0 62:0-4 63:0-2 ' +
      '64:0-0 65:0-0 66:0-2 67:0-0 68:0-1 69:0-1 70:0-0 71:0-0 72:0-0 73:0-0 74:0-1 75:0-0 ' +
      '76:1-1 77:1-1 78:1-2 79:1-2 80:0-1 81:0-0 82:0-0 83:0-0 84:0-0 85:0-1 86:0-0 87:0-1 ' +
      '88:0-1 89:0-1 90:0-1 91:0-0 92:0-0 93:0-0 94:0-0',
    // 4.4-IV2.
    metadataVersion: { min: 7, max: 33 },
  },
}

const rangesOf = (release: KafkaRelease): ReadonlyMap<number, VersionBounds> =>
  new Map(
    facts[release].apis.split(' ').map((row): [number, VersionBounds] => {
      const [key, min, max] = row.split(/[:-]/).map(Number) as [number, number, number]
      return [key, { min, max }]
    }),
  )

/**
 * The handlers as a broker of a release has them, by API key, in the order of the keys: those the release lacks are
 * left out, the ranges of the others are cut to its own.
 */
export const handlersOf = (
  release: KafkaRelease,
  handlers: readonly Handler[],
): ReadonlyMap<number, Handler> => {
  const ranges = rangesOf(release)
  const served = handlers.flatMap((handler): Handler[] => {
    const range = ranges.get(handler.api.key)
    if (range === undefined) return []
    const min = Math.max(handler.versions.min, range.min)
    const max = Math.min(handler.versions.max, range.max)
    if (min > max) return []
    // Produce 0 to 2 are shown though no 4.x broker takes them (KAFKA-18659).
    const shown = Math.min(handler.advertised.min, min)
    const advertised = handler.advertised.min < handler.versions.min ? shown : min
    return [{ ...handler, versions: { min, max }, advertised: { min: advertised, max } }]
  })
  return new Map(
    served.sort((a, b) => a.api.key - b.api.key).map((handler) => [handler.api.key, handler]),
  )
}

/**
 * Features of a release's broker. `group.version` (KIP-848), `transaction.version` (KIP-890), `share.version` and
 * `streams.version` are absent because their APIs are not served: a client that saw them would use them.
 */
export const featuresOf = (release: KafkaRelease): readonly SupportedFeature[] => {
  const { min, max } = facts[release].metadataVersion
  return [{ name: 'metadata.version', minVersion: min, maxVersion: max }]
}
