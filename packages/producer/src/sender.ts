import { BrokerError, type KafkaError, TimeoutError } from '@ottla/protocol'
import type { ProducerBatch } from './batch.js'
import type { RefusedRecords } from './deliveries.js'
import type { DrainRules, PartitionQueue } from './partition-queue.js'
import type {
  BatchSource,
  PartitionAnswer,
  ProduceCall,
  Routes,
  SenderSettings,
} from './sender-contract.js'
import type { ProducerIdentity } from './sequence.js'
import { splitBatch } from './split.js'
import { judge } from './verdict.js'

/** Request header, topic names and sizes around the batches of a request, at most. */
const requestOverheadBytes = 512

/** After so long without a batch a broker may have forgotten the producer (`producer.id.expiration.ms`, a day by default). */
const quietMs = 3_600_000

/**
 * Decides which batches leave when, and what becomes of them by the answers. Does no I/O and looks at no clock: `drain`
 * says what to send, and its caller reports `answered` or `unanswered` for each batch, then `landed` for the call.
 */
export class Sender {
  readonly #settings: SenderSettings
  readonly #source: BatchSource
  readonly #routes: Routes
  readonly #callsByNode = new Map<number, number>()
  #identity: ProducerIdentity | undefined
  #needsIdentity = false
  #wakeAtMs = Infinity
  #callsInFlight = 0

  constructor(settings: SenderSettings, source: BatchSource, routes: Routes) {
    this.#settings = settings
    this.#source = source
    this.#routes = routes
  }

  /** A producer id is wanted; give it to `adopt`, then `drain` again. */
  get needsIdentity(): boolean {
    return this.#needsIdentity
  }

  get callsInFlight(): number {
    return this.#callsInFlight
  }

  /** When `drain` should be called at the latest, by what it saw last; Infinity when only answers can change anything. */
  get wakeAtMs(): number {
    return this.#wakeAtMs
  }

  /** Takes the id for partitions that begin or begin anew. */
  adopt(identity: ProducerIdentity): void {
    this.#identity = identity
    this.#needsIdentity = false
  }

  /** Takes what may leave now, packed into requests. Queues take turns: one that gave a batch goes to the end. */
  drain(nowMs: number): ProduceCall[] {
    const rules: DrainRules = {
      lingerMs: this.#settings.lingerMs,
      isFlushing: this.#source.isFlushing,
      isIdempotent: this.#settings.isIdempotent,
    }
    const calls: ProduceCall[] = []
    const openCalls = new Map<number, ProduceCall>()
    this.#wakeAtMs = Infinity
    // A queue that is put back at the end is met again in the same pass, for its next batch in the next request.
    for (const queue of this.#source.active) {
      const leavesAtMs = queue.leavesAtMs(rules)
      if (leavesAtMs > nowMs) {
        this.#wakeAtMs = Math.min(this.#wakeAtMs, leavesAtMs)
        continue
      }
      const node = this.#routes.leaderOf(queue.topic, queue.partition)
      if (node === undefined) {
        this.#routes.refresh(queue.topic)
        this.#wakeAtMs = Math.min(this.#wakeAtMs, nowMs + this.#settings.backoffMs(1))
        continue
      }
      if (!this.#isOpenFor(node, queue, openCalls)) continue
      if (!this.#prepare(queue, nowMs)) continue
      this.#takeInto(queue, node, calls, openCalls)
    }
    return calls
  }

  /** Whether a request to the node can take a batch of this partition. */
  #isOpenFor(node: number, queue: PartitionQueue, openCalls: Map<number, ProduceCall>): boolean {
    const call = openCalls.get(node)
    if (call !== undefined && queue.lastCall !== call) return true
    return this.#mayCall(node)
  }

  /** Sees to it that the partition can give out sequences; false when a producer id must come first. */
  #prepare(queue: PartitionQueue, nowMs: number): boolean {
    if (!this.#settings.isIdempotent) return true
    queue.closeGap()
    if (queue.inFlight.length === 0 && nowMs - queue.lastStoredMs > quietMs) {
      queue.sequence.unconfirm()
    }
    if (queue.sequence.isReady) return true
    // Another id than the one at hand, if this partition has used that up.
    if (this.#identity === undefined || queue.sequence.spentId === this.#identity.producerId) {
      this.#needsIdentity = true
      return false
    }
    queue.sequence.adopt(this.#identity)
    return true
  }

  #takeInto(
    queue: PartitionQueue,
    node: number,
    calls: ProduceCall[],
    openCalls: Map<number, ProduceCall>,
  ): void {
    const { active } = this.#source
    const batch = queue.take()
    active.delete(queue)
    if (batch === undefined) return
    if (!queue.isIdle) active.add(queue)
    this.#source.taken(queue)
    const payload = this.#encode(queue, batch)
    if (payload === undefined) return
    let call = openCalls.get(node)
    if (
      call === undefined ||
      queue.lastCall === call ||
      call.sizeBytes + payload.length > this.#settings.maxRequestSize
    ) {
      if (!this.#mayCall(node)) {
        // The request at hand is too full for this batch and no other may be begun: the node takes no more in this pass.
        openCalls.delete(node)
        queue.putBack(batch)
        active.add(queue)
        return
      }
      call = { node, batches: [], payloads: [], sizeBytes: requestOverheadBytes }
      openCalls.set(node, call)
      calls.push(call)
      this.#callsByNode.set(node, (this.#callsByNode.get(node) ?? 0) + 1)
      this.#callsInFlight++
    }
    batch.attempts++
    queue.inFlight.push(batch)
    queue.lastCall = call
    call.batches.push(batch)
    call.payloads.push(payload)
    call.sizeBytes += payload.length
  }

  #mayCall(node: number): boolean {
    return (this.#callsByNode.get(node) ?? 0) < this.#settings.maxInFlightRequestsPerConnection
  }

  /** Encodes the batch; one that cannot be encoded (a codec is missing) fails here. */
  #encode(queue: PartitionQueue, batch: ProducerBatch): Uint8Array | undefined {
    if (this.#settings.isIdempotent && batch.stamp === undefined) {
      batch.stamp = queue.sequence.stamp(batch.count)
    }
    try {
      return batch.encode()
    } catch (error) {
      this.#giveUp(queue, batch, error as KafkaError)
      return undefined
    }
  }

