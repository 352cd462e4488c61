import { InvalidArgumentError, uuidFromBase64, uuidToBase64 } from '@ottla/protocol'
import type { Storage } from './storage/storage.js'

/** Name of the file in the root of a data directory that says whose it is. */
export const metaPropertiesFile = 'meta.properties'

/** Name of the file in the root of a data directory that is there after a clean stop only. */
export const cleanShutdownFile = '.kafka_cleanshutdown'

/** Name of the file in a partition's directory that holds its topic id. */
export const partitionMetadataFile = 'partition.metadata'

/** Whose data directory it is (`meta.properties`, version 1). */
export interface MetaProperties {
  /** Kafka's 22 characters. */
  readonly clusterId: string
  readonly nodeId: number
  /** Dashed lower-case hex here, Kafka's 22 characters in the file. */
  readonly directoryId: string
}

/**
 * Reads `meta.properties`; undefined if the directory is new.
 *
 * @throws InvalidArgumentError if it is of another version or a property is missing.
 */
export function readMetaProperties(storage: Storage): MetaProperties | undefined {
  if (!storage.exists(metaPropertiesFile)) return undefined
  const properties = parseProperties(readText(storage, metaPropertiesFile))
  const property = (name: string): string => {
    const value = properties.get(name)
    if (value === undefined) throw new InvalidArgumentError(`${metaPropertiesFile} lacks ${name}`)
    return value
  }
  if (property('version') !== '1') {
    throw new InvalidArgumentError(
      `${metaPropertiesFile} has version ${property('version')}; version 1 (Kafka's KRaft mode) is needed`,
    )
  }
  const nodeId = Number(property('node.id'))
  if (!Number.isSafeInteger(nodeId) || nodeId < 0) {
    throw new InvalidArgumentError(`${metaPropertiesFile} has the node.id ${property('node.id')}`)
  }
  return {
    clusterId: property('cluster.id'),
    nodeId,
    directoryId: uuidFromBase64(property('directory.id')),
  }
}

/** Writes `meta.properties`. */
export function writeMetaProperties(storage: Storage, properties: MetaProperties): void {
  const { clusterId, nodeId, directoryId } = properties
  const lines = [
    'version=1',
    `cluster.id=${clusterId}`,
    `node.id=${nodeId}`,
    `directory.id=${uuidToBase64(directoryId)}`,
  ]
  storage.writeAll(metaPropertiesFile, `${lines.join('\n')}\n`)
}

/** Reads the topic id (dashed hex) of a partition's directory; undefined if there is none. */
export function readPartitionMetadata(storage: Storage, directory: string): string | undefined {
  const path = `${directory}/${partitionMetadataFile}`
  if (!storage.exists(path)) return undefined
  const text = readText(storage, path)
  // What a crash of the machine makes of a file that was never synced.
  if (text === '') return undefined
  const lines = text.split('\n')
  const field = (name: string): string | undefined =>
    lines
      .find((line) => line.startsWith(`${name}:`))
      ?.slice(name.length + 1)
      .trim()
  const topicId = field('topic_id')
  if (field('version') !== '0' || topicId === undefined) {
    throw new InvalidArgumentError(`${path} is not a partition.metadata file of version 0`)
  }
  return uuidFromBase64(topicId)
}

/**
 * Writes the topic id (dashed hex) into a partition's directory, which must exist. It is not synced: the metadata log
 * knows the id, and thousands of partitions are created in a second.
 */
export function writePartitionMetadata(storage: Storage, directory: string, topicId: string): void {
  const text = `version: 0\ntopic_id: ${uuidToBase64(topicId)}`
  storage.writeAll(`${directory}/${partitionMetadataFile}`, text, { sync: false })
}

/** Marks that every log was closed; `brokerEpoch` lets the controller tell the next start from an unclean one. */
export function writeCleanShutdown(storage: Storage, brokerEpoch: number): void {
  storage.writeAll(cleanShutdownFile, JSON.stringify({ version: 0, brokerEpoch }))
}

/** Takes the mark away and tells whether it was there: to be called once at a start, before anything is written. */
export function takeCleanShutdown(storage: Storage): boolean {
  if (!storage.exists(cleanShutdownFile)) return false
  storage.remove(cleanShutdownFile)
  storage.syncDirectory('')
  return true
}

function readText(storage: Storage, path: string): string {
  return Buffer.from(storage.readAll(path)).toString('utf8')
}

/** Java properties as Kafka writes them: `name=value`, comments with `#`, `\:` for a colon. */
function parseProperties(text: string): Map<string, string> {
  const properties = new Map<string, string>()
  for (const line of text.split('\n')) {
    const equals = line.indexOf('=')
    if (line.startsWith('#') || equals < 0) continue
    const value = line
      .slice(equals + 1)
      .trim()
      .replaceAll(/\\(.)/g, '$1')
    properties.set(line.slice(0, equals).trim(), value)
  }
  return properties
}
