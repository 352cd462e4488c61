import { Produce, type ProduceRequestInput, type ProduceResponse } from '@ottla/protocol'
import type { Pattern } from '../match/index.js'
import type { RuleContext } from '../rules/rule-context.js'
import type { Topic } from './create-topic.js'

/** Where a batch goes, and how. */
export interface ProduceRequestOptions {
  /** Default 0. */
  readonly partition?: number
  /** Default -1. */
  readonly acks?: number
}

/** A Produce request with one batch, or whatever stands in its place, for one partition. */
export function produceRequest(
  topic: Topic,
  records: Uint8Array | null,
  { partition = 0, acks = -1 }: ProduceRequestOptions = {},
): ProduceRequestInput {
  const partitionData = [{ index: partition, records }]
  const topicData = [{ name: topic.name, topicId: topic.id, partitionData }]
  return { transactionalId: null, acks, timeoutMs: 5000, topicData }
}

/** Sends a batch to the leader of its partition, at the version of the rule, and gives the whole answer. */
export async function tryProduce(
  t: RuleContext,
  topic: Topic,
  records: Uint8Array | null,
  options: ProduceRequestOptions = {},
): Promise<ProduceResponse> {
  const leader = await t.leader(topic.name, options.partition)
  return leader.ask(Produce, produceRequest(topic, records, options))
}

/** What an answer to {@link tryProduce} says of its one partition. */
export function produced(
  topic: Topic,
  partition: Pattern<ProduceResponse['responses'][number]['partitionResponses'][number]>,
): Pattern<ProduceResponse> {
  const place = { name: topic.name, topicId: topic.id }
  return { responses: [{ ...place, partitionResponses: [partition] }], throttleTimeMs: 0 }
}
