import {
  batchLayout,
  type CompressionName,
  crc32c,
  decodeControlKey,
  decodeEndTransactionMarker,
  decodeRecords,
  encodeMessageSet,
  encodeRecordBatch,
  encodeTransactionMarker,
  logOverhead,
  patchBatch,
  type RecordBatchView,
  type RecordInput,
  type RecordView,
  readBatchHeader,
} from '@ottla/protocol'
import fc from 'fast-check'
import type { Fuzzer } from '../fuzzer.js'
import { labelled, readLabel } from '../label.js'
import { must, mustEqual, valueOrRefusal } from '../must.js'
import { mutated, rawBytes } from '../mutations.js'

const maxDecompressedBytes = 1 << 20

const bytes = fc.option(
  fc.oneof(
    fc.string({ maxLength: 20 }),
    fc.uint8Array({ maxLength: 40 }),
    fc.constant('x'.repeat(300)),
  ),
)
const record: fc.Arbitrary<RecordInput> = fc.record({
  key: bytes,
  value: bytes,
  headers: fc.array(fc.tuple(fc.string({ unit: 'binary', maxLength: 9 }), bytes), { maxLength: 2 }),
  timestamp: fc.oneof(fc.integer({ min: -1, max: 1000 }), fc.integer({ min: -1, max: 2 ** 52 })),
})
const records = fc.array(record, { minLength: 1, maxLength: 6 })
const baseOffset = fc.oneof(
  fc.bigInt({ min: 0n, max: 1000n }),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 100n }),
)

const batch = fc
  .record({
    records,
    baseOffset,
    compression: fc.constantFrom<CompressionName>('none', 'none', 'gzip', 'snappy', 'lz4', 'zstd'),
    timestampType: fc.constantFrom('CreateTime', 'LogAppendTime'),
    producerId: fc.bigInt({ min: -1n, max: 5n }),
    producerEpoch: fc.integer({ min: -1, max: 3 }),
    baseSequence: fc.constantFrom(-1, 0, 5, 0x7fffffff),
    isTransactional: fc.boolean(),
    partitionLeaderEpoch: fc.integer({ min: -1, max: 3 }),
  })
  .map((input) => encodeRecordBatch(input))

const marker = fc
  .record({
    commit: fc.boolean(),
    producerId: fc.bigInt({ min: 0n, max: 5n }),
    producerEpoch: fc.nat(5),
    coordinatorEpoch: fc.nat(5),
    timestamp: fc.nat(1000),
  })
  .map((input) => encodeTransactionMarker(input))

const bare = records.map((list) => list.map(({ headers: _, ...rest }) => rest))
const messageSet = fc
  .record({
    magic: fc.constantFrom<0 | 1>(0, 1),
    records: bare,
    baseOffset: fc.bigInt({ min: 0n, max: 1000n }),
    compression: fc.constantFrom('none', 'gzip', 'snappy', 'lz4'),
  })
  .map((input) => encodeMessageSet(input))

/** A message set of which one message holds a message set, which no writer of ours makes: compressed twice. */
const nestedSet = fc
  .tuple(messageSet, fc.constantFrom<0 | 1>(0, 1), fc.constantFrom('gzip', 'snappy', 'lz4'))
  .map(([inner, magic, compression]) => {
    const records = [{ key: null, value: inner, timestamp: 1 }]
    return encodeMessageSet({ magic, records, compression })
  })

const one = fc.oneof(batch, batch, marker, messageSet, nestedSet)
const sequence = fc
  .array(one, { minLength: 1, maxLength: 3 })
  .map((parts): Uint8Array => Buffer.concat(parts))

/** Length and CRC-32C made right again, so that what is behind them is reached. */
function repaired(input: Uint8Array): Buffer {
  const output = Buffer.from(input)
  if (output.length <= batchLayout.attributes) return output
  output.writeInt32BE(output.length - logOverhead, batchLayout.length)
  output.writeUInt32BE(crc32c(output, batchLayout.attributes, output.length), batchLayout.crc)
  return output
}

