import {
  ErrorCode,
  ShareAcknowledge,
  type ShareAcknowledgeRequestInput,
  type ShareAcknowledgeResponse,
  ShareFetch,
  type ShareFetchRequestInput,
  type ShareFetchResponse,
  ShareGroupHeartbeat,
  type ShareGroupHeartbeatResponse,
} from '@ottla/protocol'
import type { RawClient } from '../client/raw-client.js'
import { atLeast, type Pattern } from '../match/index.js'
import type { RuleContext } from '../rules/rule-context.js'
import { ConfigResourceType, changeConfigs } from './configs.js'
import { createLog } from './create-log.js'
import type { Topic } from './create-topic.js'
import { produce, values } from './produce.js'

/** What a member says of an offset that it was given. */
export const AckType = { GAP: 0, ACCEPT: 1, RELEASE: 2, REJECT: 3, RENEW: 4 } as const

/** First and last offset, then a type for all or one for each. */
export type Ack = readonly [first: bigint, last: bigint, ...types: number[]]

/** A share group that reads one topic, and how its members get in. */
export interface ShareGroup {
  readonly groupId: string
  readonly topic: Topic
}

/** Topic and group to begin with. */
export interface ShareGroupOptions {
  readonly partitions?: number
  /** Default: one of its own. */
  readonly topic?: Topic
  /** Values of the records that are there, one batch for each list. */
  readonly batches?: readonly (readonly string[])[]
  /** Configs of the group besides `share.auto.offset.reset`, which is `earliest`. */
  readonly configs?: Readonly<Record<string, string>>
}

/** One share session: a member on a connection of its own to the leader, counting its epoch. */
export interface ShareSession {
  readonly memberId: string
  readonly client: RawClient
  /** Of the next request. */
  epoch: number
  fetch(
    fields?: Partial<ShareFetchRequestInput>,
    acks?: readonly Ack[],
  ): Promise<ShareFetchResponse>
  acknowledge(
    acks: readonly Ack[],
    fields?: Partial<ShareAcknowledgeRequestInput>,
  ): Promise<ShareAcknowledgeResponse>
}

/** A member id as share sessions want it: a uuid in URL-safe base64. */
export function shareMemberId(t: RuleContext): string {
  const bytes = Buffer.alloc(16)
  bytes.write(t.name('m').slice(-16).padStart(16, 'x'))
  return bytes.toString('base64url')
}

/** One heartbeat of a member of a share group. */
export async function shareHeartbeat(
  t: RuleContext,
  groupId: string,
  memberId: string,
  memberEpoch: number,
  topics: readonly string[] | null = null,
): Promise<ShareGroupHeartbeatResponse> {
  const client = await t.coordinator(groupId)
  const subscribedTopicNames = topics === null ? null : [...topics]
  return client.ask(ShareGroupHeartbeat, { groupId, memberId, memberEpoch, subscribedTopicNames })
}

/** Joins a share group, and heartbeats until the member is assigned something. */
export async function joinShareGroup(
  t: RuleContext,
  groupId: string,
  topics: readonly string[],
  memberId: string = shareMemberId(t),
): Promise<{ readonly memberId: string; readonly answer: ShareGroupHeartbeatResponse }> {
  let answer = await shareHeartbeat(t, groupId, memberId, 0, topics)
  t.equal(answer.errorCode, ErrorCode.NONE, 'error of the first ShareGroupHeartbeat')
  await t.until(`an assignment in ${groupId}`, async () => {
    if ((answer.assignment?.topicPartitions.length ?? 0) > 0) return true
    answer = await shareHeartbeat(t, groupId, memberId, answer.memberEpoch)
    return false
  })
  return { memberId, answer }
}

/** Creates a topic and a share group that reads it from its start, with one member that is assigned it. */
export async function createShareGroup(
  t: RuleContext,
  { partitions = 1, batches = [], configs = {}, ...options }: ShareGroupOptions = {},
): Promise<ShareGroup & { readonly memberId: string }> {
  const topic = options.topic ?? (await createLog(t, { partitions }))
  const groupId = t.name('group')
  const group = { resourceType: ConfigResourceType.GROUP, resourceName: groupId }
  await changeConfigs(t, group, { 'share.auto.offset.reset': 'earliest', ...configs })
  const { memberId } = await joinShareGroup(t, groupId, [topic.name])
  let offset = 0n
  for (const batch of batches) {
    t.equal(await produce(t, topic, values(...batch)), offset, 'offset of a batch of the group')
    offset += BigInt(batch.length)
  }
  return { groupId, topic, memberId }
}

