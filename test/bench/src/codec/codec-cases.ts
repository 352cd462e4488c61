import {
  fetchRequest,
  fetchResponse,
  heartbeatRequest,
  metadataResponse,
  offsetCommitRequest,
  produceRequest,
  produceResponse,
} from './samples.ts'

/** The codec under measurement: this tree's, or that of the base it is compared with. */
export type Protocol = typeof import('@ottla/protocol')

/** Something small that is measured. */
export interface CodecCase {
  readonly name: string
  /** What one unit of the figure is: `record`, `message`, `call`. */
  readonly unit: string
  /** Units in one call of what `make` gives. */
  readonly units: number
  /** Prepares everything and gives what is called again and again; its result is a number, so that nothing is optimised away. */
  readonly make: (protocol: Protocol) => () => number
  /** It is not of the codec: others are compared with it. */
  readonly isYardstick?: true
}

const largeMessage = 'Metadata 12 response, 240 partitions'

/** What the yardstick is held to. */
export const decodeLargeMessage = `decode ${largeMessage}`

/** How long Node's own parser, in C++, takes for the same content as text. */
export const yardstick: CodecCase = {
  name: 'JSON.parse of the same Metadata',
  unit: 'message',
  units: 1,
  isYardstick: true,
  make: () => {
    const text = JSON.stringify(metadataResponse)
    return () => (JSON.parse(text) === undefined ? 0 : 1)
  },
}

const batchRecords = 1000
const value = Buffer.alloc(100, 'v')
const key = Buffer.from('key-0001')
const timestamp = 1_700_000_000_000

function batchOf({ encodeRecordBatch }: Protocol): Uint8Array {
  const records = Array.from({ length: batchRecords }, (_, index) => ({
    key,
    value,
    timestamp: timestamp + (index >> 4),
  }))
  return encodeRecordBatch({ records })
}

function onlyBatch(protocol: Protocol, bytes: Uint8Array, checkCrc = false) {
  for (const batch of protocol.decodeRecords(bytes, { checkCrc })) return batch
  throw new Error('no batch')
}

const recordCases: readonly CodecCase[] = [
  {
    name: 'batch: build, with its checksum',
    unit: 'record',
    units: batchRecords,
    make: ({ RecordBatchBuilder }) => {
      const builder = new RecordBatchBuilder({ buffer: Buffer.allocUnsafeSlow(1 << 18) })
      return () => {
        builder.reset()
        for (let index = 0; index < batchRecords; index++) {
          builder.tryAppend(key, value, undefined, timestamp + (index >> 4))
        }
        return builder.finish().length
      }
    },
  },
  {
    name: 'batch: build of strings',
    unit: 'record',
    units: batchRecords,
    make: ({ RecordBatchBuilder }) => {
      const builder = new RecordBatchBuilder({ buffer: Buffer.allocUnsafeSlow(1 << 18) })
      const text = 'v'.repeat(100)
      return () => {
        builder.reset()
        for (let index = 0; index < batchRecords; index++) {
          builder.tryAppend(null, text, undefined, timestamp)
        }
        return builder.byteLength
      }
    },
  },
  {
    name: 'batch: read by cursor, values touched',
    unit: 'record',
    units: batchRecords,
    make: (protocol) => {
      const bytes = batchOf(protocol)
      return () => {
        const cursor = onlyBatch(protocol, bytes).records()
        let sum = 0
        while (cursor.next()) sum += cursor.value?.length ?? 0
        return sum
      }
    },
  },
  {
    name: 'batch: read as records, values touched, checksum compared',
    unit: 'record',
    units: batchRecords,
    make: (protocol) => {
      const bytes = batchOf(protocol)
      return () => {
        let sum = 0
        for (const record of onlyBatch(protocol, bytes, true).toArray()) {
          sum += (record.value?.length ?? 0) + record.offsetNumber
        }
        return sum
      }
    },
  },
]

const checksumCases: readonly CodecCase[] = [1024, 16_384, 102_400].map((bytes) => ({
  name: `CRC-32C of ${bytes / 1024} KB`,
  unit: 'call',
  units: 1,
  make: ({ crc32c }) => {
    const block = Buffer.alloc(bytes, 'ottla')
    return () => crc32c(block)
  },
}))

/** One to five bytes long, as lengths and deltas are: mostly short. */
const numbers = Array.from({ length: 1000 }, (_, index) =>
  index % 10 === 0 ? index * 1_000_003 : index % 100,
)

const varintCases: readonly CodecCase[] = [
  {
    name: 'varints: write',
    unit: 'number',
    units: numbers.length,
    make: ({ Writer }) => {
      const writer = new Writer()
      return () => {
        writer.reset()
        for (const number of numbers) writer.varint(number | 0)
        return writer.view().length
      }
    },
  },
  {
    name: 'varints: read',
    unit: 'number',
    units: numbers.length,
    make: ({ Reader, Writer }) => {
      const writer = new Writer()
      for (const number of numbers) writer.varint(number | 0)
      const bytes = writer.finish()
      return () => {
        const reader = new Reader(bytes)
        let sum = 0
        for (let count = 0; count < numbers.length; count++) sum += reader.varint()
        return sum
      }
    },
  },
]

/** A message of one version, written into a warm buffer and read back. */
interface AnyCodec {
  encode(input: unknown): Uint8Array
  decode(bytes: Uint8Array): unknown
}

const messages: readonly (readonly [string, (protocol: Protocol) => AnyCodec, unknown])[] = [
  [largeMessage, (p) => p.Metadata.response.at(12), metadataResponse],
  ['Fetch 13 request, 10 partitions', (p) => p.Fetch.request.at(13), fetchRequest],
  ['Fetch 13 response, 10 partitions', (p) => p.Fetch.response.at(13), fetchResponse],
  ['Produce 9 request, 6 partitions', (p) => p.Produce.request.at(9), produceRequest],
  ['Produce 9 response, 6 partitions', (p) => p.Produce.response.at(9), produceResponse],
  [
    'OffsetCommit 8 request, 12 partitions',
    (p) => p.OffsetCommit.request.at(8),
    offsetCommitRequest,
  ],
  ['Heartbeat 4 request', (p) => p.Heartbeat.request.at(4), heartbeatRequest],
]

const messageCases: readonly CodecCase[] = messages.flatMap(([name, codecOf, input]) => [
  {
    name: `encode ${name}`,
    unit: 'message',
    units: 1,
    make: (protocol) => {
      const codec = codecOf(protocol)
      return () => codec.encode(input).length
    },
  },
  {
    name: `decode ${name}`,
    unit: 'message',
    units: 1,
    make: (protocol) => {
      const codec = codecOf(protocol)
      const bytes = codec.encode(input)
      return () => (codec.decode(bytes) === undefined ? 0 : 1)
    },
  },
])

/** What producers, consumers and brokers spend their time in. */
export const codecCases: readonly CodecCase[] = [
  ...recordCases,
  ...checksumCases,
  ...varintCases,
  ...messageCases,
  yardstick,
]
