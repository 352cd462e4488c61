import {
  type AppendInfo,
  type AppendOrigin,
  type AppendRequest,
  type Log,
  LogError,
} from '@ottla/log'
import { ErrorCode } from '@ottla/protocol'
import { refusal } from '../errors.js'
import type { EventStream } from '../events.js'
import type { PartitionImage } from '../image/image.js'
import { type AppendDone, AppendQueue } from './append-queue.js'
import { Watchers } from './purgatory.js'
import { RemoteReplicas } from './remote-replicas.js'

/** What a partition needs from its broker. */
export interface PartitionContext {
  readonly nodeId: number
  readonly events: EventStream
  /** Calls back when all that is ready in this turn of the event loop has run. */
  readonly afterTurn: (callback: () => void) => void
  /** Opens (or creates) the partition's log; called on first use. */
  openLog(partition: Partition): Log
  /** Whether there is a log to open. */
  hasLog(partition: Partition): boolean
  /** The high watermark of the last life, if it left one. */
  checkpointedHighWatermark(partition: Partition): number | undefined
  /** Told of every rise of a high watermark. */
  noteHighWatermark(partition: Partition): void
  /** `min.insync.replicas` of the topic. */
  minInsyncReplicas(topic: string): number
}

/** How to append as the leader. */
export interface LeaderAppend {
  readonly nowMs: number
  readonly origin: AppendOrigin
  /** acks=all: refuse while the ISR is smaller than min.insync.replicas. */
  readonly requireMinIsr?: boolean
}

/**
 * One partition on this broker: its log, what the controller decided about it, and the high watermark. The log is
 * opened on first use, so that thousands of idle partitions cost neither start-up time nor descriptors.
 */
export class Partition {
  readonly topic: string
  readonly topicId: string
  readonly partition: number
  /** Woken when there is more to read, or when this partition stops being one to read from. */
  readonly readers = new Watchers()
  /** Woken when the high watermark rises, or when it never will. */
  readonly writers = new Watchers()
  readonly #context: PartitionContext
  readonly #replicas = new RemoteReplicas()
  readonly #queue: AppendQueue
  #appendedBytes = 0
  #image: PartitionImage
  #log: Log | undefined
  #highWatermark = 0
  #deleted = false

  constructor(topic: string, topicId: string, image: PartitionImage, context: PartitionContext) {
    this.topic = topic
    this.topicId = topicId
    this.partition = image.partition
    this.#image = image
    this.#context = context
    this.#queue = new AppendQueue((requests) => this.#write(requests), context.afterTurn)
  }

  /** Directory of the log: Kafka's `<topic>-<partition>`. */
  get directory(): string {
    return `${this.topic}-${this.partition}`
  }

  get image(): PartitionImage {
    return this.#image
  }

  get isLeader(): boolean {
    return this.#image.leader === this.#context.nodeId && !this.#deleted
  }

  get isDeleted(): boolean {
    return this.#deleted
  }

  get leaderEpoch(): number {
    return this.#image.leaderEpoch
  }

  /** The log, opened if need be. */
  get log(): Log {
    this.#queue.settle()
    return this.#log ?? this.open()
  }

  /** Whether anything was ever written here: without it, opening the log would make it. */
  get hasLog(): boolean {
    return this.#log !== undefined || this.#context.hasLog(this)
  }

  /** The log if it is open. */
  get openedLog(): Log | undefined {
    this.#queue.settle()
    return this.#log
  }

  /** Bytes appended since the log was opened: lets a parked fetch know what it missed without reading. */
  get appendedBytes(): number {
    this.#queue.settle()
    return this.#appendedBytes
  }

  /** Offsets below this are on every in-sync replica; consumers read up to here. */
  get highWatermark(): number {
    this.#queue.settle()
    if (this.#log === undefined) this.open()
    return this.#highWatermark
  }

  /** Where read_committed consumers stop: the oldest open transaction, or the high watermark. */
  get lastStableOffset(): number {
    const { highWatermark } = this
    return Math.min(this.log.firstUnstableOffset ?? highWatermark, highWatermark)
  }

  /**
   * Checks that this broker leads the partition in the epoch that the client believes in (-1: whichever).
   * @throws BrokerError FENCED_LEADER_EPOCH, UNKNOWN_LEADER_EPOCH, NOT_LEADER_OR_FOLLOWER
   */
  checkLeader(currentLeaderEpoch = -1): void {
    if (currentLeaderEpoch !== -1 && !this.#deleted) {
      if (currentLeaderEpoch < this.leaderEpoch) throw refusal(ErrorCode.FENCED_LEADER_EPOCH)
      if (currentLeaderEpoch > this.leaderEpoch) throw refusal(ErrorCode.UNKNOWN_LEADER_EPOCH)
    }
    if (!this.isLeader) throw refusal(ErrorCode.NOT_LEADER_OR_FOLLOWER)
  }

  /**
   * Appends batches; the high watermark rises at once if no other replica has to follow.
   * @throws BrokerError NOT_LEADER_OR_FOLLOWER, NOT_ENOUGH_REPLICAS, or what is wrong with the batches.
   */
  append(batches: Uint8Array, options: LeaderAppend): AppendInfo {
    this.#queue.settle()
    const [result] = this.#write([this.#checkedAppend(batches, options)])
    if (result === undefined || result instanceof Error) throw result
    return result
  }

  /**
   * Appends batches together with the others that this turn of the event loop brings. `done` is told what `append` would
   * have returned or thrown.
   * @throws BrokerError NOT_LEADER_OR_FOLLOWER, NOT_ENOUGH_REPLICAS
   */
  enqueue(batches: Uint8Array, options: LeaderAppend, done: AppendDone): void {
    this.#queue.add(this.#checkedAppend(batches, options), done)
  }

  /** Writes what waits for the end of this turn. */
  settle(): void {
    this.#queue.settle()
  }

  #checkedAppend(batches: Uint8Array, options: LeaderAppend): AppendRequest {
    this.checkLeader()
    const { nowMs, origin, requireMinIsr = false } = options
    if (requireMinIsr && this.isUnderMinIsr) {
      const text = `The size of the current ISR : ${this.#image.isr.length} is insufficient to satisfy the min.isr requirement of ${this.#minIsr()} for partition ${this.directory}, live replica(s) broker.id are : ${this.#image.isr.join(',')}`
      throw refusal(ErrorCode.NOT_ENOUGH_REPLICAS, text)
    }
    return { batches, options: { leaderEpoch: this.leaderEpoch, nowMs, origin } }
  }

