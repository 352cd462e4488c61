import type { GroupEffect } from './events.js'

/** The event at which timers fire. */
export interface Moment {
  readonly nowMs: number
  readonly effects: GroupEffect[]
}

interface Timer<At> {
  /** When the caller was asked to report back. */
  armedMs: number
  /** When something is to be done: not before `armedMs`. */
  dueMs: number
  fire: (step: At) => void
}

/**
 * Deadlines by name. Moving one back, as each heartbeat does, costs no effect: the timer that is armed already fires early,
 * and is armed again for the rest.
 */
export class Timers<At extends Moment> {
  private readonly timers = new Map<string, Timer<At>>()

  schedule(effects: GroupEffect[], timerId: string, dueMs: number, fire: (step: At) => void): void {
    const timer = this.timers.get(timerId)
    if (timer !== undefined && timer.armedMs <= dueMs) {
      timer.dueMs = dueMs
      timer.fire = fire
      return
    }
    this.timers.set(timerId, { armedMs: dueMs, dueMs, fire })
    effects.push({ type: 'setTimer', timerId, atMs: dueMs })
  }

  cancel(effects: GroupEffect[], timerId: string): void {
    if (this.timers.delete(timerId)) effects.push({ type: 'cancelTimer', timerId })
  }

  fired(step: At, timerId: string): void {
    const timer = this.timers.get(timerId)
    if (timer === undefined) return
    if (step.nowMs < timer.dueMs) {
      timer.armedMs = timer.dueMs
      step.effects.push({ type: 'setTimer', timerId, atMs: timer.dueMs })
      return
    }
    this.timers.delete(timerId)
    timer.fire(step)
  }

  cancelAll(effects: GroupEffect[]): void {
    for (const timerId of [...this.timers.keys()]) this.cancel(effects, timerId)
  }
}
