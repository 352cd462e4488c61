import {
  ErrorCode,
  encodeRecordBatch,
  Produce,
  type RecordBatchInput,
  type RecordInput,
} from '@ottla/protocol'
import type { RuleContext } from '../rules/rule-context.js'
import type { Topic } from './create-topic.js'
import { forSetUp } from './newest.js'

/** Where and how to produce, and what a batch says besides its records. */
export interface ProduceStepOptions extends Partial<Omit<RecordBatchInput, 'records'>> {
  /** Default 0. */
  readonly partition?: number
  readonly acks?: number
  readonly transactionalId?: string
}

/** When the records of {@link values} were written: lately, so that no retention takes them. */
export const WRITTEN_AT: number = Date.now()

/** Records with these values and nothing else, written at {@link WRITTEN_AT}. */
export function values(...texts: readonly string[]): RecordInput[] {
  return texts.map((text) => ({
    key: null,
    value: Buffer.from(text),
    timestamp: WRITTEN_AT,
  }))
}

/**
 * Appends one batch, as set-up: at the newest version, through the partition's leader.
 * @returns the offset of its first record
 */
export async function produce(
  t: RuleContext,
  topic: Topic,
  records: readonly RecordInput[],
  options: ProduceStepOptions = {},
): Promise<bigint> {
  const { partition = 0, acks = -1, transactionalId = null, ...header } = options
  const leader = await t.leader(topic.name, partition)
  const batch = encodeRecordBatch({ records, ...header })
  const partitionData = [{ index: partition, records: batch }]
  const answer = await leader.ask(
    Produce,
    {
      transactionalId,
      acks,
      timeoutMs: t.deadlineMs,
      topicData: [{ name: topic.name, topicId: topic.id, partitionData }],
    },
    forSetUp(t, Produce),
  )
  const found = answer.responses[0]?.partitionResponses[0]
  t.equal(found?.errorCode, ErrorCode.NONE, `error of Produce to ${topic.name}-${partition}`)
  return found?.baseOffset ?? -1n
}
