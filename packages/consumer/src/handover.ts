import type { Clock, Timer } from '@ottla/network'
import { KafkaError } from '@ottla/protocol'
import { type Assignment, namesOf } from './assignment.js'
import type { Callbacks } from './callbacks.js'
import type { Delivery } from './delivery/delivery.js'
import type { AssignedPartition } from './fetch/assigned-partition.js'
import type { Fetcher } from './fetch/fetcher.js'
import type { Committer } from './offsets/committer.js'
import type { ResolvedConsumerOptions } from './options.js'
import type { TopicPartition } from './topic-partition.js'

/** What a `Handover` works with. */
export interface HandoverSetup {
  readonly clock: Clock
  readonly options: ResolvedConsumerOptions
  readonly assignment: Assignment
  readonly delivery: Delivery
  readonly fetcher: Fetcher
  readonly committer: Committer | undefined
  readonly callbacks: Callbacks
  /** Ends everything. */
  readonly signal: AbortSignal
  /** Resolves when handlers are no longer waited for, because the consumer closes. */
  readonly handlersGrace: Promise<void>
  readonly onAssigned: (partitions: readonly TopicPartition[]) => void
  readonly onReleased: (
    partitions: readonly TopicPartition[],
    lost: boolean,
    reason: string,
  ) => void
  /** New partitions may be read. */
  readonly onReady: () => void
  /** Something went wrong that is made up for by others. */
  readonly onRetry: (error: KafkaError) => void
}

/** Takes partitions over from the group, and hands them back in order. */
export class Handover {
  readonly #setup: HandoverSetup

  constructor(setup: HandoverSetup) {
    this.#setup = setup
  }

  /** Partitions came: they are fetched when `onAssigned` has run. */
  async assign(partitions: readonly TopicPartition[]): Promise<void> {
    const { assignment, callbacks, delivery, onAssigned, onReady } = this.#setup
    const added = assignment.add(partitions)
    onAssigned(namesOf(added))
    await callbacks.call('onAssigned', namesOf(added))
    for (const partition of added) partition.isHeld = false
    delivery.wake()
    onReady()
  }

  /** Partitions of ours go to others (default: all): handlers end, finished records are committed, `onRevoked` runs. */
  async revoke(reason: string, names?: readonly TopicPartition[]): Promise<void> {
    const { options, callbacks } = this.#setup
    const partitions = this.#begin(names)
    await this.#drain(partitions, options.maxPollIntervalMs)
    await this.#commit()
    await callbacks.call('onRevoked', namesOf(partitions))
    this.#end(partitions, false, reason)
  }

  /** Partitions are no longer ours (default: all): nothing can be committed any more. */
  async lose(reason: string, names?: readonly TopicPartition[]): Promise<void> {
    const partitions = this.#begin(names)
    // Lost partitions hold up nobody but ourselves: handlers are waited for as long as it takes.
    const drained = this.#drain(partitions, undefined)
    await this.#setup.callbacks.call('onLost', namesOf(partitions))
    await drained
    this.#end(partitions, true, reason)
  }

  #begin(names: readonly TopicPartition[] | undefined): readonly AssignedPartition[] {
    const { assignment, fetcher } = this.#setup
    const partitions =
      names === undefined ? assignment.all : names.flatMap((name) => assignment.get(name) ?? [])
    for (const partition of partitions) partition.isRevoking = true
    fetcher.touch(partitions)
    return partitions
  }

  #end(partitions: readonly AssignedPartition[], lost: boolean, reason: string): void {
    const { assignment, fetcher, onReleased } = this.#setup
    assignment.remove(partitions)
    fetcher.touch(partitions)
    onReleased(namesOf(partitions), lost, reason)
  }

  /** Handlers end first, because two must never work on one partition; `limitMs` bounds how long the group waits for them. */
  async #drain(
    partitions: readonly AssignedPartition[],
    limitMs: number | undefined,
  ): Promise<void> {
    const { clock, delivery, handlersGrace } = this.#setup
    let timer: Timer | undefined
    const limits = [handlersGrace]
    if (limitMs !== undefined) {
      const limit = new Promise<void>((resolve) => {
        timer = clock.setTimer(limitMs, resolve)
      })
      limits.push(limit)
    }
    await delivery.drain(partitions, Promise.race(limits))
    timer?.cancel()
  }

  async #commit(): Promise<void> {
    const { committer, options, signal, onRetry } = this.#setup
    if (!committer?.isAutomatic) return
    const timeoutMs = Math.min(options.defaultApiTimeoutMs, options.maxPollIntervalMs)
    try {
      await committer.commitFinished({ timeoutMs, signal })
    } catch (error) {
      // Whoever gets the partitions reads again what could not be committed.
      onRetry(KafkaError.from(error))
    }
  }
}
