import { systemClock } from '@ottla/network'
import { seededRandom } from '@ottla/network/simulation'
import { encodeRecordBatch, type RecordHeaderInput } from '@ottla/protocol'
import { Delivery } from '../delivery/delivery.js'
import type { RunSource } from '../delivery/run.js'
import { AssignedPartition } from '../fetch/assigned-partition.js'
import { FetchedChunk } from '../fetch/fetched-chunk.js'
import type { ConsumerRecord } from '../record.js'

/** A delivery and what feeds it. */
export interface Feed {
  readonly partitions: AssignedPartition[]
  readonly delivery: Delivery
  readonly source: RunSource
  /** Adds `count` records to a partition; with `keys`, their keys `k0`, `k1` … repeat after so many. All have `headers`. */
  readonly feed: (
    number: number,
    count: number,
    keys?: number,
    headers?: readonly RecordHeaderInput[],
  ) => void
  readonly errors: unknown[]
}

/** A delivery that is fed from pretended logs: record n of a partition has offset n. */
export const createFeed = (partitionCount: number, maxPollRecords = 5): Feed => {
  const partitions = Array.from({ length: partitionCount }, (_, number) =>
    Object.assign(new AssignedPartition('t', number), {
      isHeld: false,
      fetchOffset: 0,
      position: 0,
    }),
  )
  const errors: unknown[] = []
  const delivery: Delivery = new Delivery({
    onTaken: () => {},
    onDrained: () => {},
    onUnreadable: (partition, error) => {
      partition.refetch()
      delivery.fail(error)
      errors.push(error)
    },
  })
  const source: RunSource = {
    random: seededRandom(1),
    delivery,
    clock: systemClock,
    maxPollRecords,
    onRequest: () => {},
    signal: undefined,
    deserializer: undefined,
  }
  const feed: Feed['feed'] = (number, count, keys, headers = []) => {
    const partition = partitions[number] as AssignedPartition
    const fetchOffset = partition.fetchOffset as number
    const bytes = encodeRecordBatch({
      records: Array.from({ length: count }, (_, index) => ({
        key: keys === undefined ? null : `k${index % keys}`,
        value: 'v',
        headers,
      })),
      baseOffset: BigInt(fetchOffset),
    })
    const chunk = new FetchedChunk(
      { topic: 't', partition: number, bytes, fetchOffset, highWatermark: fetchOffset + count },
      { checkCrcs: true, maxDecompressedBytes: 1_000_000 },
    )
    partition.addChunk(chunk)
    partition.fetchOffset = chunk.endOffset
    delivery.offer(partition)
  }
  return { partitions, delivery, source, feed, errors }
}

/** The offset as a number. */
export const offsetOf = ({ offset }: ConsumerRecord): number => Number(offset)
