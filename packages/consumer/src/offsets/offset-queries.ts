import { InvalidArgumentError } from '@ottla/protocol'
import { namesOf } from '../assignment.js'
import type { CallOptions, CommittedOffset, PartitionLag } from '../calls.js'
import type { Engine } from '../engine.js'
import type { TopicPartition } from '../topic-partition.js'
import { type Committable, toStoredOffsets } from './committable.js'
import { listOffsets } from './list-offsets.js'
import { OffsetSpec } from './offset-spec.js'

/** What the application asks about offsets, and the commits it makes itself. */
export class OffsetQueries {
  readonly #engine: Engine

  constructor(engine: Engine) {
    this.#engine = engine
  }

  /** @throws InvalidArgumentError without a groupId; BrokerError, TimeoutError, the signal's reason. */
  async commit(
    what: Committable | readonly Committable[] | undefined,
    options: CallOptions,
  ): Promise<void> {
    this.#engine.delivery.assertOpen()
    const { committer, assignment } = this.#engine
    if (committer === undefined) throw needsGroup('commit')
    const limits = this.#engine.limits(options)
    if (what === undefined) return committer.commitFinished(limits)
    const offsets = toStoredOffsets(what)
    await committer.commit(offsets, limits)
    for (const target of offsets) assignment.get(target)?.markFinished(target.offset)
  }

  /** @throws InvalidArgumentError without a groupId; BrokerError, TimeoutError, the signal's reason. */
  async committed(
    partitions: readonly TopicPartition[],
    options: CallOptions,
  ): Promise<CommittedOffset[]> {
    this.#engine.delivery.assertOpen()
    const { groupOffsets } = this.#engine
    if (groupOffsets === undefined) throw needsGroup('committed')
    const stored = await groupOffsets.fetch(partitions, this.#engine.limits(options))
    return partitions.map(({ topic, partition }) => {
      const found = stored.get(topic, partition)
      const offset = found === undefined ? undefined : BigInt(found.offset)
      return { topic, partition, offset, metadata: found?.metadata ?? null }
    })
  }

  /** @throws BrokerError, TimeoutError, the signal's reason. */
  async lag(options: CallOptions): Promise<PartitionLag[]> {
    const engine = this.#engine
    engine.delivery.assertOpen()
    const partitions = engine.assignment.all
    const { timeoutMs, signal } = engine.limits(options)
    const queries = namesOf(partitions).map((name) => ({ ...name, timestamp: OffsetSpec.latest }))
    const ends = await listOffsets(engine.lookup(timeoutMs, signal), queries)
    return partitions.flatMap(({ topic, partition, readPosition }) => {
      const end = ends.get(topic, partition)?.offset
      if (end === undefined || readPosition === undefined) return []
      const [position, endOffset] = [BigInt(readPosition), BigInt(end)]
      const lag = endOffset > position ? endOffset - position : 0n
      return [{ topic, partition, lag, position, endOffset }]
    })
  }

  /** Undefined before the first fetch, or when it is not assigned. */
  currentLag(target: TopicPartition): bigint | undefined {
    const { assignment, options } = this.#engine
    const partition = assignment.get(target)
    if (partition?.readPosition === undefined) return undefined
    const { highWatermark, lastStableOffset, readPosition } = partition
    const end = options.isolationLevel === 'read_committed' ? lastStableOffset : highWatermark
    return end < 0 ? undefined : BigInt(Math.max(0, end - readPosition))
  }
}

const needsGroup = (method: string): InvalidArgumentError =>
  new InvalidArgumentError(`${method}() needs the option groupId: offsets are stored per group.`)
