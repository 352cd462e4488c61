import type { GroupConfig } from './config.js'
import type { CoordinatorRecord, GroupApi, GroupApis, GroupEffect, GroupReply } from './events.js'
import { Group } from './group.js'
import type { GroupState } from './group-state.js'
import type { Timers } from './timers.js'

/** How the machine knows topics: for the versions that name them by id, and to refuse commits for topics that are not there. */
export interface TopicDirectory {
  /** Id (dashed hex) of a topic; undefined if there is no such topic. */
  idOf(name: string): string | undefined
  nameOf(topicId: string): string | undefined
}

/** What happens when an append is over: `errorCode` is 0 if the records are committed. */
export type AppendDone = (step: Step, errorCode: number) => void

/** What all steps share. */
export interface MachineState {
  readonly config: GroupConfig
  readonly newUuid: () => string
  readonly topics: TopicDirectory | undefined
  readonly groups: Map<string, Group>
  readonly timers: Timers<Step>
  /** Appends that are not over, oldest first. */
  readonly appends: Map<number, AppendDone>
  nextToken: number
}

/** One event at one time: collects the effects. */
export class Step {
  readonly nowMs: number
  readonly effects: GroupEffect[] = []
  readonly machine: MachineState

  constructor(machine: MachineState, nowMs: number) {
    this.machine = machine
    this.nowMs = nowMs
  }

  get config(): GroupConfig {
    return this.machine.config
  }

  group(groupId: string): Group | undefined {
    return this.machine.groups.get(groupId)
  }

  groupOrNew(groupId: string): Group {
    let group = this.machine.groups.get(groupId)
    if (group === undefined) {
      group = new Group(groupId, this.nowMs)
      this.machine.groups.set(groupId, group)
    }
    return group
  }

  reply<Api extends GroupApi>(
    api: Api,
    requestId: number,
    response: GroupApis[Api]['response'],
  ): void {
    this.effects.push({ type: 'reply', api, requestId, response } as GroupReply)
  }

  append(records: readonly CoordinatorRecord[], done: AppendDone): void {
    const token = this.machine.nextToken++
    this.machine.appends.set(token, done)
    this.effects.push({ type: 'append', token, records })
  }

  setTimer(timerId: string, delayMs: number, fire: (step: Step) => void): void {
    this.machine.timers.schedule(this.effects, timerId, this.nowMs + delayMs, fire)
  }

  cancelTimer(timerId: string): void {
    this.machine.timers.cancel(this.effects, timerId)
  }

  transition(group: Group, to: GroupState, reason: string): void {
    const from = group.state.kind
    group.state = to
    group.stateSinceMs = this.nowMs
    this.effects.push({
      type: 'transition',
      groupId: group.groupId,
      from,
      to: to.kind,
      generationId: group.generationId,
      memberIds: [...group.members.keys()],
      reason,
    })
  }
}
