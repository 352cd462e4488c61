import { InvalidArgumentError } from '@ottla/protocol'
import type { Storage } from './storage/storage.js'

/** An offset of one partition, as the checkpoint files of a data directory hold them. */
export interface PartitionOffset {
  readonly topic: string
  readonly partition: number
  readonly offset: number
}

/** Names of the checkpoint files in the root of a data directory. */
export const checkpointFiles = {
  /** Offsets up to which each log is on the device. */
  recoveryPoint: 'recovery-point-offset-checkpoint',
  /** High watermarks. */
  replication: 'replication-offset-checkpoint',
  /** Offsets up to which compaction has come. */
  cleaner: 'cleaner-offset-checkpoint',
  /** Log start offsets that DeleteRecords has moved. */
  logStart: 'log-start-offset-checkpoint',
} as const

/**
 * Kafka's form of a checkpoint: a line with the version 0, a line with the count, a line per entry.
 *
 * @throws InvalidArgumentError if the text is not of that form; the message names the file and the line.
 */
export function parseCheckpoint(text: string, path: string): string[][] {
  const lines = text.split('\n')
  if (lines[0] !== '0') {
    throw new InvalidArgumentError(`${path} has version ${JSON.stringify(lines[0])}, expected 0`)
  }
  const count = Number(lines[1])
  const entries = lines.slice(2).filter((line) => line !== '')
  if (!Number.isSafeInteger(count) || count !== entries.length) {
    throw new InvalidArgumentError(
      `${path} announces ${lines[1]} entries and holds ${entries.length}; it was cut or edited`,
    )
  }
  return entries.map((line) => line.split(' '))
}

/** The text of a checkpoint file. */
export const formatCheckpoint = (entries: readonly (readonly (string | number)[])[]): string =>
  `0\n${entries.length}\n${entries.map((entry) => `${entry.join(' ')}\n`).join('')}`

/** Reads one of {@link checkpointFiles}; an absent file has no entries. */
export function readOffsetCheckpoint(storage: Storage, path: string): PartitionOffset[] {
  const text = storage.exists(path) ? Buffer.from(storage.readAll(path)).toString('utf8') : ''
  // Kafka creates the file before there is anything to say.
  if (text === '') return []
  return parseCheckpoint(text, path).map((entry) => {
    const [topic = '', partition, offset] = entry
    return { topic, partition: toInteger(partition, path), offset: toInteger(offset, path) }
  })
}

/** Replaces one of {@link checkpointFiles}. */
export function writeOffsetCheckpoint(
  storage: Storage,
  path: string,
  offsets: Iterable<PartitionOffset>,
): void {
  storage.writeAll(path, formatOffsetCheckpoint(offsets))
}

/** The text of one of {@link checkpointFiles}. */
export const formatOffsetCheckpoint = (offsets: Iterable<PartitionOffset>): string =>
  formatCheckpoint([...offsets].map(({ topic, partition, offset }) => [topic, partition, offset]))

/**
 * A whole number in a checkpoint.
 *
 * @throws InvalidArgumentError if it is none.
 */
export function toInteger(text: string | undefined, path: string): number {
  const value = Number(text)
  if (text === undefined || text === '' || !Number.isSafeInteger(value)) {
    throw new InvalidArgumentError(`${path} holds ${JSON.stringify(text)} where a number belongs`)
  }
  return value
}
