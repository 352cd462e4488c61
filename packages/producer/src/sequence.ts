/** Sequences are 31-bit and go on with 0 after the largest (KIP-98). */
const sequenceModulus = 2 ** 31

/** The largest producer epoch a broker takes from a client; 32767 is its own. */
const maxProducerEpoch = 32_766

/** A producer id as InitProducerId hands it out. */
export interface ProducerIdentity {
  readonly producerId: bigint
  readonly producerEpoch: number
}

/** What a batch carries so that a broker can tell a repetition and a gap. */
export interface BatchStamp extends ProducerIdentity {
  readonly baseSequence: number
}

/** `sequence + count` in the ring of sequences. */
export const addToSequence = (sequence: number, count: number): number =>
  (sequence + count) % sequenceModulus

/**
 * The idempotent producer's state for one partition: which sequence comes next, under which id and epoch.
 *
 * A batch that left without being stored leaves a gap that the broker would refuse for ever. It is closed by a new epoch,
 * under which sequences begin at 0. Brokers keep producer state per partition, so the epoch is the partition's own: a gap
 * in one does not disturb the others (Java's client has one epoch for all and moves them one by one; the wire is the same).
 */
export class PartitionSequence {
  #identity: ProducerIdentity | undefined
  #next = 0
  #hasGap = false
  #isConfirmed = false
  #spentId: bigint | undefined

  /** Sequences were given out that the broker may never see: nothing new may follow under this epoch. */
  get hasGap(): boolean {
    return this.#hasGap
  }

  get next(): number {
    return this.#next
  }

  get identity(): ProducerIdentity | undefined {
    return this.#identity
  }

  /**
   * The broker has confirmed a batch of this epoch. Until then only one may be in flight: a broker that knows nothing of a
   * producer takes any first sequence, so if the first batch fails, the second would be stored before it.
   */
  get isConfirmed(): boolean {
    return this.#isConfirmed
  }

  /** The broker may have forgotten the producer by now: as at the beginning of an epoch. */
  unconfirm(): void {
    this.#isConfirmed = false
  }

  /** An id whose epochs are used up here: `adopt` needs another. */
  get spentId(): bigint | undefined {
    return this.#spentId
  }

  /** Whether `stamp` can give out sequences: false asks for an id by `adopt`. */
  get isReady(): boolean {
    return this.#identity !== undefined
  }

  /** Starts at sequence 0 under a fresh id. */
  adopt(identity: ProducerIdentity): void {
    this.#identity = identity
    this.#next = 0
    this.#hasGap = false
    this.#isConfirmed = false
  }

  /** Gives the next `count` sequences to a batch. */
  stamp(count: number): BatchStamp {
    if (this.#identity === undefined) throw new Error('no producer id yet')
    const { producerId, producerEpoch } = this.#identity
    const baseSequence = this.#next
    this.#next = addToSequence(baseSequence, count)
    return { producerId, producerEpoch, baseSequence }
  }

  /** A stamped batch was surely not stored and never will be. */
  lost(stamp: BatchStamp, count: number): void {
    if (!this.isCurrent(stamp)) return
    // The last one given out leaves no gap: its sequences are given out again.
    if (!this.#hasGap && addToSequence(stamp.baseSequence, count) === this.#next) {
      this.#next = stamp.baseSequence
    } else this.#hasGap = true
  }

  /** It is unknown whether a stamped batch was stored, or the broker disagrees about what comes next. */
  doubt(stamp: BatchStamp): void {
    if (this.isCurrent(stamp)) this.#hasGap = true
  }

  /** A stamped batch was stored, so all before it were. */
  stored(stamp: BatchStamp, count: number): void {
    if (!this.isCurrent(stamp)) return
    this.#isConfirmed = true
    if (addToSequence(stamp.baseSequence, count) === this.#next) this.#hasGap = false
  }

  /**
   * Closes the gap by a new epoch; when the epochs are used up, gives the id away (`isReady` is then false).
   * Only when nothing of the old epoch is in flight and nothing unanswered could still have been stored.
   */
  restart(): void {
    const identity = this.#identity
    if (identity === undefined) return
    this.#next = 0
    this.#hasGap = false
    this.#isConfirmed = false
    if (identity.producerEpoch >= maxProducerEpoch) {
      this.#spentId = identity.producerId
      this.#identity = undefined
    } else this.#identity = { ...identity, producerEpoch: identity.producerEpoch + 1 }
  }

  /** The broker knows a newer epoch of this id: only another id helps, which the next `restart` asks for. */
  abandon(): void {
    if (this.#identity === undefined) return
    this.#identity = { ...this.#identity, producerEpoch: maxProducerEpoch }
    this.#hasGap = true
  }

  /** Whether a stamp is of the present id and epoch. */
  isCurrent(stamp: BatchStamp): boolean {
    const identity = this.#identity
    return (
      identity !== undefined &&
      identity.producerId === stamp.producerId &&
      identity.producerEpoch === stamp.producerEpoch
    )
  }
}
