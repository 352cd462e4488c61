import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { decodeRecords, encodeRecordBatch, type RecordInput } from '@ottla/protocol'
import { diskStorage, type FetchSlice, memoryStorage, type Storage } from '../src/index.js'

/** A storage to test on and what takes it away again. */
export interface StorageCase {
  readonly name: string
  make(): { readonly storage: Storage; remove(): void }
}

/** The suites run on both. */
export const storageCases: readonly StorageCase[] = [
  { name: 'memory', make: () => ({ storage: memoryStorage(), remove: () => {} }) },
  {
    name: 'disk',
    make: () => {
      const root = mkdtempSync(join(tmpdir(), 'ottla-log-'))
      const storage = diskStorage(root)
      return {
        storage,
        remove: () => {
          storage.close()
          rmSync(root, { recursive: true, force: true })
        },
      }
    },
  },
]

/** What a test says about a batch besides its records. */
type BatchOptions = Omit<Parameters<typeof encodeRecordBatch>[0], 'records'>

/** A batch as a producer sends it; strings become records without a key. */
export const batchOf = (
  records: readonly (string | RecordInput)[],
  options: BatchOptions = {},
): Uint8Array =>
  encodeRecordBatch({
    ...options,
    records: records.map((record) =>
      typeof record === 'string' ? { value: record, timestamp: 1000 } : record,
    ),
  })

/** A batch of an idempotent producer. */
export const idempotent = (
  baseSequence: number,
  values: readonly string[],
  producer: { readonly id?: number; readonly epoch?: number } = {},
): Uint8Array =>
  batchOf(values, {
    producerId: BigInt(producer.id ?? 7),
    producerEpoch: producer.epoch ?? 0,
    baseSequence,
  })

/** Offset and value of each record, as text. */
export function readBack(slice: FetchSlice): string[] {
  const found: string[] = []
  for (const batch of decodeRecords(slice.bytes, { allowPartial: false })) {
    for (const { offset, value } of batch) found.push(`${offset}:${value?.toString() ?? 'null'}`)
  }
  return found
}

/** Numbers that look random and are the same for the same seed. */
export function seeded(seed: number): (below: number) => number {
  let state = seed >>> 0
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below
  }
}

/** A message of magic 1 with timestamp 7 and no key, as producers of Kafka 0.10 wrote it. */
export function messageOfMagic1(value: string, offset = 0): Buffer {
  const body = Buffer.alloc(18 + value.length)
  body.writeInt8(1, 0)
  body.writeInt8(0, 1)
  body.writeBigInt64BE(7n, 2)
  body.writeInt32BE(-1, 10)
  body.writeInt32BE(value.length, 14)
  body.write(value, 18)
  let crc = 0xffff_ffff
  for (const byte of body) {
    crc ^= byte
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1
  }
  const head = Buffer.alloc(16)
  head.writeBigInt64BE(BigInt(offset), 0)
  head.writeInt32BE(body.length + 4, 8)
  head.writeInt32BE(~crc | 0, 12)
  return Buffer.concat([head, body])
}
