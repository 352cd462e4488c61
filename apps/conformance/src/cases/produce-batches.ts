import {
  batchLayout as at,
  type CompressionName,
  CreateTopics,
  compressionNames,
  crc32c,
  ErrorCode,
  encodeMessageSet,
  encodeRecordBatch,
  Fetch,
  Produce,
  type RecordInput,
} from '@ottla/protocol'
import { absent } from '../match/index.js'
import { documents, topicConfigDocument } from '../rules/documents.js'
import { type Rule, rule } from '../rules/rule.js'
import {
  batchesIn,
  createLog,
  fetch,
  fetched,
  newest,
  produced,
  tryProduce,
  values,
  valuesIn,
} from '../steps/index.js'

const FORMAT = documents.recordBatch
const KIP_98 = 'KIP-98: Exactly Once Delivery and Transactional Messaging'
const SERVED = { min: 3 } as const

const batchOf = (...texts: readonly string[]) => encodeRecordBatch({ records: values(...texts) })
const REFUSED = { baseOffset: -1n, logAppendTimeMs: -1n }

/** A batch with bytes changed, and its checksum made right again. */
function changed(batch: Uint8Array, change: (view: DataView) => void): Uint8Array {
  const bytes = Uint8Array.from(batch)
  const view = new DataView(bytes.buffer)
  change(view)
  view.setUint32(at.crc, crc32c(bytes.subarray(at.attributes)))
  return bytes
}

const concatenated = (...parts: readonly Uint8Array[]) => Uint8Array.from(Buffer.concat(parts))

interface Refused {
  readonly id: string
  readonly is: string
  readonly error: 'CORRUPT_MESSAGE' | 'INVALID_RECORD' | 'UNSUPPORTED_COMPRESSION_TYPE'
  readonly source?: string
  readonly versions?: { readonly min: number; readonly max?: number }
  readonly records: () => Uint8Array
}

const refused: readonly Refused[] = [
  {
    id: 'wrong-crc',
    is: 'A batch whose bytes do not fit its checksum',
    error: 'CORRUPT_MESSAGE',
    records: () => {
      const bytes = Uint8Array.from(batchOf('abc'))
      bytes[bytes.length - 2] = 0x21
      return bytes
    },
  },
  {
    id: 'wrong-stored-crc',
    is: 'A batch whose checksum was changed',
    error: 'CORRUPT_MESSAGE',
    records: () => {
      const bytes = Uint8Array.from(batchOf('abc'))
      bytes[at.crc] = (bytes[at.crc] ?? 0) ^ 0x80
      return bytes
    },
  },
  {
    id: 'too-short-length',
    is: 'A batch whose length is shorter than the header of a batch',
    error: 'CORRUPT_MESSAGE',
    records: () => changed(batchOf('abc'), (view) => view.setInt32(at.length, 20)),
  },
  {
    id: 'no-batch',
    is: 'Records of no bytes',
    error: 'INVALID_RECORD',
    source: KIP_98,
    records: () => new Uint8Array(0),
  },
  {
    id: 'two-batches',
    is: 'More than one batch for a partition',
    error: 'INVALID_RECORD',
    source: KIP_98,
    records: () => concatenated(batchOf('a'), batchOf('b')),
  },
  {
    id: 'magic-0',
    is: 'A message set of magic 0',
    error: 'INVALID_RECORD',
    source: KIP_98,
    records: () => encodeMessageSet({ magic: 0, records: values('a') }),
  },
  {
    id: 'magic-1',
    is: 'A message set of magic 1',
    error: 'INVALID_RECORD',
    source: KIP_98,
    records: () => encodeMessageSet({ magic: 1, records: values('a') }),
  },
  {
    id: 'no-records',
    is: 'A batch without records',
    error: 'INVALID_RECORD',
    records: () => encodeRecordBatch({ records: [], lastOffsetDelta: 0 }),
  },
  {
    id: 'count-too-high',
    is: 'A batch that counts more records than it has',
    error: 'INVALID_RECORD',
    records: () => changed(batchOf('a', 'b'), (view) => view.setInt32(at.recordCount, 3)),
  },
  {
    id: 'count-too-low',
    is: 'A batch that counts fewer records than it has',
    error: 'INVALID_RECORD',
    records: () => changed(batchOf('a', 'b'), (view) => view.setInt32(at.recordCount, 1)),
  },
  {
    id: 'last-offset-delta-too-high',
    is: 'A batch whose last offset delta is not that of its last record',
    error: 'INVALID_RECORD',
    records: () => changed(batchOf('a', 'b'), (view) => view.setInt32(at.lastOffsetDelta, 5)),
  },
  {
    id: 'gap-in-offsets',
    is: 'A batch whose records leave out an offset',
    error: 'INVALID_RECORD',
    records: () => encodeRecordBatch({ records: [{ value: 'a' }, { value: 'b', offsetDelta: 2 }] }),
  },
  {
    id: 'gap-in-offsets-compressed',
    is: 'A compressed batch whose records leave out an offset',
    error: 'INVALID_RECORD',
    records: () =>
      encodeRecordBatch({
        records: [{ value: 'a' }, { value: 'b', offsetDelta: 2 }],
        compression: 'gzip',
      }),
  },
  {
    id: 'base-offset-not-0',
    is: 'A batch whose offsets do not begin with 0',
    error: 'INVALID_RECORD',
    records: () => encodeRecordBatch({ records: values('a'), baseOffset: 77n }),
  },
  {
    id: 'control-batch',
    is: 'A control batch, which brokers alone may write,',
    error: 'INVALID_RECORD',
    source: KIP_98,
    records: () =>
      encodeRecordBatch({ records: [{ key: '\0\0\0\x01', value: 'a' }], isControl: true }),
  },
  {
    id: 'producer-id-without-sequence',
    is: 'A batch with a producer id and no sequence',
    error: 'INVALID_RECORD',
    source: KIP_98,
    records: () =>
      encodeRecordBatch({
        records: values('a'),
        producerId: 4_000_000_000n,
        producerEpoch: 0,
        baseSequence: -1,
      }),
  },
  {
    id: 'zstd-before-version-7',
    is: 'Before version 7 a batch compressed with zstd',
    error: 'UNSUPPORTED_COMPRESSION_TYPE',
    source: 'KIP-110: Add Codec for ZStandard Compression',
    versions: { min: 3, max: 6 },
    records: () => encodeRecordBatch({ records: values('a'), compression: 'zstd' }),
  },
]

