import { InvalidArgumentError } from '@ottla/protocol'
import type { ConsumerBatch } from '../batch.js'
import {
  openBatches,
  openRecords,
  type TypedSource,
} from '../deserialization/deserialized-loops.js'
import type { AssignedPartition } from '../fetch/assigned-partition.js'
import type { ConsumerRecord } from '../record.js'
import { formatPartition } from '../topic-partition.js'
import { Claim } from './claim.js'
import type { Reader } from './delivery.js'

/**
 * One assigned partition's records, read independently of the other partitions. The stream ends when the partition is revoked or
 * the consumer closes; if the partition comes back, so does a new stream. Leaving the loop gives the partition back: the record
 * at hand is not finished, and a new stream begins with it.
 */
export interface PartitionStream<Key = Buffer, Value = Buffer>
  extends AsyncIterable<ConsumerRecord<Key, Value>> {
  readonly topic: string
  readonly partition: number
  /** The same in batches of at most `maxPollRecords`. */
  batches(): AsyncIterableIterator<ConsumerBatch<Key, Value>>
}

class ClaimedStream<Key, Value> implements PartitionStream<Key, Value> {
  readonly topic: string
  readonly partition: number
  readonly #source: TypedSource<Key, Value>
  readonly #reader: Reader
  readonly #claim: Claim
  #isBegun = false

  constructor(source: TypedSource<Key, Value>, reader: Reader, claim: Claim) {
    this.topic = claim.partition.topic
    this.partition = claim.partition.partition
    this.#source = source
    this.#reader = reader
    this.#claim = claim
  }

  [Symbol.asyncIterator](): AsyncIterableIterator<ConsumerRecord<Key, Value>> {
    return openRecords(this.#source, this.#begin())
  }

  batches(): AsyncIterableIterator<ConsumerBatch<Key, Value>> {
    return openBatches(this.#source, this.#begin())
  }

  #begin() {
    if (this.#isBegun && !this.#claim.isOver) {
      throw new InvalidArgumentError(
        `The stream of ${formatPartition(this)} is being read already; a partition has one reader.`,
        { code: 'OTTLA_CONCURRENT_READ' },
      )
    }
    this.#isBegun = true
    return { reader: this.#reader, claim: this.#claim }
  }
}

const ended = { done: true, value: undefined } as const

/** Where the streams come from. */
export interface StreamSource<Key = Buffer, Value = Buffer> extends TypedSource<Key, Value> {
  /** The assigned partitions, as they are at each call. */
  readonly partitions: () => Iterable<AssignedPartition>
}

/** `for await (const stream of consumer.partitions())`. Leaving it ends its streams. */
export class PartitionStreams<Key, Value>
  implements AsyncIterableIterator<PartitionStream<Key, Value>>, Reader
{
  readonly what = 'a loop over partitions()'
  readonly #source: StreamSource<Key, Value>
  readonly #claims = new Set<Claim>()
  #isLeft = false

  constructor(source: StreamSource<Key, Value>) {
    this.#source = source
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  /** The stream of the next assigned partition that has none. */
  async next(): Promise<IteratorResult<PartitionStream<Key, Value>>> {
    const { delivery, onRequest, signal } = this.#source
    if (this.#isLeft) return ended
    delivery.enter(this)
    try {
      for (;;) {
        signal?.throwIfAborted()
        if (this.#isLeft) return ended
        onRequest()
        delivery.throwPending()
        if (delivery.isClosed) return this.return()
        const partition = this.#findFree()
        if (partition !== undefined) return { done: false, value: this.#claim(partition) }
        await delivery.wait(signal)
      }
    } catch (error) {
      await this.return()
      throw error
    }
  }

  /** Ends the streams: what is at hand of them comes again, to whoever reads next. */
  return(): Promise<IteratorResult<PartitionStream<Key, Value>>> {
    const { delivery } = this.#source
    this.#isLeft = true
    for (const claim of this.#claims) {
      claim.partition.lease?.stop(false)
      claim.leave()
      delivery.offer(claim.partition)
    }
    this.#claims.clear()
    delivery.exit(this)
    // Who waits for the next stream gets none.
    delivery.wake()
    return Promise.resolve(ended)
  }

  #findFree(): AssignedPartition | undefined {
    for (const partition of this.#source.partitions()) {
      const { claim, isHeld, isRevoking, isRevoked } = partition
      if (claim === undefined && !isHeld && !isRevoking && !isRevoked) return partition
    }
    return undefined
  }

  #claim(partition: AssignedPartition): PartitionStream<Key, Value> {
    for (const claim of this.#claims) if (claim.isOver) this.#claims.delete(claim)
    const claim = new Claim(partition)
    this.#claims.add(claim)
    return new ClaimedStream(this.#source, this, claim)
  }
}
