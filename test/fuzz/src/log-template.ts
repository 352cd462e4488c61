import {
  type Log,
  memoryStorage,
  openLog,
  type Storage,
  writeCleanShutdown,
  writeMetaProperties,
  writeOffsetCheckpoint,
  writePartitionMetadata,
} from '@ottla/log'
import { encodeRecordBatch, encodeTransactionMarker } from '@ottla/protocol'

/** The partition of the template. */
export const directory = 'p-0'
/** Small segments, and an index entry for every few batches. */
export const logConfig = { segmentBytes: 600, indexIntervalBytes: 120 }

const recoveryPoint = 'recovery-point-offset-checkpoint'
const uuid = '0a1b2c3d-4e5f-4061-8273-8495a6b7c8d9'

/** A data directory with one partition: several segments, two producers, a transaction that was aborted, two epochs. */
export interface LogTemplate {
  /** By path inside the data directory. */
  readonly files: ReadonlyMap<string, Uint8Array>
  /** Every batch: the file it is in, where it ends there, and its records. */
  readonly batches: readonly { file: string; end: number; values: readonly string[] }[]
}

/** Appends what the template holds. */
function fill(log: Log): void {
  const origin = { nowMs: 1000, origin: 'client' } as const
  for (let index = 0; index < 12; index++) {
    const records = [0, 1].map((part) => ({
      value: `value-${index}-${part}`,
      timestamp: 1000 + index,
    }))
    const compression = index % 5 === 4 ? 'gzip' : 'none'
    const isTransactional = index === 6
    const producer = { producerId: isTransactional ? 8n : 7n, producerEpoch: 0 }
    const baseSequence = isTransactional ? 0 : 2 * (index > 6 ? index - 1 : index)
    const batch = encodeRecordBatch({
      records,
      compression,
      isTransactional,
      ...producer,
      baseSequence,
    })
    log.append(batch, { ...origin, leaderEpoch: index < 5 ? 1 : 3 })
    if (!isTransactional) continue
    const marker = encodeTransactionMarker({
      ...producer,
      commit: false,
      coordinatorEpoch: 0,
      timestamp: 1006,
    })
    log.append(marker, { leaderEpoch: 3, nowMs: 1000, origin: 'coordinator' })
  }
}

/** Makes the template, in memory. */
export function makeTemplate(): LogTemplate {
  const storage = memoryStorage()
  const log = openLog({ storage, directory, config: logConfig, nowMs: 1000 })
  fill(log)
  log.close()
  writePartitionMetadata(storage, directory, uuid)
  writeMetaProperties(storage, {
    clusterId: 'abcdefghijklmnopqrstuv',
    nodeId: 1,
    directoryId: uuid,
  })
  writeOffsetCheckpoint(storage, recoveryPoint, [{ topic: 'p', partition: 0, offset: 7 }])
  writeCleanShutdown(storage, 3)
  const files = new Map<string, Uint8Array>()
  for (const folder of ['', directory]) {
    for (const name of storage.list(folder)) {
      if (name === directory) continue
      const path = folder === '' ? name : `${folder}/${name}`
      files.set(path, Uint8Array.from(storage.readAll(path)))
    }
  }
  return { files, batches: batchesOf(files) }
}

function batchesOf(files: ReadonlyMap<string, Uint8Array>): LogTemplate['batches'] {
  const found: { file: string; end: number; values: string[] }[] = []
  let index = 0
  for (const file of [...files.keys()].filter((path) => path.endsWith('.log')).sort()) {
    const bytes = Buffer.from(files.get(file) ?? [])
    for (let at = 0; at < bytes.length; index++) {
      at += 12 + bytes.readInt32BE(at + 8)
      const number = index > 6 ? index - 1 : index
      const values = index === 7 ? [] : [`value-${number}-0`, `value-${number}-1`]
      found.push({ file, end: at, values })
    }
  }
  return found
}

/** The files in a storage of their own, one of them changed. */
export function storageWith(template: LogTemplate, changed: string, bytes: Uint8Array): Storage {
  const storage = memoryStorage()
  storage.makeDirectory(directory)
  for (const [path, content] of template.files) storage.writeAll(path, content)
  storage.writeAll(changed, bytes)
  return storage
}
