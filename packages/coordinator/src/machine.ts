import { ErrorCode } from '@ottla/protocol'
import { offsetCommit } from './commit.js'
import { defaultGroupConfig, type GroupConfig } from './config.js'
import { offsetDelete } from './delete-offsets.js'
import { describeGroups, listGroups } from './describe.js'
import type { CoordinatorRecord, GroupEffect, GroupEvent } from './events.js'
import { offsetFetch } from './fetch.js'
import { Group } from './group.js'
import { heartbeat } from './heartbeat.js'
import { joinGroup } from './join.js'
import { leaveGroup } from './leave.js'
import { extendSession, prepareRebalance } from './rebalance.js'
import { membersOf, type ReplayedRecord, readRecord } from './records.js'
import { deleteGroups, expireOffsets, forgetTopics } from './removal.js'
import { replyJoinError, replySyncError } from './replies.js'
import { type MachineState, Step, type TopicDirectory } from './step.js'
import { syncGroup } from './sync.js'
import { Timers } from './timers.js'

/** What the machine needs from outside. */
export interface GroupMachineOptions {
  readonly config?: Partial<GroupConfig>
  /** A fresh random uuid: becomes part of member ids. */
  readonly newUuid: () => string
  /** Without it topics are not checked and the versions that name topics by id find none. */
  readonly topics?: TopicDirectory
}

/**
 * All classic groups of one partition of `__consumer_offsets`. Pure: no clock, no I/O, no randomness of its own; the same
 * events at the same times give the same effects. What a reply promises is in the log before the reply is given.
 */
export interface GroupMachine {
  /** Takes one event and says what to do, in order. */
  handle(event: GroupEvent, nowMs: number): GroupEffect[]
  /**
   * While loading: one record of the partition, in order of offsets. Records of other kinds are passed over.
   *
   * @throws WireError for a record that does not follow its schema.
   */
  replay(record: CoordinatorRecord): void
  /** Loading is over: starts the sessions of the members found. */
  loaded(nowMs: number): GroupEffect[]
  /** The partition goes elsewhere: everything that waits is answered with this code, timers go, state is dropped. */
  unload(errorCode: number, nowMs: number): GroupEffect[]
  /** Removes offsets and groups whose time is over; Kafka does it every ten minutes. */
  expireOffsets(nowMs: number): GroupEffect[]
  /** Topics were deleted: removes the offsets committed for them. */
  forgetTopics(names: Iterable<string>, nowMs: number): GroupEffect[]
  /** Ids of the groups that are there, with their state. */
  groups(): { readonly groupId: string; readonly state: string; readonly generationId: number }[]
}

/** Makes the machine for one partition, empty. */
export function createGroupMachine(options: GroupMachineOptions): GroupMachine {
  return new Machine(options)
}

class Machine implements GroupMachine {
  private readonly state: MachineState

  constructor({ config, newUuid, topics }: GroupMachineOptions) {
    this.state = {
      config: { ...defaultGroupConfig, ...config },
      newUuid,
      topics,
      groups: new Map(),
      timers: new Timers(),
      appends: new Map(),
      nextToken: 1,
    }
  }

  handle(event: GroupEvent, nowMs: number): GroupEffect[] {
    const step = new Step(this.state, nowMs)
    dispatch(step, event)
    return step.effects
  }

  replay(record: CoordinatorRecord): void {
    apply(this.state.groups, readRecord(record))
  }

  loaded(nowMs: number): GroupEffect[] {
    const step = new Step(this.state, nowMs)
    for (const group of this.state.groups.values()) {
      for (const member of group.members.values()) extendSession(step, group, member)
      if (group.members.size > step.config.groupMaxSize) {
        prepareRebalance(step, group, 'the group is larger than group.max.size')
      }
    }
    return step.effects
  }

