import { type Backoff, type Clock, type Cluster, type Random, retry } from '@ottla/network'
import {
  BrokerError,
  ErrorCode,
  errorInfo,
  InvalidArgumentError,
  type KafkaError,
  OffsetCommit,
  OffsetFetch,
} from '@ottla/protocol'
import type { MemberIdentity } from '../group/machine-types.js'
import {
  formatPartition,
  groupByTopic,
  PartitionMap,
  type TopicPartition,
} from '../topic-partition.js'

/** An offset as a group stores it. */
export interface StoredOffset extends TopicPartition {
  readonly offset: number
  /** Epoch of the leader that wrote the record before it, -1 if unknown. */
  readonly leaderEpoch: number
  readonly metadata: string | null
}

/** The group, and who asks in its name. */
export interface GroupOffsetsContext {
  readonly cluster: Cluster
  readonly clock: Clock
  readonly random: Random
  readonly backoff: Backoff
  readonly groupId: string
  readonly groupInstanceId: string | null
  /** Who commits: the member and generation of the moment, or nobody for a consumer without subscription. */
  readonly identity: () => MemberIdentity
  /** Whether the partition is this member's at the moment. */
  readonly isOurs: (partition: TopicPartition) => boolean
  /** Whether a JoinGroup is under way or about to be. */
  readonly isJoining: () => boolean
  /** A commit was refused because of who we are; the group session has to know. */
  readonly onRefused: (identity: MemberIdentity, errorCode: number) => void
}

/** How long a call may take, retries included. */
export interface CallLimits {
  readonly timeoutMs: number
  readonly signal: AbortSignal
}

/** Versions from here on name topics by id, which a group's offsets of deleted topics no longer have. */
const lastVersionWithNames = 9

/** A group's committed offsets, read from and written to its coordinator. */
export class GroupOffsets {
  readonly #context: GroupOffsetsContext

  constructor(context: GroupOffsetsContext) {
    this.#context = context
  }

