import type { KafkaError } from '@ottla/protocol'
import type { TopicPartition } from '../topic-partition.js'
import type { RebalanceProtocol } from './assignors/assignor.js'

/** Who we are in the group. An empty member id and generation -1 mean: nobody yet. */
export interface MemberIdentity {
  readonly memberId: string
  readonly generationId: number
}

/** Heartbeats run in every phase that the coordinator times out, whatever the application is doing. */
export interface Heartbeat {
  readonly nextAtMs: number
  /** Set while a heartbeat is under way. */
  readonly requestId?: number
}

/** An assignment as it was received, whatever became of it since. */
export interface LastAssignment {
  readonly partitions: readonly TopicPartition[]
  /** -1 before the first. */
  readonly generationId: number
}

/** Where a member stands. Eager members own partitions in `stable` and `releasing` only, cooperative ones in all but the ends. */
export type GroupPhase =
  /** Not in the group and not trying: before the start, after `leave`, or put aside until the application reads again. */
  | { readonly kind: 'unjoined' }
  /** Between two attempts to join. */
  | {
      readonly kind: 'waiting'
      readonly untilMs: number
      readonly failures: number
      readonly reason: string
    }
  | {
      readonly kind: 'joining'
      readonly requestId: number
      readonly failures: number
      readonly reason: string
    }
  /** We lead: the assignor is at work. */
  | { readonly kind: 'assigning'; readonly heartbeat: Heartbeat; readonly protocolName: string }
  | { readonly kind: 'syncing'; readonly heartbeat: Heartbeat; readonly requestId: number }
  | { readonly kind: 'stable'; readonly heartbeat: Heartbeat }
  | ReleasingPhase
  | { readonly kind: 'leaving'; readonly requestId: number }
  | { readonly kind: 'failed'; readonly error: KafkaError }

/** Handlers finish, finished records are committed, revoke callbacks run; then `next`. */
export interface ReleasingPhase {
  readonly kind: 'releasing'
  /** None once membership is lost. */
  readonly heartbeat: Heartbeat | undefined
  readonly next: 'join' | 'leave' | 'pause'
  readonly reason: string
  readonly partitions: readonly TopicPartition[]
  /** What the same assignment brought: handed out when the others are given up. */
  readonly gained?: readonly TopicPartition[]
}

/** The whole state of a member: a plain value, replaced by each step. */
export interface GroupMachine {
  readonly phase: GroupPhase
  readonly identity: MemberIdentity
  /** Number of the last request asked for; answers to older ones are stale. */
  readonly requestCount: number
  /** What we own, and tell the leader that we own when we join. */
  readonly owned: readonly TopicPartition[]
  readonly lastAssignment: LastAssignment
  /** Told to leave while the group rebalances, when commits are refused: leaves when that is over, or at this time. */
  readonly leaveByMs: number | undefined
  /** Why the round under way is out of date: another one follows it. */
  readonly rejoinReason: string | undefined
}

/** What the machine needs to know of the configuration. */
export interface GroupMachineConfig {
  readonly groupId: string
  readonly groupInstanceId: string | null
  readonly protocol: RebalanceProtocol
  readonly heartbeatIntervalMs: number
  /** Wait before the attempt after `failures` failed ones, jitter included. */
  readonly backoffMs: (failures: number) => number
}

/** A member as JoinGroup reports it to the leader: subscription still in bytes. */
export interface JoinedMember {
  readonly memberId: string
  readonly groupInstanceId: string | null
  readonly metadata: Uint8Array
}

/** What can happen to a member. Answers carry the number of their request. */
export type GroupEvent =
  /** Join, or join again after `pause`. */
  | { readonly type: 'join' }
  /** Subscription or partition counts changed: another round is needed. */
  | {
      readonly type: 'rejoin'
      readonly reason: string
      /** Partitions of ours that are not wanted any more: given up before joining. */
      readonly unwanted: readonly TopicPartition[]
    }
  /** The application has stopped reading: give the partitions to others until it reads again. */
  | { readonly type: 'pause' }
  /** The application reads no topic any more. */
  | { readonly type: 'unsubscribe'; readonly reason: string }
  | { readonly type: 'leave' }
  /** Everything the last `release` effect asked for is given up. */
  | { readonly type: 'released' }
  | {
      readonly type: 'joined'
      readonly requestId: number
      readonly errorCode: number
      readonly memberId: string
      readonly generationId: number
      readonly leader: string
      readonly protocolName: string
      readonly skipAssignment: boolean
      readonly members: readonly JoinedMember[]
    }
  | { readonly type: 'computed'; readonly assignments: ReadonlyMap<string, Uint8Array> }
  | {
      readonly type: 'synced'
      readonly requestId: number
      readonly errorCode: number
      readonly partitions: readonly TopicPartition[]
    }
  | { readonly type: 'heartbeatAnswered'; readonly requestId: number; readonly errorCode: number }
  | { readonly type: 'leftGroup'; readonly requestId: number }
  | { readonly type: 'requestFailed'; readonly requestId: number; readonly error: KafkaError }
  /** Computing the assignment failed. */
  | { readonly type: 'computeFailed'; readonly error: KafkaError }
  /** A commit of this generation was refused with this code. */
  | { readonly type: 'commitRefused'; readonly generationId: number; readonly errorCode: number }
  | { readonly type: 'tick' }

/** What the machine wants done. Every `send…` is answered by an event with the same `requestId`. */
export type GroupEffect =
  | {
      readonly type: 'sendJoin'
      readonly requestId: number
      readonly memberId: string
      readonly owned: readonly TopicPartition[]
      readonly lastAssignment: LastAssignment
      /** For the coordinator's log (KIP-800). */
      readonly reason: string
    }
  | {
      readonly type: 'computeAssignment'
      readonly protocolName: string
      readonly members: readonly JoinedMember[]
    }
  | {
      readonly type: 'sendSync'
      readonly requestId: number
      readonly identity: MemberIdentity
      readonly protocolName: string
      readonly assignments: ReadonlyMap<string, Uint8Array>
    }
  | {
      readonly type: 'sendHeartbeat'
      readonly requestId: number
      readonly identity: MemberIdentity
    }
  | {
      readonly type: 'sendLeave'
      readonly requestId: number
      readonly memberId: string
      readonly reason: string
    }
  | { readonly type: 'forgetCoordinator' }
  /** Give these up and then send `released`. `lost`: they may already be someone else's, so commit nothing. */
  | {
      readonly type: 'release'
      readonly lost: boolean
      readonly reason: string
      readonly partitions: readonly TopicPartition[]
    }
  /** These came, beside what we own already. */
  | { readonly type: 'assigned'; readonly partitions: readonly TopicPartition[] }
  | { readonly type: 'left' }
  | { readonly type: 'failed'; readonly error: KafkaError }

/** The machine after an event and what its owner must do now, in this order. */
export interface GroupStep {
  readonly machine: GroupMachine
  readonly effects: readonly GroupEffect[]
}
