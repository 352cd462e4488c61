import {
  Fetch,
  type FetchRequestInput,
  type FetchResponse,
  type RecordBatchView,
} from '@ottla/protocol'
import type { AskOptions } from '../client/raw-client.js'
import type { Pattern } from '../match/index.js'
import type { RuleContext } from '../rules/rule-context.js'
import type { Topic } from './create-topic.js'
import { decodeBatches } from './decode-batches.js'

type RequestFields = Partial<Omit<FetchRequestInput, 'topics' | 'forgottenTopicsData'>>
type PartitionFields = Partial<FetchRequestInput['topics'][number]['partitions'][number]>

/** One partition to read from and the request around it; by default from offset 0, waiting for nothing. */
export interface FetchRequestOptions extends RequestFields, PartitionFields {}

/** The part of a Fetch request that names one partition. */
export function fetchPartition(
  topic: Topic,
  fields: PartitionFields = {},
): FetchRequestInput['topics'][number] {
  const partition = { partition: 0, fetchOffset: 0n, partitionMaxBytes: 1_048_576, ...fields }
  return { topic: topic.name, topicId: topic.id, partitions: [partition] }
}

/** A Fetch request for any number of topics. */
export function fetchOf(
  topics: FetchRequestInput['topics'],
  fields: RequestFields & Pick<Partial<FetchRequestInput>, 'forgottenTopicsData'> = {},
): FetchRequestInput {
  return { maxWaitMs: 0, minBytes: 1, topics, forgottenTopicsData: [], ...fields }
}

/** A Fetch request for one partition. */
export function fetchRequest(topic: Topic, options: FetchRequestOptions = {}): FetchRequestInput {
  const { partition, fetchOffset, partitionMaxBytes, currentLeaderEpoch, ...rest } = options
  const { lastFetchedEpoch, logStartOffset, replicaDirectoryId, highWatermark, ...request } = rest
  const fields = {
    partition: partition ?? 0,
    fetchOffset: fetchOffset ?? 0n,
    partitionMaxBytes: partitionMaxBytes ?? 1_048_576,
    currentLeaderEpoch: currentLeaderEpoch ?? -1,
    lastFetchedEpoch: lastFetchedEpoch ?? -1,
  }
  return fetchOf([fetchPartition(topic, fields)], request)
}

/** Reads one partition from its leader, at the version of the rule if it is about Fetch. */
export async function fetch(
  t: RuleContext,
  topic: Topic,
  options: FetchRequestOptions = {},
  ask: AskOptions = {},
): Promise<FetchResponse> {
  const leader = await t.leader(topic.name, options.partition)
  return leader.ask(Fetch, fetchRequest(topic, options), ask)
}

type PartitionPattern = Pattern<FetchResponse['responses'][number]['partitions'][number]>

/** What an answer to {@link fetch} says of its one partition. */
export function fetched(topic: Topic, partition: PartitionPattern): Pattern<FetchResponse> {
  const place = { topic: topic.name, topicId: topic.id }
  return { errorCode: 0, responses: [{ ...place, partitions: [partition] }] }
}

/** The batches of the first partition of an answer, checksums checked. */
export function batchesIn(answer: FetchResponse): RecordBatchView[] {
  const { records } = answer.responses[0]?.partitions[0] ?? {}
  return decodeBatches(records ?? null)
}

/** The values of all records of the first partition of an answer, as texts. */
export function valuesIn(answer: FetchResponse): (string | undefined)[] {
  return batchesIn(answer).flatMap((batch) => [...batch].map(({ value }) => value?.toString()))
}
