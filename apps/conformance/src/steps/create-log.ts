import { ErrorCode, ListOffsets } from '@ottla/protocol'
import type { RuleContext } from '../rules/rule-context.js'
import { createTopic, type Topic, type TopicOptions } from './create-topic.js'
import { newest } from './newest.js'

/**
 * Creates a topic whose records stay, however old their timestamps say they are, and waits until the
 * leaders serve it: metadata names a leader a moment before it knows of it itself.
 */
export async function createLog(t: RuleContext, options: TopicOptions = {}): Promise<Topic> {
  const configs = { 'retention.ms': '-1', ...options.configs }
  const topic = await createTopic(t, { ...options, configs })
  for (let partition = 0; partition < (options.partitions ?? 1); partition++) {
    await untilServed(t, topic.name, partition)
  }
  return topic
}

async function untilServed(t: RuleContext, name: string, partitionIndex: number): Promise<void> {
  const leader = await t.leader(name, partitionIndex)
  const topics = [{ name, partitions: [{ partitionIndex, timestamp: -1n }] }]
  const request = { replicaId: -1, isolationLevel: 0, topics, timeoutMs: t.deadlineMs }
  await t.until(`the log of ${name}-${partitionIndex}`, async () => {
    const answer = await leader.ask(ListOffsets, request, newest(t, ListOffsets))
    return answer.topics[0]?.partitions[0]?.errorCode === ErrorCode.NONE
  })
}
