import { type Cluster, show } from '@ottla/network'
import { DeleteRecords, ErrorCode, InvalidArgumentError } from '@ottla/protocol'
import { checkTopicPartition } from './group-items.js'
import { byTopic, type OfPartition, readLeaderAnswers, retryLeaderItems } from './leader-items.js'
import type { OperationOptions } from './options.js'
import type { ItemResult } from './results.js'
import { resultsOf } from './retry-items.js'

/** Records to delete: those of a partition before an offset. */
export interface RecordsToDelete extends OfPartition {
  /** First offset to keep; `latest` deletes everything that consumers can see. */
  readonly before: bigint | number | 'latest'
}

/** What became of records to delete. */
export interface DeletedRecords extends ItemResult, OfPartition {
  /** The first offset that is left on every live replica; -1 when there is an error. */
  readonly lowWatermark: bigint
}

/** The protocol's way of saying: up to the high watermark. */
const highWatermark = -1n

const beyondEnd =
  "before lies beyond the partition's end (listOffsets tells it); 'latest' deletes all there is"

/** See `Admin.deleteRecords`. */
export const deleteRecords = async (
  cluster: Cluster,
  records: readonly RecordsToDelete[],
  options: OperationOptions = {},
): Promise<DeletedRecords[]> => {
  for (const item of records) check(item)
  const outcomes = await retryLeaderItems<RecordsToDelete, DeletedRecords>(
    cluster,
    'deleting records',
    records,
    options,
    async (node, open, { timeoutMs, signal }) => {
      const { response, version } = await cluster.request(
        DeleteRecords,
        {
          topics: byTopic(open, encode).map(([name, partitions]) => ({ name, partitions })),
          timeoutMs: Math.floor(timeoutMs),
        },
        { node, timeoutMs, signal },
      )
      return readLeaderAnswers(
        open,
        response.topics,
        { api: DeleteRecords.name, version, node },
        ({ topic, partition }, { lowWatermark }) => ({ topic, partition, lowWatermark }),
        (errorCode) => (errorCode === ErrorCode.OFFSET_OUT_OF_RANGE ? { advice: beyondEnd } : {}),
      )
    },
  )
  return resultsOf(records, outcomes, ({ topic, partition }, error) => ({
    topic,
    partition,
    lowWatermark: -1n,
    error,
  }))
}

const encode = ({ partition, before }: RecordsToDelete) => ({
  partitionIndex: partition,
  offset: before === 'latest' ? highWatermark : BigInt(before),
})

const check = (item: RecordsToDelete): void => {
  checkTopicPartition(item)
  const { topic, partition, before } = item
  if (before === 'latest') return
  const isOffset = typeof before === 'bigint' || Number.isSafeInteger(before)
  if (isOffset && before >= 0) return
  throw new InvalidArgumentError(
    `what to delete of ${topic}-${partition}: before must be the first offset to keep (from 0 on) or 'latest', not ${show(before)}`,
  )
}
