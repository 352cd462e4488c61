import type { KafkaError } from '@ottla/protocol'
import type { RecordArray } from '../batch.js'
import type { Claim } from '../delivery/claim.js'
import type { Lease } from '../delivery/lease.js'
import type { FetchLane, FetchNode } from './fetch-lane.js'
import type { FetchedChunk } from './fetched-chunk.js'

/** Bytes fetched ahead by all partitions of a consumer. */
export interface BufferBudget {
  usedBytes: number
}

/**
 * Everything known of one assigned partition. Offsets are numbers here (exact below 2^53, which takes 285 years at a million
 * records a millisecond); they become bigint at the public edge.
 *
 * Three offsets chase each other: `fetchOffset` (next to ask the broker for) ≥ `position` (next to hand out) ≥ the committable
 * offset (next after what the application has finished).
 */
export class AssignedPartition {
  readonly topic: string
  readonly partition: number

  /** Goes up whenever what was fetched or handed out so far no longer counts: seek, reset, revocation. */
  epoch = 0
  /** Undefined until a committed offset, the reset policy or a seek gives the place to start. */
  fetchOffset: number | undefined
  position: number | undefined
  /** Records before it are finished; undefined as long as there is nothing that could be committed. */
  finishedOffset: number | undefined
  /** What the group holds as committed, as far as we know. */
  committedOffset: number | undefined
  /** What the application has committed by itself, and in which epoch: automatic commits do not fall behind it. */
  #ownCommit: { readonly offset: number; readonly epoch: number } | undefined
  /** Epoch of the newest batch handed out, for the committed offset; -1 for none. */
  finishedLeaderEpoch = -1

  isPaused = false
  /** Being given up: nothing more is handed out. */
  isRevoking = false
  /** Given up: everything that still holds on to it is void. */
  isRevoked = false
  /** Waits for `onAssigned` before anything is fetched. */
  isHeld = true

  readonly chunks: FetchedChunk[] = []
  bufferedBytes = 0
  readonly #budget: BufferBudget
  /** Records already parsed that were not wanted at the time: after a pause or a loop that was left. */
  remainder: RecordArray | undefined
  lease: Lease | undefined
  /** Set while the partition is read by itself, as a stream. */
  claim: Claim | undefined
  /** In the queue of partitions that have records. */
  isQueued = false

  /** The lane that this partition is fetched by, or the broker where it waits for one. */
  lane: FetchLane | undefined
  waitingAt: FetchNode | undefined
  attachedAtMs = -Infinity
  /** When a broker last answered for it, by lanes it has left. */
  answeredAtMs = -Infinity
  /** The replica to read from instead of the leader (KIP-392), and until when. */
  readReplica: { readonly node: number; readonly untilMs: number } | undefined
  /** Leader epoch of the newest batch fetched, or of the committed offset: what a new leader is asked about (KIP-320). */
  fetchEpoch = -1
  /** Epoch of the leader that `fetchOffset` is known to suit. */
  leaderEpoch = -1
  /** A new leader is being asked whether it has what was fetched from the one before. */
  isValidating = false
  /** No fetch before this monotonic time, after an error. */
  retryAtMs = 0
  failures = 0
  /** Why the last fetch of it failed; undefined after one that did not. */
  lastError: KafkaError | undefined
  /** Since when the brokers say that it does not exist; undefined while they do not. */
  absentSinceMs: number | undefined
  /** A position look-up is under way. */
  isLookingUp = false

  highWatermark = -1
  lastStableOffset = -1
  logStartOffset = -1

  constructor(topic: string, partition: number, budget: BufferBudget = { usedBytes: 0 }) {
    this.topic = topic
    this.partition = partition
    this.#budget = budget
  }

  /** When a broker last answered a fetch of this partition. */
  get lastAnswerMs(): number {
    const { lane, answeredAtMs, attachedAtMs } = this
    if (lane === undefined || lane.answeredAtMs <= attachedAtMs) return answeredAtMs
    return lane.answeredAtMs
  }

  /** Whether something could be handed out now. */
  get hasRecords(): boolean {
    return this.remainder !== undefined || this.chunks.length > 0
  }

  /** Offset to commit: of the record at hand, or after everything finished; never before what the application has committed. */
  get committableOffset(): number | undefined {
    const { lease, finishedOffset, epoch } = this
    const isCurrent = lease !== undefined && lease.epoch === epoch
    const finished = (isCurrent ? lease.committableOffset : undefined) ?? finishedOffset
    const own = this.#ownCommit
    if (own === undefined || own.epoch !== epoch) return finished
    return Math.max(finished ?? -1, own.offset)
  }

  /** Offset of the next record the application gets: `position` runs ahead by what was parsed and not asked for yet. */
  get readPosition(): number | undefined {
    const { lease, remainder } = this
    if (lease !== undefined && lease.epoch === this.epoch) {
      return lease.batch[lease.index + lease.atHand]?.offsetNumber ?? this.position
    }
    return remainder?.[0]?.offsetNumber ?? this.position
  }

  /** The application has committed up to `offset` by itself: what lies before it is finished. */
  markFinished(offset: number): void {
    const { lease, remainder, epoch, finishedOffset = -1 } = this
    this.#ownCommit = { offset, epoch }
    const handedOut = remainder?.nextOffsetNumber ?? this.position ?? -1
    if (offset > handedOut || offset <= finishedOffset) return
    if (lease !== undefined && lease.epoch === epoch) {
      lease.mark(offset)
      return
    }
    this.finishedOffset = offset
    if (remainder !== undefined) this.#finishRemainder(remainder, offset)
  }

  /** Of what was put back when a loop was left, only the records from `offset` on come again. */
  #finishRemainder(remainder: RecordArray, offset: number): void {
    const index = remainder.findIndex((record) => record.offsetNumber >= offset)
    this.remainder = index === -1 ? undefined : remainder.rest(index)
    this.position = this.remainder?.[0]?.offsetNumber ?? remainder.nextOffsetNumber
  }

  /** Moves the place to read from; what was fetched and what is at hand no longer counts. */
  moveTo(offset: number): void {
    this.discard()
    this.fetchOffset = offset
    this.fetchEpoch = -1
    this.position = offset
  }

  /** As `moveTo`, by the application's wish: the place counts as finished up to there and will be committed. */
  seekTo(offset: number): void {
    this.moveTo(offset)
    this.finishedOffset = offset
    this.finishedLeaderEpoch = -1
  }

  /** Fetches again from the position, because what was fetched cannot be read. */
  refetch(): void {
    if (this.position !== undefined) this.moveTo(this.position)
  }

  /** Adds what was fetched. */
  addChunk(chunk: FetchedChunk): void {
    this.chunks.push(chunk)
    this.#count(chunk.sizeInBytes)
  }

  /** Takes the first chunk away: it has been read. */
  removeChunk(): void {
    this.#count(-(this.chunks.shift()?.sizeInBytes ?? 0))
  }

  /** Gives up what was fetched and not read yet; it will be fetched again. */
  evict(): void {
    const [first] = this.chunks
    if (first === undefined) return
    this.fetchOffset = first.nextOffset
    this.#clearChunks()
  }

  /** Drops everything fetched and stops what is being handed out. */
  discard(): void {
    this.epoch++
    this.#clearChunks()
    this.remainder = undefined
    this.lease?.stop(false)
  }

  #clearChunks(): void {
    this.chunks.length = 0
    this.#count(-this.bufferedBytes)
  }

  #count(bytes: number): void {
    this.bufferedBytes += bytes
    this.#budget.usedBytes += bytes
  }
}
