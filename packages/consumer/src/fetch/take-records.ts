import { type FetchResponse, WireError } from '@ottla/protocol'
import type { ResolvedConsumerOptions } from '../options.js'
import { formatPartition } from '../topic-partition.js'
import type { AssignedPartition } from './assigned-partition.js'
import { FetchedChunk } from './fetched-chunk.js'

/** What a fetch response says of one partition. */
export type PartitionAnswer = FetchResponse['responses'][number]['partitions'][number]

/**
 * Adds what was fetched to a partition's buffer; the next fetch begins after it.
 *
 * @throws CorruptRecordsError, or WireError for bytes that hold no whole batch: the same would be fetched for ever.
 */
export const takeRecords = (
  partition: AssignedPartition,
  fetchOffset: number,
  answer: PartitionAnswer,
  options: Pick<ResolvedConsumerOptions, 'checkCrcs' | 'fetchMaxBytes' | 'isolationLevel'>,
): void => {
  const { checkCrcs, fetchMaxBytes, isolationLevel } = options
  const { topic, partition: number, highWatermark } = partition
  const bytes = answer.records ?? new Uint8Array(0)
  const isCommittedOnly = isolationLevel === 'read_committed'
  const abortedTransactions = isCommittedOnly ? (answer.abortedTransactions ?? []) : undefined
  const chunk = new FetchedChunk(
    { topic, partition: number, bytes, fetchOffset, highWatermark, abortedTransactions },
    { checkCrcs, maxDecompressedBytes: fetchMaxBytes },
  )
  if (chunk.endOffset === fetchOffset) {
    throw new WireError({
      message: `${bytes.length} bytes were fetched of ${formatPartition(partition)} at offset ${fetchOffset} without one whole batch that goes beyond it`,
      messageName: 'FetchResponse',
    })
  }
  partition.addChunk(chunk)
  partition.fetchOffset = chunk.endOffset
  if (chunk.endEpoch >= 0) partition.fetchEpoch = chunk.endEpoch
}