  unload(errorCode: number, nowMs: number): GroupEffect[] {
    const step = new Step(this.state, nowMs)
    for (const token of [...this.state.appends.keys()]) finishAppend(step, token, errorCode)
    for (const { state } of this.state.groups.values()) {
      if (state.kind === 'PreparingRebalance') {
        for (const [memberId, waiting] of state.joins)
          replyJoinError(step, waiting, errorCode, memberId)
      } else if (state.kind === 'CompletingRebalance') {
        for (const waiting of state.syncs.values()) replySyncError(step, waiting, errorCode)
      }
    }
    this.state.timers.cancelAll(step.effects)
    this.state.groups.clear()
    this.state.appends.clear()
    return step.effects.filter(({ type }) => type === 'reply' || type === 'cancelTimer')
  }

  expireOffsets(nowMs: number): GroupEffect[] {
    const step = new Step(this.state, nowMs)
    expireOffsets(step)
    return step.effects
  }

  forgetTopics(names: Iterable<string>, nowMs: number): GroupEffect[] {
    const step = new Step(this.state, nowMs)
    forgetTopics(step, new Set(names))
    return step.effects
  }

  groups(): { groupId: string; state: string; generationId: number }[] {
    return [...this.state.groups.values()].map(({ groupId, state, generationId }) => ({
      groupId,
      state: state.kind,
      generationId,
    }))
  }
}

function dispatch(step: Step, event: GroupEvent): void {
  switch (event.type) {
    case 'joinGroup':
      joinGroup(step, event)
      break
    case 'syncGroup':
      syncGroup(step, event)
      break
    case 'heartbeat':
      heartbeat(step, event)
      break
    case 'leaveGroup':
      leaveGroup(step, event)
      break
    case 'offsetCommit':
      offsetCommit(step, event)
      break
    case 'offsetFetch':
      offsetFetch(step, event)
      break
    case 'describeGroups':
      describeGroups(step, event)
      break
    case 'listGroups':
      listGroups(step, event)
      break
    case 'offsetDelete':
      offsetDelete(step, event)
      break
    case 'deleteGroups':
      deleteGroups(step, event)
      break
    case 'timer':
      step.machine.timers.fired(step, event.timerId)
      break
    case 'appended':
      finishAppend(step, event.token, ErrorCode.NONE)
      break
    case 'appendFailed':
      finishAppend(step, event.token, event.errorCode)
      break
  }
}

function finishAppend(step: Step, token: number, errorCode: number): void {
  const done = step.machine.appends.get(token)
  step.machine.appends.delete(token)
  done?.(step, errorCode)
}

function apply(groups: Map<string, Group>, record: ReplayedRecord): void {
  if (record.kind === 'other') return
  const { groupId } = record
  const group = groups.get(groupId) ?? new Group(groupId, -1)
  if (record.kind === 'offset') {
    const { topic, partition, committed } = record
    if (committed === undefined) group.offsets.delete(topic, partition)
    else group.offsets.set(topic, partition, committed)
  } else if (record.value === undefined) {
    if (group.offsets.isEmpty) {
      groups.delete(groupId)
      return
    }
    restore(group, {
      generation: 0,
      protocolType: '',
      protocol: null,
      leader: null,
      currentStateTimestamp: -1n,
      members: [],
    })
  } else {
    restore(group, record.value)
  }
  if (record.kind === 'group' || !group.offsets.isEmpty || groups.has(groupId))
    groups.set(groupId, group)
}

/** Puts a group into the state that its record describes. */
function restore(
  group: Group,
  value: NonNullable<Extract<ReplayedRecord, { kind: 'group' }>['value']>,
): void {
  for (const memberId of [...group.members.keys()]) group.remove(memberId)
  for (const member of membersOf(value)) group.add(member)
  group.generationId = value.generation
  group.protocolType = value.protocolType === '' ? null : value.protocolType
  group.protocolName = value.protocol
  group.leaderId = value.leader
  group.stateSinceMs = Number(value.currentStateTimestamp)
  group.state =
    group.members.size === 0 ? { kind: 'Empty' } : { kind: 'Stable', unsynced: new Set() }
}
