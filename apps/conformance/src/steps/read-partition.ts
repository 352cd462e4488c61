import {
  ControlRecordType,
  decodeControlKey,
  ErrorCode,
  Fetch,
  type FetchResponse,
  type RecordBatchView,
} from '@ottla/protocol'
import { RuleBroken } from '../rules/rule-broken.js'
import type { RuleContext } from '../rules/rule-context.js'
import type { Topic } from './create-topic.js'
import { decodeBatches } from './decode-batches.js'
import { newest } from './newest.js'

type FetchedPartition = FetchResponse['responses'][number]['partitions'][number]

/** From where to read, and what is shown. */
export interface ReadOptions {
  /** Default 0. */
  readonly partition?: number
  /** Default 0. */
  readonly offset?: bigint
  /** Default `read_uncommitted`. */
  readonly isolation?: 'read_uncommitted' | 'read_committed'
  /** Default: the newest. */
  readonly version?: number
}

/** Fetches once from a partition's leader, without waiting for data, and gives the partition's answer. */
export async function readPartition(
  t: RuleContext,
  topic: Topic,
  options: ReadOptions = {},
): Promise<FetchedPartition> {
  const { partition = 0, offset = 0n, isolation, version = newest(t, Fetch).version } = options
  const leader = await t.leader(topic.name, partition)
  const partitions = [{ partition, fetchOffset: offset, partitionMaxBytes: 1_000_000 }]
  const request = {
    maxWaitMs: 0,
    minBytes: 0,
    maxBytes: 1_000_000,
    isolationLevel: isolation === 'read_committed' ? 1 : 0,
    topics: [{ topic: topic.name, topicId: topic.id, partitions }],
  }
  const answer = await leader.ask(Fetch, request, { version })
  const found = answer.responses[0]?.partitions[0]
  if (found === undefined) throw new RuleBroken(`No answer for ${topic.name}-${partition}.`)
  t.equal(found.errorCode, ErrorCode.NONE, `error of Fetch from ${topic.name}-${partition}`)
  return found
}

/** The batches of a fetched partition. */
export function batchesOf({ records }: FetchedPartition): readonly RecordBatchView[] {
  return decodeBatches(records)
}

/** What is in a fetched partition: values of records as text, markers as `COMMIT` and `ABORT`. */
export function textsOf(partition: FetchedPartition): readonly string[] {
  return batchesOf(partition).flatMap((batch) =>
    batch
      .toArray()
      .map(({ key, value }) =>
        batch.isControl ? markerName(key) : Buffer.from(value ?? []).toString(),
      ),
  )
}

function markerName(key: Uint8Array | null): string {
  const { type } = decodeControlKey(key)
  if (type === ControlRecordType.COMMIT) return 'COMMIT'
  return type === ControlRecordType.ABORT ? 'ABORT' : `control record of type ${type}`
}
