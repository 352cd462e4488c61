/** A transaction that was aborted, as a fetch response lists it. */
export interface AbortedTransaction {
  readonly producerId: bigint
  readonly firstOffset: bigint
}

/** What the filter needs of a batch. */
export interface TransactionalBatch {
  readonly producerId: bigint
  readonly lastOffset: bigint
  readonly isTransactional: boolean
}

/**
 * Tells which batches of one fetched chunk belong to aborted transactions (`read_committed`). A producer may abort several
 * times within a chunk, and the marker that ends a transaction may lie in a later one. Brokers other than Kafka are known to
 * send the list unsorted, so it is sorted here.
 */
export class AbortedTransactions {
  readonly #pending: AbortedTransaction[]
  readonly #active = new Set<bigint>()

  constructor(transactions: readonly AbortedTransaction[]) {
    this.#pending = [...transactions].sort((a, b) => (a.firstOffset < b.firstOffset ? 1 : -1))
  }

  /** Whether the batch's records must not be shown. Batches have to come in order. */
  isAborted(batch: TransactionalBatch): boolean {
    const { producerId, lastOffset } = batch
    this.#activateUpTo(lastOffset)
    return batch.isTransactional && this.#active.has(producerId)
  }

  /** An abort marker: the producer's later batches belong to its next transaction. */
  end({ producerId, lastOffset }: TransactionalBatch): void {
    this.#activateUpTo(lastOffset)
    this.#active.delete(producerId)
  }

  #activateUpTo(offset: bigint): void {
    for (let next = this.#pending.at(-1); next !== undefined; next = this.#pending.at(-1)) {
      if (next.firstOffset > offset) return
      this.#active.add(next.producerId)
      this.#pending.pop()
    }
  }
}
