import {
  CreateTopics,
  DeleteTopics,
  ErrorCode,
  ListOffsets,
  Metadata,
  ZERO_UUID,
} from '@ottla/protocol'
import type { RuleContext } from '../rules/rule-context.js'
import { forSetUp } from './newest.js'

/** What topic to create. */
export interface TopicOptions {
  /** Default: a name of its own. */
  readonly name?: string
  /** Default 1. */
  readonly partitions?: number
  /** Default 1. */
  readonly replicationFactor?: number
  readonly configs?: Readonly<Record<string, string>>
}

/** A topic made for a rule. */
export interface Topic {
  readonly name: string
  /** All zeros where the target has no topic ids. */
  readonly id: string
}

/** Creates a topic, waits until every partition is served, and deletes it at the end of the rule. */
export async function createTopic(t: RuleContext, options: TopicOptions = {}): Promise<Topic> {
  const { name = t.name('topic'), partitions = 1, replicationFactor = 1, configs = {} } = options
  const answer = await t.client.ask(
    CreateTopics,
    {
      topics: [
        {
          name,
          numPartitions: partitions,
          replicationFactor,
          assignments: [],
          configs: Object.entries(configs).map(([name, value]) => ({ name, value })),
        },
      ],
      timeoutMs: t.deadlineMs,
      validateOnly: false,
    },
    forSetUp(t, CreateTopics),
  )
  t.equal(answer.topics[0]?.errorCode, ErrorCode.NONE, `error of CreateTopics for ${name}`)
  t.discardTopic(name)
  const id = await untilServed(t, name, partitions)
  const sizes = sizesOf.get(t) ?? new Map<string, number>()
  sizesOf.set(t, sizes.set(id, partitions))
  return { name, id }
}

/** How many partitions each topic was created with, by its id. */
const sizesOf = new WeakMap<RuleContext, Map<string, number>>()

/** How many partitions a topic was created with, by its id; undefined for one that this rule did not create. */
export function createdPartitions(t: RuleContext, topicId: string): number | undefined {
  return sizesOf.get(t)?.get(topicId)
}

/** Deletes a topic; resolves when the broker has answered, whatever it says. */
export async function deleteTopic(t: RuleContext, name: string): Promise<void> {
  const timeoutMs = t.deadlineMs
  const request = { topics: [{ name, topicId: ZERO_UUID }], topicNames: [name], timeoutMs }
  const version = forSetUp(t, DeleteTopics)
  await t.client.ask(DeleteTopics, request, version)
}

/** Metadata names the leaders a moment before they know of it themselves. */
async function untilServed(t: RuleContext, name: string, partitions: number): Promise<string> {
  const { topicId, leaders } = await untilLed(t, name, partitions)
  for (const own of leaders.values()) {
    const leader = await t.leader(name, own[0])
    const asked = own.map((partitionIndex) => ({ partitionIndex, timestamp: -1n }))
    const topics = [{ name, partitions: asked }]
    const request = { replicaId: -1, isolationLevel: 0, topics, timeoutMs: t.deadlineMs }
    await t.until(`the logs of ${name}`, async () => {
      const answer = await leader.ask(ListOffsets, request, forSetUp(t, ListOffsets))
      return answer.topics[0]?.partitions.every(({ errorCode }) => errorCode === ErrorCode.NONE)
    })
  }
  return topicId
}

/** The partitions of each leader, once all have one. */
async function untilLed(t: RuleContext, name: string, partitions: number) {
  return t.until(`leaders of ${name}`, async () => {
    const request = { topics: [{ name }], allowAutoTopicCreation: false }
    const { topics } = await t.client.ask(Metadata, request, forSetUp(t, Metadata))
    const led = topics[0]?.partitions.filter((one) => one.errorCode === 0 && one.leaderId >= 0)
    if (led?.length !== partitions) return false
    const leaders = new Map<number, number[]>()
    for (const { leaderId, partitionIndex } of led) {
      leaders.set(leaderId, [...(leaders.get(leaderId) ?? []), partitionIndex])
    }
    return { topicId: topics[0]?.topicId ?? ZERO_UUID, leaders }
  })
}