  #write(requests: readonly AppendRequest[]): (AppendInfo | LogError)[] {
    const log = this.#log ?? this.open()
    const results = log.appendAll(requests)
    const { events } = this.#context
    for (const info of results) {
      if (info instanceof LogError || info.duplicate) continue
      const { firstOffset, lastOffset, sizeInBytes } = info
      this.#appendedBytes += sizeInBytes
      if (!events.wants('append')) continue
      const { topic, partition } = this
      events.publish('append', { topic, partition, firstOffset, lastOffset, sizeInBytes })
    }
    this.#advanceHighWatermark()
    return results
  }

  /** Whether the ISR is too small for acks=all; a topic of fewer replicas than the minimum is never asked for more. */
  get isUnderMinIsr(): boolean {
    return this.#image.isr.length < this.#minIsr()
  }

  /** A follower asks for records from here on: it has everything before. */
  follow(replicaId: number, fetchOffset: number, nowMs: number): void {
    if (!this.#image.replicas.includes(replicaId)) throw refusal(ErrorCode.NOT_LEADER_OR_FOLLOWER)
    this.#replicas.update(replicaId, fetchOffset, nowMs)
    this.#advanceHighWatermark()
  }

  /** The controller decided something about this partition. */
  update(image: PartitionImage): void {
    this.#queue.settle()
    const before = this.#image
    this.#image = image
    if (image.leaderEpoch !== before.leaderEpoch) {
      this.#replicas.clear()
      if (this.#log !== undefined) this.#beginEpoch(this.#log)
      this.readers.notify()
      this.writers.notify()
    }
    this.announceLeader()
  }

  /** Publishes leader, epoch and ISR as they are now. */
  announceLeader(): void {
    const { events } = this.#context
    if (!events.wants('election')) return
    const { topic, partition } = this
    const { leader, leaderEpoch, isr } = this.#image
    events.publish('election', { topic, partition, leader, leaderEpoch, isr })
  }

  /** The topic is gone: waiting requests find out, the log is closed. */
  markDeleted(): void {
    this.#queue.settle()
    this.#deleted = true
    this.close()
    this.readers.notify()
    this.writers.notify()
  }

  /** @param options `isSynced`: everything is on the device already. */
  close(options?: { readonly isSynced: boolean }): void {
    this.#queue.settle()
    this.#log?.close(options)
    this.#log = undefined
  }

  #minIsr(): number {
    const { replicas } = this.#image
    return Math.min(this.#context.minInsyncReplicas(this.topic), replicas.length)
  }

  /** Opens the log, if it is not: after a crash that recovers it. */
  open(): Log {
    if (this.#log !== undefined) return this.#log
    const log = this.#context.openLog(this)
    this.#log = log
    const known = this.#context.checkpointedHighWatermark(this) ?? log.logStartOffset
    this.#highWatermark = Math.max(log.logStartOffset, Math.min(known, log.logEndOffset))
    this.#beginEpoch(log)
    return log
  }

  #beginEpoch(log: Log): void {
    if (!this.isLeader) return
    if (log.latestEpoch < this.leaderEpoch)
      log.assignLeaderEpoch(this.leaderEpoch, log.logEndOffset)
    this.#advanceHighWatermark()
  }

  /** The lowest end of the in-sync replicas' logs; it only rises, and not while the ISR is too small (KIP-966). */
  #advanceHighWatermark(): void {
    const log = this.#log
    if (log === undefined || this.isUnderMinIsr) return
    const { isr } = this.#image
    const { nodeId, events } = this.#context
    const end = log.logEndOffset
    const low =
      isr.length === 1 && isr[0] === nodeId ? end : this.#replicas.lowestEnd(isr, nodeId, end)
    if (low <= this.#highWatermark) return
    this.#highWatermark = low
    this.#context.noteHighWatermark(this)
    if (events.wants('highWatermark')) {
      const { topic, partition } = this
      events.publish('highWatermark', { topic, partition, highWatermark: low })
    }
    if (this.readers.size > 0) this.readers.notify()
    if (this.writers.size > 0) this.writers.notify()
  }
}
