import {
  decodeRecords,
  type FetchResponse,
  type MetadataResponse,
  type ProduceResponse,
} from '@ottla/protocol'
import type { AnyApi } from '../client/any-api.js'
import { type Fault, withheld } from './fault.js'

const on =
  <Answer>(name: string, change: (answer: Answer) => Answer | undefined) =>
  (answer: unknown, api: AnyApi) =>
    api.name === name ? change(answer as Answer) : undefined

type FetchPartition = FetchResponse['responses'][number]['partitions'][number]

const onFetched = (change: (partition: FetchPartition) => FetchPartition) =>
  on<FetchResponse>('Fetch', (answer) => ({
    ...answer,
    responses: answer.responses.map((topic) => ({
      ...topic,
      partitions: topic.partitions.map(change),
    })),
  }))

type ProducedPartition = ProduceResponse['responses'][number]['partitionResponses'][number]

const onProduced = (change: (partition: ProducedPartition) => ProducedPartition) =>
  on<ProduceResponse>('Produce', (answer) => ({
    ...answer,
    responses: answer.responses.map((topic) => ({
      ...topic,
      partitionResponses: topic.partitionResponses.map(change),
    })),
  }))

function changeLast(records: Uint8Array | null, change: (copy: Uint8Array) => void) {
  if (records === null || records.length === 0) return records
  const copy = Uint8Array.from(records)
  change(copy)
  return copy
}

function withoutFirstBatch(records: Uint8Array | null): Uint8Array | null {
  if (records === null) return null
  const [first] = decodeRecords(records, { checkCrc: false })
  return first === undefined ? records : records.subarray(first.sizeInBytes)
}

const identity = (answer: unknown) => answer
const nothing = () => undefined
/** Rules that a bad request is answered or ends its connection: one or the other must happen. */
const SURVIVING = ['*.survives-truncated-body', '*.refuses-unknown-version']

const MOST_BYTES = 2 ** 31 - 1

/** Rules that answers can be decoded at all, whatever is in them. */
const DECODING = [
  '*.answers-in-its-shape',
  '*.ignores-unknown-tagged-field',
  'malformed.half-a-frame',
  'malformed.byte-by-byte',
]

interface Waiting {
  readonly maxWaitMs: number
  readonly minBytes: number
}

const onFetches =
  (change: (request: Waiting) => Waiting) =>
  (request: unknown, { name }: AnyApi) =>
    name === 'Fetch' || name === 'ShareFetch' ? change(request as Waiting) : undefined

/** Faults that no schema suggests: what brokers get wrong. Each is tried on the rules that ought to notice. */
export const handWrittenFaults: readonly Fault[] = [
  {
    name: 'an answer is never sent',
    ofWholeAnswers: true,
    isForEveryRule: true,
    rules: ['*.answers-in-its-shape', ...SURVIVING],
    apply: () => withheld,
  },
  {
    name: 'an answer carries another correlation id',
    ofWholeAnswers: true,
    isForEveryRule: true,
    rules: DECODING,
    apply: identity,
    damage: (frame) => {
      new DataView(frame.buffer, frame.byteOffset).setInt32(0, 2_000_000_000)
      return frame
    },
  },
  {
    name: 'an answer lacks its last byte',
    ofWholeAnswers: true,
    isForEveryRule: true,
    rules: DECODING,
    apply: identity,
    damage: (frame) => frame.subarray(0, -1),
  },
  {
    name: 'an answer has a byte too many',
    ofWholeAnswers: true,
    isForEveryRule: true,
    rules: DECODING,
    apply: identity,
    damage: (frame) => Uint8Array.from([...frame, 0]),
  },
  {
    name: 'a connection that the broker ends stays open',
    ofWholeAnswers: true,
    isForEveryRule: true,
    keepsOpen: true,
    rules: ['malformed.', '*closes', ...SURVIVING],
    apply: nothing,
  },
  {
    name: 'a fetch does not wait for data',
    isForEveryRule: true,
    rules: [
      'fetch.waits-',
      'fetch.wait-ends-on-data',
      'fetch.too-few-bytes-come-in-the-end',
      'fetch.unknown-partition-does-not-end-wait',
      'share-fetch.waits-for-records',
      'share-fetch.max-wait',
    ],
    apply: nothing,
    applyToRequest: onFetches((request) => ({ ...request, maxWaitMs: 0 })),
  },
  {
    name: 'a fetch waits to the end, although there is data',
    isForEveryRule: true,
    rules: ['fetch.wait-ends-on-data', 'fetch.min-bytes-', 'share-fetch.waits-for-records'],
    apply: nothing,
    applyToRequest: onFetches((request) => ({ ...request, minBytes: MOST_BYTES })),
  },
  {
    name: 'a batch is appended one offset further than it says',
    rules: ['produce.', 'list-offsets.'],
    apply: onProduced((one) => ({ ...one, baseOffset: one.baseOffset + 1n })),
  },
  {
    name: 'a fetched batch has a corrupted byte, so that its checksum is wrong',
    rules: ['fetch.', 'produce.'],
    apply: onFetched((one) => ({
      ...one,
      records: changeLast(one.records, (copy) => {
        copy[copy.length - 1] = (copy[copy.length - 1] ?? 0) ^ 0xff
      }),
    })),
  },
  {
    name: 'the first fetched batch is lost',
    rules: ['fetch.', 'produce.'],
    apply: onFetched((one) => ({ ...one, records: withoutFirstBatch(one.records) })),
  },
  {
    name: 'the list of aborted transactions is empty, so that their records leak',
    rules: ['fetch.aborted', 'end-txn.', 'add-partitions-to-txn.'],
    apply: onFetched((one) => ({ ...one, abortedTransactions: [] })),
  },
  {
    name: 'the last stable offset is the high watermark',
    rules: ['fetch.', 'end-txn.'],
    apply: onFetched((one) => ({ ...one, lastStableOffset: one.highWatermark })),
  },
  {
    name: 'leader epochs are stale',
    rules: ['metadata.new-topic-has-leader-epoch-0'],
    apply: on<MetadataResponse>('Metadata', (answer) => ({
      ...answer,
      topics: answer.topics.map((topic) => ({
        ...topic,
        partitions: topic.partitions.map((one) => ({ ...one, leaderEpoch: one.leaderEpoch - 1 })),
      })),
    })),
  },
  {
    name: 'topics that were deleted are still there',
    rules: ['metadata.deleted-topic-is-gone', 'metadata.unknown-topic'],
    apply: on<MetadataResponse>('Metadata', (answer) => ({
      ...answer,
      topics: answer.topics.map((topic) => ({ ...topic, errorCode: 0 })),
    })),
  },
]

/** Whether each rule that a fault written by hand is tried on has to notice it. */
export function isForEveryRule(name: string): boolean {
  return handWrittenFaults.some((fault) => fault.name === name && fault.isForEveryRule === true)
}
