import {
  AlterPartitionReassignments,
  CreateTopics,
  ElectLeaders,
  ErrorCode,
  ListOffsets,
  type ListOffsetsRequestInput,
  Metadata,
  type MetadataResponse,
  type OffsetForLeaderEpochRequestInput,
} from '@ottla/protocol'
import { formatAddress } from '../client/address.js'
import type { RawClient } from '../client/raw-client.js'
import type { RuleContext } from '../rules/rule-context.js'
import { deleteTopic, type Topic } from './create-topic.js'
import { forSetUp } from './newest.js'
import { produce, values } from './produce.js'

/** A partition as Metadata has it. */
export type PartitionState = MetadataResponse['topics'][number]['partitions'][number]

/** A topic whose leader has changed. */
export interface LeaderChange {
  readonly topic: Topic
  /** The broker that led first. */
  readonly from: number
  /** The one that leads now. */
  readonly to: number
  /** The epoch of the first. */
  readonly old: number
  /** The epoch of the leader. */
  readonly epoch: number
  readonly leader: RawClient
}

/** The brokers of the target by id. */
export async function nodesOf(t: RuleContext): Promise<MetadataResponse['brokers']> {
  const request = { topics: [], allowAutoTopicCreation: false }
  const { brokers } = await t.client.ask(Metadata, request, forSetUp(t, Metadata))
  return [...brokers].sort((a, b) => a.nodeId - b.nodeId)
}

/** A connection of its own to one broker. */
export async function connectTo(t: RuleContext, nodeId: number): Promise<RawClient> {
  const node = (await nodesOf(t)).find((one) => one.nodeId === nodeId)
  if (node === undefined) throw new Error(`there is no broker ${nodeId}`)
  return t.connect({ address: formatAddress(node) })
}

/** Partition 0 of a topic, as a broker says; undefined while it knows of none. */
export async function partitionOf(
  t: RuleContext,
  topic: Topic,
  client: RawClient = t.client,
): Promise<PartitionState | undefined> {
  const request = { topics: [{ name: topic.name }], allowAutoTopicCreation: false }
  const { topics } = await client.ask(Metadata, request, forSetUp(t, Metadata))
  return topics[0]?.partitions[0]
}

/** Creates a topic of one partition on these brokers, the first of them its leader, and waits until all are in sync. */
export async function createReplicated(
  t: RuleContext,
  brokerIds: readonly number[],
  configs: Readonly<Record<string, string>> = {},
): Promise<Topic> {
  const name = t.name('topic')
  const place = { name, numPartitions: -1, replicationFactor: -1 }
  const assignments = [{ partitionIndex: 0, brokerIds: [...brokerIds] }]
  const pairs = Object.entries({ 'retention.ms': '-1', ...configs })
  const given = pairs.map(([key, value]) => ({ name: key, value }))
  const topics = [{ ...place, assignments, configs: given }]
  const request = { topics, timeoutMs: t.deadlineMs, validateOnly: false }
  const answer = await t.client.ask(CreateTopics, request, forSetUp(t, CreateTopics))
  t.equal(answer.topics[0]?.errorCode, ErrorCode.NONE, `error of CreateTopics for ${name}`)
  t.cleanUp(() => deleteTopic(t, name))
  const topic = { name, id: answer.topics[0]?.topicId ?? '' }
  await untilLedBy(t, topic, brokerIds[0] ?? -1, brokerIds.length)
  return topic
}

/** Waits until a broker leads a topic, and says so itself, with so many replicas in sync. */
export async function untilLedBy(
  t: RuleContext,
  topic: Topic,
  leaderId: number,
  inSync: number,
): Promise<PartitionState> {
  const leader = await connectTo(t, leaderId)
  const request = listOffsetsOf(topic, -1n)
  return t.until(`broker ${leaderId} to lead ${topic.name}`, async () => {
    for (const client of [t.client, leader]) {
      const seen = await partitionOf(t, topic, client)
      if (seen?.leaderId !== leaderId || seen.isrNodes.length < inSync) return false
    }
    const answer = await leader.ask(ListOffsets, request, forSetUp(t, ListOffsets))
    if (answer.topics[0]?.partitions[0]?.errorCode !== ErrorCode.NONE) return false
    return partitionOf(t, topic, leader)
  })
}

/** Gives partition 0 of a topic other replicas; resolves when the controller has taken it. */
export async function reassign(
  t: RuleContext,
  topic: Topic,
  replicas: readonly number[],
): Promise<void> {
  const partitions = [{ partitionIndex: 0, replicas: [...replicas] }]
  const request = { topics: [{ name: topic.name, partitions }], timeoutMs: t.deadlineMs }
  const options = forSetUp(t, AlterPartitionReassignments)
  const { responses } = await t.client.ask(AlterPartitionReassignments, request, options)
  const errorCode = responses[0]?.partitions[0]?.errorCode
  t.equal(errorCode, ErrorCode.NONE, 'error of AlterPartitionReassignments')
}

/** Makes another replica the leader: it becomes the preferred one, and is elected. */
export async function moveLeader(
  t: RuleContext,
  topic: Topic,
  to: number,
): Promise<PartitionState> {
  const { replicaNodes = [] } = (await partitionOf(t, topic)) ?? {}
  await reassign(t, topic, [to, ...replicaNodes.filter((id) => id !== to)])
  const topicPartitions = [{ topic: topic.name, partitions: [0] }]
  const request = { electionType: 0, topicPartitions, timeoutMs: t.deadlineMs }
  await t.until(`the election of broker ${to}`, async () => {
    const answer = await t.client.ask(ElectLeaders, request, forSetUp(t, ElectLeaders))
    const errorCode = answer.replicaElectionResults[0]?.partitionResult[0]?.errorCode
    return errorCode === ErrorCode.NONE || errorCode === ErrorCode.ELECTION_NOT_NEEDED
  })
  return untilLedBy(t, topic, to, 1)
}

/** A topic of three replicas whose leader has changed after three records; two were written since. */
export async function changeLeader(t: RuleContext): Promise<LeaderChange> {
  const ids = (await nodesOf(t)).map(({ nodeId }) => nodeId)
  const [from = -1, to = -1] = ids
  const topic = await createReplicated(t, ids)
  const old = (await partitionOf(t, topic))?.leaderEpoch ?? -1
  await produce(t, topic, values('a', 'b', 'c'))
  const { leaderEpoch: epoch } = await moveLeader(t, topic, to)
  await produce(t, topic, values('d', 'e'))
  return { topic, from, to, old, epoch, leader: await connectTo(t, to) }
}

/** A ListOffsets request for partition 0 of a topic. */
export function listOffsetsOf(
  { name }: Topic,
  timestamp: bigint,
  currentLeaderEpoch = -1,
): ListOffsetsRequestInput {
  const partitions = [{ partitionIndex: 0, currentLeaderEpoch, timestamp }]
  return { replicaId: -1, isolationLevel: 0, topics: [{ name, partitions }], timeoutMs: 5000 }
}

/** An OffsetForLeaderEpoch request for partition 0 of a topic. */
export function endOfEpoch(
  { name }: Topic,
  leaderEpoch: number,
  currentLeaderEpoch = -1,
): OffsetForLeaderEpochRequestInput {
  const partitions = [{ partition: 0, currentLeaderEpoch, leaderEpoch }]
  return { replicaId: -1, topics: [{ topic: name, partitions }] }
}