const inputs = fc.oneof(
  { arbitrary: sequence.map((all) => labelled('valid', all)), weight: 2 },
  { arbitrary: mutated(sequence).map((all) => labelled('any', all)), weight: 3 },
  { arbitrary: mutated(batch).map((all) => labelled('any', repaired(all))), weight: 5 },
  { arbitrary: rawBytes.map((all) => labelled('any', all)), weight: 1 },
)

interface Plain {
  readonly offset: bigint
  readonly timestamp: number
  readonly key: string | null
  readonly value: string | null
  readonly headers: readonly (readonly [string, string | null])[]
}

const hex = (value: Buffer | null): string | null => value?.toString('hex') ?? null

const plainOf = ({ offset, timestamp, key, value, headers }: RecordView): Plain => ({
  offset,
  timestamp,
  key: hex(key),
  value: hex(value),
  headers: headers.map(([name, inner]) => [name, hex(inner)]),
})

/** Looks at every field there is. */
function readHeader(view: RecordBatchView): void {
  valueOrRefusal(() => view.baseOffset + view.lastOffset + view.nextOffset + view.producerId)
  valueOrRefusal(() => view.baseOffsetNumber + view.maxTimestamp + view.baseTimestamp + view.count)
  valueOrRefusal(() => [view.compression, view.timestampType, view.lastSequence, view.crc])
  must(view.bytes.length === view.sizeInBytes, () => 'bytes and sizeInBytes differ')
}

/** A batch of magic 2 as read, written again and read again, is the same. */
function rewrite(view: RecordBatchView, read: readonly RecordView[]): void {
  const isNumber = valueOrRefusal(() => view.baseOffsetNumber + view.baseTimestamp) !== undefined
  if (view.magic !== 2 || view.timestampType !== 'CreateTime' || !isNumber) return
  const written = valueOrRefusal(() =>
    encodeRecordBatch({
      baseOffset: view.baseOffset,
      records: read,
      compression: view.compression,
      baseTimestamp: view.baseTimestamp,
    }),
  )
  if (written === undefined) return
  const [again] = decodeRecords(written, { maxDecompressedBytes: 64 << 20 })
  mustEqual(again?.toArray().map(plainOf), read.map(plainOf), 'records written again')
}

function readAll(body: Uint8Array, checkCrc: boolean): number {
  let batches = 0
  for (const view of decodeRecords(body, { checkCrc, maxDecompressedBytes })) {
    batches += 1
    readHeader(view)
    const read = valueOrRefusal(() => view.toArray())
    if (read === undefined) continue
    mustEqual([...view].map(plainOf), read.map(plainOf), 'read twice')
    if (view.isControl) for (const { key, value } of read) readControl(key, value)
    rewrite(view, read)
  }
  return batches
}

function readControl(key: Uint8Array | null, value: Uint8Array | null): void {
  if (key !== null) valueOrRefusal(() => decodeControlKey(key))
  if (value !== null) valueOrRefusal(() => decodeEndTransactionMarker(value))
}

function run(input: Uint8Array): void {
  const { words, body } = readLabel(input)
  if (words[0] === 'valid') {
    must(readAll(body, true) > 0, () => 'no batch in what a writer of ours wrote')
    return
  }
  valueOrRefusal(() => readAll(body, true))
  valueOrRefusal(() => readAll(body, false))
  const header = valueOrRefusal(() => readBatchHeader(body))
  if (header?.magic === 2)
    valueOrRefusal(() => patchBatch(Buffer.from(header.bytes), 0, { maxTimestamp: 5 }))
}

/** Record batches and message sets. */
export const recordBatches: Fuzzer = {
  inputs,
  batchRuns: 300,
  maxGrowthBytes: 32 * 1024 * 1024,
  run,
}