const someRecords: readonly RecordInput[] = [
  { key: 'key', value: 'value', timestamp: 1_700_000_000_000, headers: [['name', 'header']] },
  { key: null, value: 'no key', timestamp: 1_700_000_000_007 },
  { key: 'tombstone', value: null, timestamp: 1_699_999_999_999 },
  {
    key: '',
    value: '',
    timestamp: 1_700_000_000_001,
    headers: [
      ['', null],
      ['twice', ''],
      ['twice', 'ü'],
    ],
  },
  { key: 'long', value: 'long '.repeat(2000), timestamp: 1_700_000_000_002 },
]

const plain = (record: {
  key?: unknown
  value: unknown
  headers?: readonly unknown[]
  timestamp?: number
}) => ({
  key: record.key === null || record.key === undefined ? null : String(record.key),
  value: record.value === null ? null : String(record.value),
  headers: (record.headers ?? []).map((header) =>
    (header as unknown[]).map((part) => (part === null ? null : String(part))),
  ),
  timestamp: record.timestamp ?? -1,
})

const codecs = Object.values(compressionNames).map((codec) => ({
  codec,
  min: codec === 'zstd' ? 7 : 3,
}))

/** Rules of Produce: which batches are taken, and what becomes of them. */
export const rules: readonly Rule[] = [
  ...refused.map(({ id, is, error, source = FORMAT, versions = SERVED, records }) =>
    rule({
      id: `produce.refuses-${id}`,
      says: `${is} is refused with ${error}; nothing is written.`,
      source,
      apis: [Produce, Fetch, CreateTopics],
      topic: 'records',
      versions,
      run: async (t) => {
        const topic = await createLog(t)
        t.expect(
          await tryProduce(t, topic, records()),
          produced(topic, { index: 0, errorCode: ErrorCode[error], ...REFUSED }),
        )
        t.expect(await fetch(t, topic), fetched(topic, { highWatermark: 0n, records: absent }))
      },
    }),
  ),
  ...codecs.map(({ codec, min }) =>
    rule({
      id: `produce.keeps-${codec}`,
      says: `A batch with compression ${codec} is stored as it is: keys, values, headers, nulls, timestamps and codec.`,
      source: topicConfigDocument('compression.type'),
      apis: [Produce, Fetch, CreateTopics],
      topic: 'records',
      versions: { min },
      run: async (t) => {
        const topic = await createLog(t)
        await tryProduce(t, topic, batchOf('before'))
        const batch = encodeRecordBatch({ records: someRecords, compression: codec })
        t.expect(
          await tryProduce(t, topic, batch),
          produced(topic, { index: 0, errorCode: 0, baseOffset: 1n }),
        )
        const [, found] = batchesIn(await fetch(t, topic, {}, newest(t, Fetch)))
        t.equal(found?.compression, codec, 'compression of the batch')
        t.equal(found?.crc, crc32c(batch.subarray(at.attributes)), 'checksum of the batch')
        t.equal([...(found ?? [])].map(plain), someRecords.map(plain), 'records')
        const offsets = [...(found ?? [])].map(({ offset }) => offset)
        t.equal(offsets, [1n, 2n, 3n, 4n, 5n], 'offsets')
      },
    }),
  ),
  ...(['gzip', 'snappy', 'lz4', 'zstd', 'uncompressed'] as const).flatMap((wanted) =>
    (['none', 'gzip', 'snappy'] as const)
      .filter((given) => given !== wanted && !(wanted === 'uncompressed' && given === 'none'))
      .map((given) =>
        rule({
          id: `produce.recompresses-${given}-to-${wanted}`,
          says: `On a topic with compression.type ${wanted}, a batch with compression ${given} is stored ${wanted}.`,
          source: topicConfigDocument('compression.type'),
          apis: [Produce, Fetch, CreateTopics],
          topic: 'records',
          versions: 'newest',
          run: async (t) => {
            const topic = await createLog(t, { configs: { 'compression.type': wanted } })
            await tryProduce(
              t,
              topic,
              encodeRecordBatch({ records: someRecords, compression: given }),
            )
            const [found] = batchesIn(await fetch(t, topic))
            const codec: CompressionName = wanted === 'uncompressed' ? 'none' : wanted
            t.equal(found?.compression, codec, 'compression of the batch')
            t.equal([...(found ?? [])].map(plain), someRecords.map(plain), 'records')
          },
        }),
      ),
  ),
  rule({
    id: 'produce.sets-offset-and-epoch',
    says: 'The broker writes its own base offset and the leader’s epoch into the batch; the rest stays byte for byte.',
    source: FORMAT,
    apis: [Produce, Fetch, CreateTopics],
    topic: 'records',
    versions: SERVED,
    run: async (t) => {
      const topic = await createLog(t)
      await tryProduce(t, topic, batchOf('before'))
      const batch = encodeRecordBatch({
        records: values('a', 'b'),
        partitionLeaderEpoch: 99,
      })
      t.expect(
        await tryProduce(t, topic, batch),
        produced(topic, { index: 0, errorCode: 0, baseOffset: 1n }),
      )
      const answer = await fetch(t, topic, { fetchOffset: 1n })
      const [found] = batchesIn(answer)
      t.equal(found?.baseOffset, 1n, 'base offset of the batch')
      t.equal(found?.partitionLeaderEpoch, 0, 'leader epoch of the batch')
      const records = answer.responses[0]?.partitions[0]?.records ?? new Uint8Array(0)
      t.equal(records.subarray(at.magic), batch.subarray(at.magic), 'the batch from its magic on')
    },
  }),
  rule({
    id: 'produce.message-too-large',
    says: 'A batch larger than max.message.bytes is refused with MESSAGE_TOO_LARGE.',
    source: topicConfigDocument('max.message.bytes'),
    apis: [Produce, CreateTopics],
    topic: 'boundaries',
    versions: SERVED,
    run: async (t) => {
      const topic = await createLog(t, { configs: { 'max.message.bytes': '1000' } })
      t.expect(
        await tryProduce(t, topic, batchOf('x'.repeat(1000))),
        produced(topic, { index: 0, errorCode: ErrorCode.MESSAGE_TOO_LARGE, ...REFUSED }),
      )
    },
  }),
  ...[0, 1].map((over) =>
    rule({
      id: `produce.max-message-bytes-${over === 0 ? 'exactly' : 'plus-1'}`,
      says: `A batch ${over === 0 ? 'of exactly max.message.bytes, header included, is taken' : 'one byte above max.message.bytes is refused'}.`,
      source: topicConfigDocument('max.message.bytes'),
      apis: [Produce, CreateTopics],
      topic: 'boundaries',
      versions: 'newest',
      run: async (t) => {
        const batch = batchOf('x'.repeat(500))
        const limit = String(batch.length - over)
        const topic = await createLog(t, { configs: { 'max.message.bytes': limit } })
        const expected =
          over === 0
            ? { errorCode: ErrorCode.NONE, baseOffset: 0n }
            : { errorCode: ErrorCode.MESSAGE_TOO_LARGE, ...REFUSED }
        t.expect(await tryProduce(t, topic, batch), produced(topic, expected))
      },
    }),
  ),
  rule({
    id: 'produce.limit-is-of-compressed-size',
    says: 'max.message.bytes is about the batch as compressed.',
    source: topicConfigDocument('max.message.bytes'),
    apis: [Produce, Fetch, CreateTopics],
    topic: 'boundaries',
    versions: SERVED,
    run: async (t) => {
      const topic = await createLog(t, { configs: { 'max.message.bytes': '1000' } })
      const text = 'x'.repeat(20_000)
      const batch = encodeRecordBatch({ records: values(text), compression: 'gzip' })
      t.expect(
        await tryProduce(t, topic, batch),
        produced(topic, { index: 0, errorCode: 0, baseOffset: 0n }),
      )
      t.equal(valuesIn(await fetch(t, topic)), [text], 'values in the log')
    },
  }),
  rule({
    id: 'produce.batch-larger-than-segment',
    says: 'A batch larger than segment.bytes is refused with RECORD_LIST_TOO_LARGE.',
    source: topicConfigDocument('segment.bytes'),
    apis: [Produce, CreateTopics],
    topic: 'boundaries',
    versions: 'newest',
    run: async (t) => {
      const configs = { 'segment.bytes': '1048576', 'max.message.bytes': '3000000' }
      const topic = await createLog(t, { configs })
      t.expect(
        await tryProduce(t, topic, batchOf('x'.repeat(1_100_000))),
        produced(topic, { index: 0, errorCode: ErrorCode.RECORD_LIST_TOO_LARGE, ...REFUSED }),
      )
    },
  }),
  rule({
    id: 'produce.compacted-needs-keys',
    says: 'A record without a key is refused by a compacted topic: INVALID_RECORD.',
    source: topicConfigDocument('cleanup.policy'),
    apis: [Produce, CreateTopics],
    topic: 'records',
    versions: SERVED,
    run: async (t) => {
      const topic = await createLog(t, { configs: { 'cleanup.policy': 'compact' } })
      t.expect(
        await tryProduce(t, topic, batchOf('a')),
        produced(topic, { index: 0, errorCode: ErrorCode.INVALID_RECORD, ...REFUSED }),
      )
      t.expect(
        await tryProduce(t, topic, encodeRecordBatch({ records: [{ key: '', value: 'a' }] })),
        produced(topic, { index: 0, errorCode: 0, baseOffset: 0n }),
      )
    },
  }),
  ...[
    { id: 'after-max', config: 'message.timestamp.after.max.ms', ago: -7_200_000 },
    { id: 'before-max', config: 'message.timestamp.before.max.ms', ago: 7_200_000 },
  ].flatMap(({ id, config, ago }) =>
    [true, false].map((within) =>
      rule({
        id: `produce.timestamp-${id}-${within ? 'within' : 'exceeded'}`,
        says: `A timestamp two hours ${ago < 0 ? 'ahead' : 'ago'} is ${within ? 'taken' : 'refused with INVALID_TIMESTAMP'} where ${config} is ${within ? 'three hours' : 'one'}.`,
        source: 'KIP-937: Improve Message Timestamp Validation',
        apis: [Produce, CreateTopics],
        topic: 'timestamps',
        versions: SERVED,
        run: async (t) => {
          const topic = await createLog(t, {
            configs: { [config]: within ? '10800000' : '3600000' },
          })
          const records = [{ value: 'a', timestamp: Date.now() - ago }]
          const expected = within
            ? { errorCode: ErrorCode.NONE, baseOffset: 0n }
            : { errorCode: ErrorCode.INVALID_TIMESTAMP, ...REFUSED }
          t.expect(
            await tryProduce(t, topic, encodeRecordBatch({ records })),
            produced(topic, { index: 0, ...expected }),
          )
        },
      }),
    ),
  ),
]