  /** A broker answered for one batch of a call. */
  answered(call: ProduceCall, batch: ProducerBatch, answer: PartitionAnswer, nowMs: number): void {
    const queue = this.#source.queueOf(batch)
    queue.landed(batch)
    const { stamp } = batch
    const verdict = judge(answer.errorCode, batch.count, stamp !== undefined)
    switch (verdict.kind) {
      case 'stored':
      case 'repeated':
        if (stamp !== undefined) queue.sequence.stored(stamp, batch.count)
        queue.lastStoredMs = nowMs
        batch.deliver(verdict.kind === 'stored' ? answer.baseOffset : -1n, answer.logAppendTimeMs)
        // Sent once and answered, or taken by the operating system: no connection holds its bytes any more.
        if (batch.attempts === 1) this.#source.reuse(batch)
        break
      case 'split':
        this.#split(queue, batch, nowMs)
        break
      case 'fenced':
        queue.sequence.abandon()
        this.#giveUp(queue, batch, this.#brokerError(call, batch, answer))
        break
      case 'out of sequence':
        // If something before it is still under way, that comes first and the sequences hold.
        batch.maybeStored = false
        if (stamp !== undefined && !hasEarlier(queue, batch)) queue.sequence.doubt(stamp)
        this.#retry(queue, batch, this.#brokerError(call, batch, answer), nowMs)
        break
      case 'retry':
        if (verdict.maybeStored) batch.maybeStored = true
        if (verdict.refresh) this.#routes.refresh(batch.topic)
        this.#retry(queue, batch, this.#brokerError(call, batch, answer), nowMs)
        // Whoever leads the partition now has not failed yet.
        if (this.#routes.leaderOf(batch.topic, batch.partition) !== call.node) batch.retryAtMs = 0
        break
      case 'fail':
        this.#giveUp(
          queue,
          batch,
          this.#brokerError(call, batch, answer),
          this.#refused(call, batch, answer),
        )
    }
  }

  /** No answer came for a batch: it may be stored or not, unless the call was never written. */
  unanswered(call: ProduceCall, batch: ProducerBatch, error: KafkaError, nowMs: number): void {
    const queue = this.#source.queueOf(batch)
    queue.landed(batch)
    if (call.isWritten) batch.maybeStored = true
    else batch.unwrittenAttempts++
    if (!error.retriable) {
      this.#giveUp(queue, batch, error)
      return
    }
    this.#routes.refresh(batch.topic)
    this.#retry(queue, batch, error, nowMs)
  }

