import {
  type CoordinatorRecord,
  createGroupMachine,
  type GroupApi,
  type GroupApis,
  type GroupConfig,
  type GroupEffect,
  type GroupEvent,
  type GroupMachine,
  type GroupTransition,
  type TopicDirectory,
} from '../src/index.js'

/** How a request is sent unless the test says otherwise. */
interface Sender {
  readonly clientId?: string
  readonly version?: number
}

/** Newest versions of the APIs. */
const newest: Record<GroupApi, number> = {
  joinGroup: 9,
  syncGroup: 5,
  heartbeat: 4,
  leaveGroup: 5,
  offsetCommit: 9,
  offsetFetch: 9,
  describeGroups: 6,
  listGroups: 5,
  offsetDelete: 0,
  deleteGroups: 3,
}

/** A pending or finished request: `response` is there once it is answered. */
export interface Asked<Api extends GroupApi> {
  readonly requestId: number
  response: GroupApis[Api]['response'] | undefined
}

/**
 * Drives one machine as a broker would: a clock that stands still until it is moved, timers, and a log whose appends are
 * committed at once or by hand.
 */
export class Harness {
  nowMs = 1_000_000
  /** False: appends wait for `commitAppends`. */
  autoCommit = true
  readonly log: CoordinatorRecord[] = []
  readonly transitions: GroupTransition[] = []
  machine: GroupMachine
  private readonly options: Parameters<typeof createGroupMachine>[0]
  private readonly timers = new Map<string, number>()
  private readonly asked = new Map<number, Asked<GroupApi>>()
  private pendingAppends: Extract<GroupEffect, { type: 'append' }>[] = []
  private nextRequestId = 1
  private nextUuid = 1

  constructor(config: Partial<GroupConfig> = {}, topics?: TopicDirectory) {
    this.options = {
      config: { groupInitialRebalanceDelayMs: 0, groupMinSessionTimeoutMs: 1, ...config },
      newUuid: () => `uuid-${this.nextUuid++}`,
      ...(topics === undefined ? {} : { topics }),
    }
    this.machine = createGroupMachine(this.options)
  }

  get timerCount(): number {
    return this.timers.size
  }

  get unanswered(): number {
    return this.asked.size
  }

  ask<Api extends GroupApi>(
    type: Api,
    request: GroupApis[Api]['request'],
    sender: Sender = {},
  ): Asked<Api> {
    const requestId = this.nextRequestId++
    const asked: Asked<Api> = { requestId, response: undefined }
    this.asked.set(requestId, asked as Asked<GroupApi>)
    const { clientId = 'client', version = newest[type] } = sender
    const event = { type, requestId, version, clientId, clientHost: '/127.0.0.1', request }
    this.feed(event as GroupEvent)
    return asked
  }

  /** Moves the clock; timers fire in their order. */
  advance(byMs: number): void {
    const until = this.nowMs + byMs
    for (;;) {
      const due = [...this.timers].filter(([, atMs]) => atMs <= until)
      const [next] = due.sort(([, a], [, b]) => a - b)
      if (next === undefined) break
      const [timerId, atMs] = next
      this.nowMs = Math.max(this.nowMs, atMs)
      this.timers.delete(timerId)
      this.feed({ type: 'timer', timerId })
    }
    this.nowMs = until
  }

  /** Answers waiting appends: committed, or failed with a code. */
  commitAppends(errorCode = 0): void {
    const appends = this.pendingAppends
    this.pendingAppends = []
    for (const { token, records } of appends) {
      if (errorCode === 0) this.log.push(...records)
      this.feed(
        errorCode === 0 ? { type: 'appended', token } : { type: 'appendFailed', token, errorCode },
      )
    }
  }

  expireOffsets(): void {
    this.apply(this.machine.expireOffsets(this.nowMs))
  }

  forgetTopics(...names: string[]): void {
    this.apply(this.machine.forgetTopics(names, this.nowMs))
  }

  unload(errorCode: number): void {
    this.apply(this.machine.unload(errorCode, this.nowMs))
  }

  /** A new machine out of the log, as after a restart. */
  restart(): void {
    this.machine = createGroupMachine(this.options)
    this.timers.clear()
    this.asked.clear()
    this.pendingAppends = []
    for (const record of this.log) this.machine.replay(record)
    this.apply(this.machine.loaded(this.nowMs))
  }

  private feed(event: GroupEvent): void {
    this.apply(this.machine.handle(event, this.nowMs))
  }

  private apply(effects: readonly GroupEffect[]): void {
    for (const effect of effects) {
      if (effect.type === 'setTimer') this.timers.set(effect.timerId, effect.atMs)
      else if (effect.type === 'cancelTimer') this.timers.delete(effect.timerId)
      else if (effect.type === 'transition') this.transitions.push(effect)
      else if (effect.type === 'append') this.pendingAppends.push(effect)
      else this.answer(effect.requestId, effect.response)
    }
    if (this.autoCommit && this.pendingAppends.length > 0) this.commitAppends()
  }

  private answer(requestId: number, response: GroupApis[GroupApi]['response']): void {
    const asked = this.asked.get(requestId)
    if (asked === undefined)
      throw new Error(`request ${requestId} was answered twice or never asked`)
    this.asked.delete(requestId)
    asked.response = response
  }
}
