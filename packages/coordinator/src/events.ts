import type {
  DeleteGroupsRequest,
  DeleteGroupsResponseInput,
  DescribeGroupsRequest,
  DescribeGroupsResponseInput,
  HeartbeatRequest,
  HeartbeatResponseInput,
  JoinGroupRequest,
  JoinGroupResponseInput,
  LeaveGroupRequest,
  LeaveGroupResponseInput,
  ListGroupsRequest,
  ListGroupsResponseInput,
  OffsetCommitRequest,
  OffsetCommitResponseInput,
  OffsetDeleteRequest,
  OffsetDeleteResponseInput,
  OffsetFetchRequest,
  OffsetFetchResponseInput,
  SyncGroupRequest,
  SyncGroupResponseInput,
} from '@ottla/protocol'

/** Bodies of requests and responses by the event that carries them. */
export interface GroupApis {
  joinGroup: { request: JoinGroupRequest; response: JoinGroupResponseInput }
  syncGroup: { request: SyncGroupRequest; response: SyncGroupResponseInput }
  heartbeat: { request: HeartbeatRequest; response: HeartbeatResponseInput }
  leaveGroup: { request: LeaveGroupRequest; response: LeaveGroupResponseInput }
  offsetCommit: { request: OffsetCommitRequest; response: OffsetCommitResponseInput }
  offsetFetch: { request: OffsetFetchRequest; response: OffsetFetchResponseInput }
  describeGroups: { request: DescribeGroupsRequest; response: DescribeGroupsResponseInput }
  listGroups: { request: ListGroupsRequest; response: ListGroupsResponseInput }
  offsetDelete: { request: OffsetDeleteRequest; response: OffsetDeleteResponseInput }
  deleteGroups: { request: DeleteGroupsRequest; response: DeleteGroupsResponseInput }
}

/** The APIs the machine answers. */
export type GroupApi = keyof GroupApis

/** A request that arrived. It is answered by exactly one `reply` effect with its `requestId`, now or later. */
export type GroupRequestEvent = {
  [Api in GroupApi]: {
    readonly type: Api
    /** Chosen by the caller, unique among the requests that are not answered yet. */
    readonly requestId: number
    /** Version of the request: rules differ between versions. */
    readonly version: number
    /** From the request header; null counts as empty. */
    readonly clientId: string | null
    /** Kafka's form: `/127.0.0.1`. */
    readonly clientHost: string
    readonly request: GroupApis[Api]['request']
  }
}[GroupApi]

/** What the machine is told. */
export type GroupEvent =
  | GroupRequestEvent
  /** A timer set by a `setTimer` effect has fired. One that was cancelled meanwhile may fire too: it is ignored. */
  | { readonly type: 'timer'; readonly timerId: string }
  /** The records of an `append` effect are committed. */
  | { readonly type: 'appended'; readonly token: number }
  /** The records of an `append` effect are not in the log. */
  | { readonly type: 'appendFailed'; readonly token: number; readonly errorCode: number }

/** A record of `__consumer_offsets`; a null value deletes its key. */
export interface CoordinatorRecord {
  readonly key: Uint8Array
  readonly value: Uint8Array | null
}

/** The answer to a request. */
export type GroupReply = {
  [Api in GroupApi]: {
    readonly type: 'reply'
    readonly api: Api
    readonly requestId: number
    readonly response: GroupApis[Api]['response']
  }
}[GroupApi]

/** A group's state has changed. */
export interface GroupTransition {
  readonly type: 'transition'
  readonly groupId: string
  readonly from: GroupStateName
  readonly to: GroupStateName
  readonly generationId: number
  readonly memberIds: readonly string[]
  readonly reason: string
}

/** What the machine wants done, in this order. */
export type GroupEffect =
  | GroupReply
  /** Append to the group's partition as one batch, then report `appended` or `appendFailed` with the token; in order. */
  | {
      readonly type: 'append'
      readonly token: number
      readonly records: readonly CoordinatorRecord[]
    }
  /** Report `timer` at or after this time; replaces a timer of the same id. */
  | { readonly type: 'setTimer'; readonly timerId: string; readonly atMs: number }
  | { readonly type: 'cancelTimer'; readonly timerId: string }
  | GroupTransition

/** States of a classic group as Kafka reports them. */
export type GroupStateName =
  | 'Empty'
  | 'PreparingRebalance'
  | 'CompletingRebalance'
  | 'Stable'
  | 'Dead'
