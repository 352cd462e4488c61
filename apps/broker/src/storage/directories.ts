import type { Storage } from '../platform.js'
import { metadataDirectory } from './metadata-directory.js'

/** Behind the name of a deleted partition's directory. */
export const deleteSuffix = '-delete'

/** Behind the name of a directory that belongs to no partition of this broker. */
export const straySuffix = '-stray'

/** Most bytes in a file name. */
const longestName = 255

/** Names of the directories that hold partitions, without the metadata log. */
export const partitionDirectories = (storage: Storage): Set<string> => {
  const names = storage.list('').filter((name) => /^.+-\d+$/.test(name))
  return new Set(names.filter((name) => name !== metadataDirectory))
}

/** Kafka's name for a directory out of use: `topic-0.<32 hex digits>-delete`, the topic cut where that is too long. */
export const asideName = (directory: string, uuid: string, suffix: string): string => {
  const dash = directory.lastIndexOf('-')
  const end = `${directory.slice(dash)}.${uuid.replaceAll('-', '')}${suffix}`
  return directory.slice(0, Math.min(dash, longestName - end.length)) + end
}
