import type { KafkaError } from '@ottla/protocol'
import type { ProducerBatch } from './batch.js'
import type { PartitionQueue } from './partition-queue.js'

/** What the sender asks of the cluster's metadata; nothing here waits. */
export interface Routes {
  /** Node id of the partition's leader, undefined when none is known. */
  leaderOf(topic: string, partition: number): number | undefined
  /** What is known of a topic is doubtful: have it looked up again. */
  refresh(topic: string): void
  /** Why no broker can be reached, if so. */
  unreachable(): KafkaError | undefined
}

/** What the sender needs of the options. */
export interface SenderSettings {
  readonly isIdempotent: boolean
  readonly lingerMs: number
  readonly maxRequestSize: number
  readonly maxInFlightRequestsPerConnection: number
  readonly deliveryTimeoutMs: number
  readonly retries: number
  /** Pause before a batch goes out for the n-th time again (from 1). */
  readonly backoffMs: (retry: number) => number
}

/** One Produce request: at most one batch for each partition, all led by one node. */
export interface ProduceCall {
  readonly node: number
  readonly batches: ProducerBatch[]
  /** The batches' encoded bytes, in the same order. */
  readonly payloads: Uint8Array[]
  sizeBytes: number
  /** It was written to a connection: until then no broker can have it. */
  isWritten?: boolean
  /** The ids that the request named its topics by: a topic may be another one when the answer comes. */
  topicIds?: ReadonlyMap<string, string> | undefined
}

/** What a broker answered for one batch. */
export interface PartitionAnswer {
  readonly errorCode: number
  readonly errorMessage?: string | null | undefined
  /** Indexes of the batch's records that the broker refuses, if it refused the batch for them (KIP-467). */
  readonly refused?: ReadonlySet<number> | undefined
  readonly baseOffset: bigint
  /** -1 when records keep their own timestamps. */
  readonly logAppendTimeMs: number
  /** Who leads the partition now, if the broker says so. */
  readonly newLeader?: { readonly leaderId: number; readonly leaderEpoch: number } | undefined
  readonly version: number
}

/** Where batches come from and how they are opened anew: the accumulator. */
export interface BatchSource {
  /** Queues with something waiting to leave. */
  readonly active: Set<PartitionQueue>
  readonly isFlushing: boolean
  queueOf(batch: ProducerBatch): PartitionQueue
  /** A batch left its queue: whoever stuck to it goes elsewhere. */
  taken(queue: PartitionQueue): void
  /** Opens a batch for a part of one that is too large. */
  openPart(whole: ProducerBatch): ProducerBatch
  /** The parts are filled and take the place of the whole. */
  replace(whole: ProducerBatch, parts: readonly ProducerBatch[]): void
  /** A batch goes out again after an error. */
  retried(batch: ProducerBatch, error: KafkaError): void
  /** Nothing reads the batch's memory any more. */
  reuse(batch: ProducerBatch): void
}