  /** The call is over: its place on the connection is free. */
  landed(call: ProduceCall): void {
    this.#callsInFlight--
    const left = (this.#callsByNode.get(call.node) ?? 1) - 1
    if (left === 0) this.#callsByNode.delete(call.node)
    else this.#callsByNode.set(call.node, left)
  }

  /** Gives up a batch whose delivery timeout is over, wherever it is. */
  expire(batch: ProducerBatch): void {
    const queue = this.#source.queueOf(batch)
    const cause = batch.lastError ?? this.#routes.unreachable()
    const error = new TimeoutError(
      `${batch.count} record(s) for ${batch.topic}-${batch.partition} were not confirmed within deliveryTimeoutMs ` +
        `(${this.#settings.deliveryTimeoutMs} ms)${batch.attempts === batch.unwrittenAttempts ? ', and never sent' : ''}: ` +
        `${lastTrouble(cause)}`,
      {
        code: 'OTTLA_DELIVERY_TIMEOUT',
        topic: batch.topic,
        partition: batch.partition,
        cause,
      },
    )
    if (queue.inFlight.includes(batch)) {
      // Its answer may still come and tell whether the log has it.
      batch.fail(error)
      return
    }
    this.#remove(queue, batch)
    this.#giveUp(queue, batch, error)
  }

  /** Gives up a batch that was never sent. */
  abandon(batch: ProducerBatch, error: KafkaError): void {
    const queue = this.#source.queueOf(batch)
    this.#remove(queue, batch)
    this.#giveUp(queue, batch, error)
  }

  #remove(queue: PartitionQueue, batch: ProducerBatch): void {
    if (queue.open === batch) queue.close()
    const index = queue.ready.indexOf(batch)
    if (index >= 0) queue.ready.splice(index, 1)
    if (queue.isIdle) this.#source.active.delete(queue)
    this.#source.taken(queue)
  }

  #giveUp(
    queue: PartitionQueue,
    batch: ProducerBatch,
    error: KafkaError,
    refused?: RefusedRecords,
  ): void {
    const { stamp } = batch
    if (stamp !== undefined) {
      if (batch.maybeStored) queue.sequence.doubt(stamp)
      else queue.sequence.lost(stamp, batch.count)
    }
    batch.fail(error, refused)
  }

  #retry(queue: PartitionQueue, batch: ProducerBatch, error: KafkaError, nowMs: number): void {
    batch.lastError = error
    // As in Java, a node that cannot be written to uses up time, not retries.
    const writes = batch.attempts - batch.unwrittenAttempts
    const isLate = nowMs >= batch.createdAtMs + this.#settings.deliveryTimeoutMs
    if (batch.isSettled || isLate || writes > this.#settings.retries) {
      this.#giveUp(queue, batch, error)
      return
    }
    batch.retryAtMs = nowMs + this.#settings.backoffMs(batch.attempts)
    queue.putBack(batch)
    this.#source.active.add(queue)
    this.#source.retried(batch, error)
  }

  /** Too large for the broker: its records go out in two halves, in their order. Not counted as a retry. */
  #split(queue: PartitionQueue, batch: ProducerBatch, nowMs: number): void {
    if (batch.stamp !== undefined) queue.sequence.lost(batch.stamp, batch.count)
    if (batch.isSettled) return
    const parts = splitBatch(batch, () => this.#source.openPart(batch))
    for (const part of parts) {
      part.order = batch.order
      part.attempts = batch.attempts
      part.unwrittenAttempts = batch.unwrittenAttempts
      part.retryAtMs = nowMs
    }
    queue.putBack(...parts)
    this.#source.active.add(queue)
    this.#source.replace(batch, parts)
  }

  #refused(
    call: ProduceCall,
    batch: ProducerBatch,
    answer: PartitionAnswer,
  ): RefusedRecords | undefined {
    const { refused: indexes } = answer
    if (indexes === undefined) return undefined
    return { indexes, othersError: this.#brokerError(call, batch, answer, refusedForOthers) }
  }

  #brokerError(
    call: ProduceCall,
    batch: ProducerBatch,
    answer: PartitionAnswer,
    advice?: string,
  ): BrokerError {
    return new BrokerError(answer.errorCode, {
      advice,
      api: 'Produce',
      version: answer.version,
      node: call.node,
      topic: batch.topic,
      partition: batch.partition,
      text: answer.errorMessage,
    })
  }
}

const refusedForOthers =
  'nothing is wrong with this record, but the broker refused others of its batch, and with them all; send it again'

/** Whether a batch that must be stored before this one is still under way. */
const hasEarlier = (queue: PartitionQueue, batch: ProducerBatch): boolean =>
  queue.inFlight.some((other) => other.order < batch.order) ||
  queue.ready.some((other) => other.order >= 0 && other.order < batch.order)

const lastTrouble = (cause: KafkaError | undefined): string =>
  cause === undefined
    ? 'no broker that leads the partition could be reached'
    : `the last trouble was: ${cause.message}`
