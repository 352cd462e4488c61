import type { Clock, Timer } from '@ottla/network'
import { ConnectionError, TimeoutError } from '@ottla/protocol'
import type { AssignedPartition } from '../fetch/assigned-partition.js'
import { formatPartition } from '../topic-partition.js'
import { createProgressMachine, type ProgressMachine, stepProgress } from './progress-machine.js'

/** What a `ProgressWatch` watches and whom it tells. */
export interface ProgressWatchSetup {
  readonly clock: Clock
  readonly stallTimeoutMs: number
  readonly partitions: () => readonly AssignedPartition[]
  /** Whether the partition should be fetched at the moment. */
  readonly isWanted: (partition: AssignedPartition) => boolean
  readonly isLeaderless: (partition: AssignedPartition) => boolean
  /** No progress: tell whoever watches. */
  readonly onStalled: (partition: AssignedPartition, idleMs: number) => void
  /** Begin anew with these. */
  readonly onHeal: (partitions: readonly AssignedPartition[]) => void
  readonly onFailed: (partition: AssignedPartition, error: TimeoutError) => void
}

/** Looks so many times within the time limit. */
const looksPerTimeout = 4

/** Gives the progress machine its eyes and hands: one timer for all partitions. */
export class ProgressWatch {
  readonly #setup: ProgressWatchSetup
  readonly #intervalMs: number
  #machine: ProgressMachine<AssignedPartition>
  #timer: Timer | undefined

  constructor(setup: ProgressWatchSetup) {
    this.#setup = setup
    this.#intervalMs = Math.ceil(setup.stallTimeoutMs / looksPerTimeout)
    this.#machine = createProgressMachine(setup.clock.monotonic())
  }

  /** Starts looking. Idempotent. */
  start(): void {
    if (this.#timer !== undefined) return
    this.#machine = createProgressMachine(this.#setup.clock.monotonic())
    this.#schedule()
  }

  stop(): void {
    this.#timer?.cancel()
    this.#timer = undefined
  }

  #schedule(): void {
    this.#timer = this.#setup.clock.setTimer(this.#intervalMs, () => {
      this.#schedule()
      this.#look()
    })
  }

  #look(): void {
    const { clock, stallTimeoutMs, partitions, isWanted, isLeaderless } = this.#setup
    const facts = partitions().map((partition) => ({
      key: partition,
      isWanted: isWanted(partition),
      answeredAtMs: partition.lastAnswerMs,
      isExcused: isLeaderless(partition) || isUnreachable(partition.lastError),
    }))
    const config = { stallTimeoutMs, intervalMs: this.#intervalMs }
    const { machine, actions } = stepProgress(this.#machine, facts, clock.monotonic(), config)
    this.#machine = machine
    if (actions.length === 0) return
    const { onStalled, onHeal, onFailed } = this.#setup
    for (const { key, idleMs } of actions) onStalled(key, idleMs)
    onHeal(actions.map(({ key }) => key))
    for (const { type, key, idleMs } of actions) {
      if (type === 'fail') onFailed(key, stalledError(key, idleMs))
    }
  }
}

/** Whether an error, or what caused it, is that no connection could be had. */
const isUnreachable = (error: unknown): boolean => {
  if (!(error instanceof Error)) return false
  return error instanceof ConnectionError || isUnreachable(error.cause)
}

const stalledError = (partition: AssignedPartition, idleMs: number): TimeoutError => {
  const { topic, partition: number, lastError: cause } = partition
  const last = cause === undefined ? '' : ` The last error was: ${cause.message}.`
  const seconds = Math.round(idleMs / 1000)
  return new TimeoutError(
    `No broker has answered for ${formatPartition(partition)} for ${seconds} s, although brokers can be reached; connections and metadata were renewed twice.${last} Reading goes on if you do; if it happens again, look at the brokers.`,
    { code: 'OTTLA_STALLED', topic, partition: number, cause },
  )
}
