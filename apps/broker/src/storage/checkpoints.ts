import {
  checkpointFiles,
  formatOffsetCheckpoint,
  type PartitionOffset,
  readOffsetCheckpoint,
  writeOffsetCheckpoint,
} from '@ottla/log'
import type { Storage } from '../platform.js'

/** Which file. */
export type CheckpointKind = keyof typeof checkpointFiles

/** A partition, as checkpoints name it. */
export interface CheckpointedPartition {
  readonly topic: string
  readonly partition: number
  readonly directory: string
}

/** One file: what it says by directory, and whether that is written. */
interface File {
  readonly path: string
  readonly entries: Map<string, PartitionOffset>
  isDirty: boolean
}

/**
 * Kafka's checkpoint files: offsets of every partition of the directory, kept in memory and written as a whole when some
 * have changed. A file that is older than it could be costs a longer recovery, never data.
 */
export class Checkpoints {
  readonly #storage: Storage
  readonly #files: Readonly<Record<CheckpointKind, File>>

  /** Reads what the last life has left. */
  constructor(storage: Storage) {
    this.#storage = storage
    const read = (kind: CheckpointKind): File => ({
      path: checkpointFiles[kind],
      entries: new Map(
        readOffsetCheckpoint(storage, checkpointFiles[kind]).map((entry) => [
          `${entry.topic}-${entry.partition}`,
          entry,
        ]),
      ),
      isDirty: false,
    })
    this.#files = {
      recoveryPoint: read('recoveryPoint'),
      logStart: read('logStart'),
      replication: read('replication'),
      cleaner: read('cleaner'),
    }
  }

  get(kind: CheckpointKind, directory: string): number | undefined {
    return this.#files[kind].entries.get(directory)?.offset
  }

  /** Notes an offset, or with undefined that there is none. */
  set(kind: CheckpointKind, partition: CheckpointedPartition, offset: number | undefined): void {
    const file = this.#files[kind]
    const { topic, partition: index, directory } = partition
    if (file.entries.get(directory)?.offset === offset) return
    file.isDirty = true
    if (offset === undefined) file.entries.delete(directory)
    else file.entries.set(directory, { topic, partition: index, offset })
  }

  /** The partition is gone. */
  forget(directory: string): void {
    for (const file of Object.values(this.#files)) {
      if (file.entries.delete(directory)) file.isDirty = true
    }
  }

  /** Writes every file that has changed and waits for the device. */
  writeAll(): void {
    for (const file of Object.values(this.#files)) {
      if (!file.isDirty) continue
      file.isDirty = false
      writeOffsetCheckpoint(this.#storage, file.path, file.entries.values())
    }
  }

  /** Writes the files that have changed without holding up the process. */
  async write(kinds: readonly CheckpointKind[]): Promise<void> {
    const storage = this.#storage
    const changed = kinds.map((kind) => this.#files[kind]).filter(({ isDirty }) => isDirty)
    for (const file of changed) {
      file.isDirty = false
      const text = formatOffsetCheckpoint(file.entries.values())
      storage.writeAll(temporary(file), text, { sync: false })
    }
    try {
      await storage.syncFiles(changed.map(temporary))
      for (const file of changed) storage.rename(temporary(file), file.path)
    } catch (error) {
      for (const file of changed) file.isDirty = true
      throw error
    }
  }
}

const temporary = ({ path }: File): string => `${path}.next`
