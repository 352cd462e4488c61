import { InvalidArgumentError } from '@ottla/protocol'
import { namesOf } from '../assignment.js'
import type { AssignedFrom, PartitionCallOptions } from '../calls.js'
import { isOffset } from '../check-places.js'
import type { Engine } from '../engine.js'
import { formatPartition, type TopicPartitionOffset } from '../topic-partition.js'
import { findOffsets } from './list-offsets.js'
import { OffsetSpec } from './offset-spec.js'

/** Moves the places that partitions are read from, at the application's wish. */
export class Seeker {
  readonly #engine: Engine

  constructor(engine: Engine) {
    this.#engine = engine
  }

  /** @throws InvalidArgumentError for a partition that is not assigned, or an offset below 0. */
  seek(targets: readonly TopicPartitionOffset[]): void {
    const places = targets.map(
      (target) => [this.#engine.partition(target), readOffset(target)] as const,
    )
    for (const [partition, offset] of places) partition.seekTo(offset)
    this.#engine.moved(places.map(([partition]) => partition))
  }

  /** @throws InvalidArgumentError, BrokerError, TimeoutError, the signal's reason. */
  async toTimestamp(timestamp: number | Date, options: PartitionCallOptions): Promise<void> {
    const at = timestamp instanceof Date ? timestamp.getTime() : timestamp
    if (!Number.isSafeInteger(at) || at < 0) {
      throw new InvalidArgumentError(
        `seekToTimestamp() takes milliseconds since 1970 or a Date, not ${String(timestamp)}.`,
      )
    }
    await this.#to(at, options)
  }

  /** @throws InvalidArgumentError, BrokerError, TimeoutError, the signal's reason. */
  toBeginning(options: PartitionCallOptions): Promise<void> {
    return this.#to(OffsetSpec.earliest, options)
  }

  /** @throws InvalidArgumentError, BrokerError, TimeoutError, the signal's reason. */
  toEnd(options: PartitionCallOptions): Promise<void> {
    return this.#to(OffsetSpec.latest, options)
  }

  async #to(timestamp: number, options: PartitionCallOptions): Promise<void> {
    const engine = this.#engine
    engine.delivery.assertOpen()
    const partitions = options.partitions ?? namesOf(engine.assignment.all)
    const targets = partitions.map((target) => engine.partition(target))
    const { timeoutMs, signal } = engine.limits(options)
    const found = await findOffsets(engine.lookup(timeoutMs, signal), partitions, timestamp)
    for (const target of targets) {
      const offset = found.get(target.topic, target.partition)?.offset
      // A rebalance may have taken it away meanwhile.
      if (offset !== undefined && !target.isRevoked) target.seekTo(offset)
    }
    engine.moved(targets)
  }
}

/** @throws InvalidArgumentError unless the offset is a whole number of at least 0. */
export const readOffset = (target: AssignedFrom): number => {
  if (isOffset(target.offset)) return Number(target.offset)
  throw new InvalidArgumentError(
    `The offset of ${formatPartition(target)} must be 0 or more, not ${String(target.offset)}.`,
  )
}
