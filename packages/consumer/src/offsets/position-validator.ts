import {
  BrokerError,
  ErrorCode,
  errorInfo,
  KafkaError,
  OffsetForLeaderEpoch,
  UnsupportedVersionError,
} from '@ottla/protocol'
import type { FailureNotes } from '../delivery/delivery.js'
import type { AssignedPartition } from '../fetch/assigned-partition.js'
import { PartitionMap } from '../topic-partition.js'
import type { LookupContext } from './list-offsets.js'
import type { AutoOffsetReset } from './reset-policy.js'

/** What a `PositionValidator` works with. */
export interface PositionValidatorSetup {
  readonly lookup: LookupContext
  readonly policy: AutoOffsetReset
  readonly backoffMs: (failures: number) => number
  /** These partitions may be fetched again, or rest for a moment. */
  readonly onDone: (partitions: readonly AssignedPartition[]) => void
  /** Nothing of what was read is in the leader's log any more. */
  readonly onLost: (partition: AssignedPartition) => void
  /** What was fetched was cut off the log; reading goes on at `offset`. */
  readonly onTruncated: (partition: AssignedPartition, offset: number) => void
  readonly onError: (error: KafkaError, notes: FailureNotes) => void
}

/** First version that can say which leader is meant, so that a deposed one does not answer. */
const minVersion = 2

/**
 * Asks new leaders whether they have what was fetched from the ones before (KIP-320): after an unclean election the log may end
 * earlier and go on differently. Then reading goes back to where the logs part; with `autoOffsetReset: 'none'` that is an error.
 * Partitions that come within one turn are asked for together.
 */
export class PositionValidator {
  readonly #setup: PositionValidatorSetup
  readonly #pending = new Set<AssignedPartition>()

  constructor(setup: PositionValidatorSetup) {
    this.#setup = setup
  }

  /** Looks into a partition; it is marked as `isValidating` until that is done. */
  add(partition: AssignedPartition): void {
    if (this.#pending.size === 0) queueMicrotask(() => this.#flush())
    this.#pending.add(partition)
  }

  #flush(): void {
    const { metadata } = this.#setup.lookup.cluster
    const byNode = new Map<number, AssignedPartition[]>()
    for (const partition of this.#pending) {
      const node = metadata.leaderOf(partition.topic, partition.partition)?.node
      if (node === undefined) this.#finish([partition])
      else byNode.set(node, [...(byNode.get(node) ?? []), partition])
    }
    this.#pending.clear()
    for (const [node, partitions] of byNode) {
      this.#ask(node, partitions).catch((cause: unknown) => {
        if (this.#setup.lookup.signal.aborted) return
        this.#onFailure(partitions, KafkaError.from(cause))
      })
    }
  }

  async #ask(node: number, partitions: readonly AssignedPartition[]): Promise<void> {
    const { cluster, signal } = this.#setup.lookup
    const asked = new PartitionMap<{
      partition: AssignedPartition
      epoch: number
      leaderEpoch: number
    }>()
    const topics = new Map<
      string,
      { partition: number; currentLeaderEpoch: number; leaderEpoch: number }[]
    >()
    for (const partition of partitions) {
      const { topic, partition: number, epoch, fetchEpoch } = partition
      const leaderEpoch = cluster.metadata.leaderOf(topic, number)?.leaderEpoch ?? -1
      asked.set(topic, number, { partition, epoch, leaderEpoch })
      const list = topics.get(topic) ?? []
      list.push({ partition: number, currentLeaderEpoch: leaderEpoch, leaderEpoch: fetchEpoch })
      topics.set(topic, list)
    }
    const input = {
      replicaId: -1,
      topics: [...topics].map(([topic, list]) => ({ topic, partitions: list })),
    }
    const { response } = await cluster.request(OffsetForLeaderEpoch, input, {
      node,
      minVersion,
      signal,
    })
    for (const { topic, partitions: answers } of response.topics) {
      for (const { partition: number, errorCode, endOffset } of answers) {
        const found = asked.get(topic, number)
        if (found === undefined) continue
        const { partition, epoch, leaderEpoch } = found
        // A seek or a revocation came in between.
        if (partition.epoch !== epoch || partition.isRevoked) continue
        if (errorCode !== ErrorCode.NONE) {
          this.#onRefused(partition, errorCode, node)
          continue
        }
        partition.leaderEpoch = leaderEpoch
        partition.failures = 0
        this.#compare(partition, Number(endOffset))
      }
    }
    this.#finish(partitions)
  }

  #compare(partition: AssignedPartition, endOffset: number): void {
    const { fetchOffset = 0, position = 0 } = partition
    if (endOffset >= fetchOffset) return
    const { policy, onLost, onTruncated, onError } = this.#setup
    if (policy === 'none') {
      const end = endOffset < 0 ? 'holds nothing of it' : `goes back to offset ${endOffset}`
      const text = `records up to offset ${fetchOffset} were fetched from a leader whose log the new leader did not take over: its log ${end}; and autoOffsetReset is "none". Seek to go on`
      const { topic, partition: number } = partition
      partition.retryAtMs = Infinity
      const context = { api: 'OffsetForLeaderEpoch', topic, partition: number, text }
      const error = new BrokerError(ErrorCode.OFFSET_OUT_OF_RANGE, context)
      const onTaken = (): void => {
        partition.retryAtMs = 0
        this.#finish([partition])
      }
      onError(error, { onTaken, partition })
    } else if (endOffset < 0) {
      onLost(partition)
    } else if (position <= endOffset) {
      // Only what waits to be handed out may be wrong.
      partition.evict()
    } else {
      partition.seekTo(endOffset)
      onTruncated(partition, endOffset)
    }
  }

  #onRefused(partition: AssignedPartition, code: number, node: number): void {
    const { topic, partition: number } = partition
    const { cluster } = this.#setup.lookup
    const error = new BrokerError(code, {
      api: 'OffsetForLeaderEpoch',
      node,
      topic,
      partition: number,
    })
    partition.lastError = error
    if (errorInfo(code).refresh === 'metadata') cluster.metadata.markStale(topic)
    this.#onFailure([partition], error)
  }

  #onFailure(partitions: readonly AssignedPartition[], error: KafkaError): void {
    const { lookup, backoffMs, onError } = this.#setup
    if (error instanceof UnsupportedVersionError) {
      // A broker that cannot be asked: go on as consumers did before KIP-320.
      for (const partition of partitions) partition.fetchEpoch = -1
    } else if (error.retriable) {
      const nowMs = lookup.clock.monotonic()
      for (const partition of partitions) {
        partition.retryAtMs = nowMs + backoffMs(partition.failures++)
      }
      const topics = [...new Set(partitions.map(({ topic }) => topic))]
      lookup.cluster.refreshMetadata({ topics, signal: lookup.signal }).catch(() => {})
    } else {
      for (const partition of partitions) {
        partition.retryAtMs = Infinity
        const onTaken = (): void => {
          partition.retryAtMs = 0
          this.#finish([partition])
        }
        onError(error, { onTaken, partition })
      }
    }
    this.#finish(partitions)
  }

  #finish(partitions: readonly AssignedPartition[]): void {
    for (const partition of partitions) partition.isValidating = false
    this.#setup.onDone(partitions)
  }
}
