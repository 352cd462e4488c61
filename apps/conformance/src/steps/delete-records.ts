import { DeleteRecords, ErrorCode } from '@ottla/protocol'
import type { RuleContext } from '../rules/rule-context.js'
import type { Topic } from './create-topic.js'
import { forSetUp } from './newest.js'

/** Deletes the records of a partition before an offset, as set-up. */
export async function deleteRecords(
  t: RuleContext,
  topic: Topic,
  offset: bigint,
  partitionIndex = 0,
): Promise<void> {
  const leader = await t.leader(topic.name, partitionIndex)
  const topics = [{ name: topic.name, partitions: [{ partitionIndex, offset }] }]
  const request = { topics, timeoutMs: t.deadlineMs }
  const answer = await leader.ask(DeleteRecords, request, forSetUp(t, DeleteRecords))
  const found = answer.topics[0]?.partitions[0]
  t.equal(found?.errorCode, ErrorCode.NONE, `error of DeleteRecords for ${topic.name}`)
}