const batchesOfAcks = (acks: readonly Ack[]) =>
  acks.map(([firstOffset, lastOffset, ...acknowledgeTypes]) => ({
    firstOffset,
    lastOffset,
    acknowledgeTypes,
  }))

/** The topics of a request: one partition of the group's topic, with what is said of its offsets. */
export function sharePartition(
  { topic }: ShareGroup,
  acks: readonly Ack[] = [],
  partitionIndex = 0,
) {
  const acknowledgementBatches = batchesOfAcks(acks)
  return [{ topicId: topic.id, partitions: [{ partitionIndex, acknowledgementBatches }] }]
}

/** What every ShareFetch says here unless the rule says otherwise: all there is, at once. */
const FETCH = { maxWaitMs: 0, minBytes: 0, maxBytes: 1_048_576, maxRecords: 500, batchSize: 500 }

/** A member's session with the leader of partition 0: nothing is sent yet, the first request opens it. */
export async function shareSession(
  t: RuleContext,
  group: ShareGroup,
  memberId: string = shareMemberId(t),
): Promise<ShareSession> {
  const { address } = await t.leader(group.topic.name)
  const client = await t.connect({ address })
  const { groupId } = group
  const session: ShareSession = {
    memberId,
    client,
    epoch: 0,
    fetch: (fields = {}, acks = []) => {
      const topics = sharePartition(group, acks)
      const shareSessionEpoch = session.epoch++
      const place = { groupId, memberId, shareSessionEpoch, topics, forgottenTopicsData: [] }
      return client.ask(ShareFetch, { ...place, ...FETCH, ...fields })
    },
    acknowledge: (acks, fields = {}) => {
      const topics = sharePartition(group, acks)
      const shareSessionEpoch = session.epoch++
      return client.ask(ShareAcknowledge, {
        groupId,
        memberId,
        shareSessionEpoch,
        topics,
        ...fields,
      })
    },
  }
  return session
}

/** Offsets that a member was given, and how often they were delivered. */
export type AcquiredRange = readonly [first: bigint, last: bigint, deliveryCount: number]

/** What an answer to a ShareFetch of one partition says: ranges of offsets, and how often they were delivered. */
export function acquired(
  group: ShareGroup,
  ...ranges: readonly AcquiredRange[]
): Pattern<ShareFetchResponse> {
  return {
    errorCode: ErrorCode.NONE,
    acquisitionLockTimeoutMs: atLeast(1),
    responses: [acquiredOf(group, ...ranges)],
  }
}

function acquiredOf(
  { topic }: ShareGroup,
  ...ranges: readonly AcquiredRange[]
): Pattern<ShareFetchResponse['responses'][number]> {
  const acquiredRecords = ranges.map(([firstOffset, lastOffset, deliveryCount]) => ({
    firstOffset,
    lastOffset,
    deliveryCount,
  }))
  const { NONE } = ErrorCode
  const partition = { partitionIndex: 0, errorCode: NONE, acknowledgeErrorCode: NONE }
  return { topicId: topic.id, partitions: [{ ...partition, acquiredRecords }] }
}

/** What an answer to a ShareAcknowledge of one partition says. */
export function acknowledged(
  { topic }: ShareGroup,
  errorCode = 0,
): Pattern<ShareAcknowledgeResponse> {
  const partitions = [{ partitionIndex: 0, errorCode }]
  return { errorCode: ErrorCode.NONE, responses: [{ topicId: topic.id, partitions }] }
}

const READ_STATE_MS = 300

/**
 * Fetches, and expects these ranges to be acquired. A leader that is still reading the group's state gives
 * nothing, so it is asked again for what must come; what must not come has a moment to come nevertheless.
 */
export async function take(
  t: RuleContext,
  group: ShareGroup,
  session: ShareSession,
  ranges: readonly AcquiredRange[],
  fields: Partial<ShareFetchRequestInput> = {},
): Promise<ShareFetchResponse> {
  if (ranges.length === 0) {
    const answer = await session.fetch({ maxWaitMs: READ_STATE_MS, minBytes: 1, ...fields })
    t.expect(answer, { errorCode: ErrorCode.NONE })
    // A partition of which nothing is acquired may be told or left out.
    for (const told of answer.responses) t.expect(told, acquiredOf(group))
    return answer
  }
  const answer = await t.until(`records for ${session.memberId}`, async () => {
    const found = await session.fetch({ maxWaitMs: READ_STATE_MS, minBytes: 1, ...fields })
    t.equal(found.errorCode, ErrorCode.NONE, 'error of ShareFetch')
    const partition = found.responses[0]?.partitions[0]
    return (partition?.acquiredRecords.length ?? 0) > 0 && found
  })
  t.expect(answer, acquired(group, ...ranges))
  return answer
}