  /**
   * The committed offsets of these partitions; those without one are missing. Waits for transactions that are about to write
   * one (KIP-447).
   *
   * @throws BrokerError when the coordinator refuses for good, TimeoutError, the signal's reason.
   */
  fetch(
    partitions: readonly TopicPartition[],
    limits: CallLimits,
  ): Promise<PartitionMap<StoredOffset>> {
    const { groupId } = this.#context
    const numbers = [...groupByTopic(partitions)]
    const topics = numbers.map(([name, partitionIndexes]) => ({ name, partitionIndexes }))
    return this.#ask(limits, async (node, signal) => {
      const { response } = await this.#context.cluster.request(
        OffsetFetch,
        (version) =>
          version >= 8
            ? { groupId: '', topics: [], groups: [{ groupId, topics }], requireStable: true }
            : { groupId, topics, groups: [], requireStable: version >= 7 },
        { node, minVersion: 1, maxVersion: lastVersionWithNames, signal },
      )
      const group = response.groups[0] ?? response
      this.#assertNone('OffsetFetch', group.errorCode)
      return this.#readOffsets(group.topics)
    })
  }

  /**
   * Commits offsets: the next ones to read. While the group deals out partitions anew it takes none: then the commit waits for
   * as long as the partitions stay ours.
   *
   * @throws InvalidArgumentError (code `OTTLA_NOT_ASSIGNED`) for a partition that a member no longer has; BrokerError (the group
   * moved on without this member, a partition was refused), TimeoutError, the signal's reason.
   */
  commit(offsets: readonly StoredOffset[], limits: CallLimits): Promise<void> {
    const { groupId, groupInstanceId, identity: readIdentity } = this.#context
    const isOurs = (): boolean => offsets.every((offset) => this.#context.isOurs(offset))
    let identity = readIdentity()
    const byPartition = new PartitionMap<StoredOffset>()
    for (const offset of offsets) byPartition.set(offset.topic, offset.partition, offset)
    const topics = [...groupByTopic(offsets)].map(([name, partitions]) => ({
      name,
      partitions: partitions.map((partitionIndex) => {
        const { offset, leaderEpoch, metadata } = byPartition.get(
          name,
          partitionIndex,
        ) as StoredOffset
        return {
          partitionIndex,
          committedOffset: BigInt(offset),
          committedLeaderEpoch: leaderEpoch,
          committedMetadata: metadata ?? '',
        }
      }),
    }))
    return this.#ask(limits, async (node, signal) => {
      const current = readIdentity()
      this.#assertOurs(current, offsets)
      // The same member in a later generation. Had the partitions been lost in between, the old one would be refused, rightly.
      if (current.memberId === identity.memberId && isOurs()) identity = current
      const { response } = await this.#context.cluster.request(
        OffsetCommit,
        {
          groupId,
          groupInstanceId: identity.memberId === '' ? null : groupInstanceId,
          generationIdOrMemberEpoch: identity.generationId,
          memberId: identity.memberId,
          topics,
        },
        { node, minVersion: 2, maxVersion: lastVersionWithNames, signal },
      )
      for (const { name: topic, partitions } of response.topics) {
        for (const { partitionIndex: partition, errorCode } of partitions) {
          if (membershipErrors.has(errorCode)) this.#context.onRefused(identity, errorCode)
          if (isOurs() && this.#isUnderWay(identity, errorCode)) {
            throw new BrokerError(errorCode, {
              api: 'OffsetCommit',
              topic,
              partition,
              retriable: true,
            })
          }
          this.#assertNone('OffsetCommit', errorCode, { topic, partition })
        }
      }
    })
  }

  /**
   * A coordinator checks who commits, not what is whose: it would let a handler that goes on after its partition was revoked undo
   * what the partition's new owner has committed.
   */
  #assertOurs({ memberId }: MemberIdentity, offsets: readonly StoredOffset[]): void {
    if (memberId === '') return
    const strange = offsets.find((offset) => !this.#context.isOurs(offset))
    if (strange === undefined) return
    const { topic, partition, offset } = strange
    throw new InvalidArgumentError(
      `Offset ${offset} of ${formatPartition(strange)} was not committed: the partition is not, or no longer, assigned to this member. Whoever gets it begins where it was last committed.`,
      { code: notAssigned, topic, partition },
    )
  }

  /** Whether a commit was refused only because a rebalance is not over: the answer that tells our next generation is on its way. */
  #isUnderWay({ memberId, generationId }: MemberIdentity, errorCode: number): boolean {
    if (errorCode === ErrorCode.REBALANCE_IN_PROGRESS) return true
    if (errorCode !== ErrorCode.ILLEGAL_GENERATION) return false
    const { isJoining, identity } = this.#context
    const current = identity()
    return current.memberId === memberId && (isJoining() || current.generationId > generationId)
  }

  #readOffsets(topics: readonly AnsweredTopic[]): PartitionMap<StoredOffset> {
    const offsets = new PartitionMap<StoredOffset>()
    for (const { name: topic, partitions } of topics) {
      for (const answer of partitions) {
        const {
          partitionIndex: partition,
          committedOffset,
          committedLeaderEpoch: leaderEpoch,
        } = answer
        this.#assertNone('OffsetFetch', answer.errorCode, { topic, partition })
        // -1: nothing committed.
        if (committedOffset < 0n) continue
        const offset = Number(committedOffset)
        const { metadata } = answer
        offsets.set(topic, partition, { topic, partition, offset, leaderEpoch, metadata })
      }
    }
    return offsets
  }

  /** Sends to the coordinator of the moment, finding it again when it has moved or cannot be reached. */
  #ask<T>(
    limits: CallLimits,
    send: (node: number, signal: AbortSignal | undefined) => Promise<T>,
  ): Promise<T> {
    const { cluster, groupId } = this.#context
    return retry({ ...this.#context, ...limits }, async ({ signal, timeoutMs }) => {
      const node = await cluster.coordinator('group', groupId, { signal, timeoutMs })
      try {
        return await send(node, signal)
      } catch (error) {
        if (movesCoordinator(error)) cluster.forgetCoordinator('group', groupId)
        throw error
      }
    })
  }

  #assertNone(api: string, errorCode: number, place: Partial<TopicPartition> = {}): void {
    if (errorCode === ErrorCode.NONE) return
    throw new BrokerError(errorCode, { api, ...place })
  }
}

/** Code of the error for a commit of what another member may be reading. */
export const notAssigned = 'OTTLA_NOT_ASSIGNED'

interface AnsweredTopic {
  readonly name: string
  readonly partitions: readonly {
    readonly partitionIndex: number
    readonly committedOffset: bigint
    readonly committedLeaderEpoch: number
    readonly metadata: string | null
    readonly errorCode: number
  }[]
}

const membershipErrors: ReadonlySet<number> = new Set([
  ErrorCode.UNKNOWN_MEMBER_ID,
  ErrorCode.ILLEGAL_GENERATION,
  ErrorCode.REBALANCE_IN_PROGRESS,
  ErrorCode.FENCED_INSTANCE_ID,
])

const movesCoordinator = (error: unknown): boolean => {
  if (error instanceof BrokerError) return errorInfo(error.errorCode).refresh === 'coordinator'
  // A lost connection or a silent node: it may not be the coordinator any more.
  return (error as Partial<KafkaError> | undefined)?.retriable === true
}
