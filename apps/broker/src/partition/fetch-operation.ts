import { ErrorCode, type FetchRequest, type FetchResponseInput } from '@ottla/protocol'
import { toApiError } from '../errors.js'
import { nodesOn } from '../image/image.js'
import { throttledQuotas } from '../quota/client-throttle.js'
import type { RequestContext, ResponseMemory } from '../server/handler.js'
import type { BrokerServices } from '../services.js'
import type { FetchScope, FetchTarget } from './fetch-sessions.js'
import type { Partition } from './partition.js'
import type { Watchers } from './purgatory.js'
import { type PartitionRead, type ReadAs, readPartition } from './read-partition.js'

type TopicAnswer = FetchResponseInput['responses'][number]
type PartitionAnswer = TopicAnswer['partitions'][number]

/** One partition of a fetch: what is wanted, where it is, what there was. */
interface Reading {
  readonly target: FetchTarget
  readonly partition: Partition | undefined
  /** `appendedBytes` and high watermark of the partition at the last read. */
  appendedBytes: number
  highWatermark: number
  answer: PartitionAnswer
}

/**
 * A fetch at work. It reads every partition once; if that is too little, it waits, and the bytes appended meanwhile tell
 * it when reading again is worth it.
 */
export class FetchOperation {
  readonly #broker: BrokerServices
  readonly #context: RequestContext
  readonly #listener: string
  readonly #request: FetchRequest
  readonly #apiVersion: number
  readonly #scope: FetchScope
  readonly #readings: Reading[] = []
  readonly #replicaId: number
  readonly #memory: ResponseMemory
  #bytes = 0
  #minBytes = 0
  #hasVerdict = false

  constructor(context: RequestContext, request: FetchRequest, scope: FetchScope) {
    const { broker, apiVersion, listener, memory } = context
    this.#context = context
    this.#broker = broker
    this.#listener = listener
    this.#memory = memory
    this.#request = request
    this.#apiVersion = apiVersion
    this.#scope = scope
    this.#replicaId = apiVersion >= 15 ? request.replicaState.replicaId : request.replicaId
    for (const target of scope.targets) {
      const topic =
        apiVersion >= 13
          ? broker.replicas.topicById(target.topicId)
          : broker.replicas.topicByName(target.topic)
      const partition = topic?.partitions[target.partition]
      const unknown = apiVersion >= 13 && topic === undefined
      const code = unknown ? ErrorCode.UNKNOWN_TOPIC_ID : ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
      const answer = { ...failure(target.partition, code), abortedTransactions: [] }
      this.#readings.push({ target, partition, appendedBytes: 0, highWatermark: 0, answer })
    }
  }

  /** What to watch while waiting. */
  get watched(): Watchers[] {
    return this.#readings.flatMap(({ partition }) => partition?.readers ?? [])
  }

  /** Whether the answer should not wait: enough bytes, or something the client must know now. */
  get isComplete(): boolean {
    if (this.#hasVerdict || this.#bytes >= this.#minBytes) return true
    // Partitions that do not exist end no wait for others, but there is nothing to wait for without one that does.
    return this.#readings.every(({ partition }) => partition === undefined)
  }

  /** Reads every partition, in order, until the response is full. */
  read(): void {
    const { minBytes, maxBytes, isolationLevel } = this.#request
    const { throttle } = this.#broker
    const limit = Math.min(
      maxBytes,
      this.#broker.config.number('fetch.max.bytes'),
      throttle.isActive ? throttle.maxFetchBytes(this.#context) : maxBytes,
    )
    this.#minBytes = Math.min(minBytes, limit)
    const nowMs = this.#broker.clock.now()
    this.#memory.reclaim()
    this.#bytes = 0
    this.#hasVerdict = false
    for (const reading of this.#readings) {
      const { target, partition } = reading
      if (partition === undefined) continue
      const left = Math.max(0, limit - this.#bytes)
      const as: ReadAs = {
        replicaId: this.#replicaId,
        isReadCommitted: isolationLevel === 1,
        maxBytes: Math.min(left, target.maxBytes),
        minOneBatch: this.#bytes === 0,
        nowMs,
        allocate: this.#memory.allocate,
      }
      reading.appendedBytes = partition.appendedBytes
      reading.highWatermark = partition.openedLog === undefined ? 0 : partition.highWatermark
      reading.answer = this.#answer(partition, target, as)
      this.#bytes += reading.answer.records?.length ?? 0
    }
  }

  /**
   * Whether waiting may be over, judged without reading: a partition is gone or has another leader, or enough was
   * appended since the last read.
   */
  get isWorthReading(): boolean {
    let bytes = this.#bytes
    for (const { partition, target, appendedBytes, highWatermark } of this.#readings) {
      if (partition === undefined) continue
      if (!partition.isLeader) return true
      const fresh = partition.appendedBytes - appendedBytes
      // What had been appended before is there to read only now, if the high watermark has risen by itself.
      if (fresh === 0 && partition.highWatermark > highWatermark) return true
      bytes += Math.min(fresh, target.maxBytes)
    }
    return bytes >= this.#minBytes
  }

  /** The response with what the last read gave. */
  respond(): FetchResponseInput {
    if (this.#broker.throttle.isActive) {
      const throttleTimeMs = this.#throttle()
      if (throttleTimeMs > 0) return this.#throttled(throttleTimeMs)
    }
    const responses: { topic: string; topicId: string; partitions: PartitionAnswer[] }[] = []
    for (const { target, answer } of this.#readings) {
      if (!this.#scope.hasNews(target, answer)) continue
      const { topic, topicId } = target
      const last = responses.at(-1)
      if (last?.topic === topic && last.topicId === topicId) last.partitions.push(answer)
      else responses.push({ topic, topicId, partitions: [answer] })
    }
    return {
      throttleTimeMs: 0,
      errorCode: ErrorCode.NONE,
      sessionId: this.#scope.sessionId,
      responses,
      nodeEndpoints: this.#apiVersion >= 16 ? this.#leaderEndpoints() : [],
    }
  }

  /** Measures what the answer would bring. @returns how long the client has to wait first. */
  #throttle(): number {
    const { throttle } = this.#broker
    const { fetch } = throttledQuotas
    const bytes = this.#bytes + this.#readings.length * partitionOverheadBytes
    const throttleTimeMs = throttle.record(fetch, this.#context, bytes)
    if (throttleTimeMs > 0) {
      throttle.takeBack(fetch, this.#context, bytes)
      throttle.mute(this.#context, throttleTimeMs)
    }
    return throttleTimeMs
  }

  /** Nothing, and no session if it would be a new one: the client asks for the same again. */
  #throttled(throttleTimeMs: number): FetchResponseInput {
    const { sessionId, isFresh } = this.#scope
    this.#memory.reclaim()
    if (isFresh) this.#broker.fetchSessions.end(sessionId)
    return {
      throttleTimeMs,
      errorCode: ErrorCode.NONE,
      sessionId: isFresh ? 0 : sessionId,
      responses: [],
      nodeEndpoints: [],
    }
  }

  #answer(partition: Partition, target: FetchTarget, as: ReadAs): PartitionAnswer {
    try {
      const read = readPartition(partition, target, as)
      if (read.divergingEpoch !== undefined) this.#hasVerdict = true
      return success(target.partition, read, as.isReadCommitted)
    } catch (error) {
      this.#hasVerdict = true
      const { errorCode } = toApiError(error)
      const isMoved =
        errorCode === ErrorCode.NOT_LEADER_OR_FOLLOWER ||
        errorCode === ErrorCode.FENCED_LEADER_EPOCH
      if (!isMoved || this.#apiVersion < 12) return failure(target.partition, errorCode)
      const { leader, leaderEpoch } = partition.image
      const currentLeader = { leaderId: leader, leaderEpoch }
      return { ...failure(target.partition, errorCode), currentLeader }
    }
  }

  /** Addresses of the leaders that the answer points to (KIP-951). */
  #leaderEndpoints(): NonNullable<FetchResponseInput['nodeEndpoints']> {
    const ids = new Set<number>()
    for (const { answer } of this.#readings) {
      if (answer.errorCode !== ErrorCode.NONE) ids.add(answer.currentLeader?.leaderId ?? -1)
    }
    const brokers = [...ids].flatMap((id) => this.#broker.image.brokers.get(id) ?? [])
    return nodesOn(this.#listener, brokers)
  }
}

/** About what a response says of one partition besides its records. */
const partitionOverheadBytes = 48

const noRecords = new Uint8Array(0)

const success = (
  partitionIndex: number,
  read: PartitionRead,
  isReadCommitted: boolean,
): PartitionAnswer => {
  const { divergingEpoch } = read
  return {
    partitionIndex,
    errorCode: ErrorCode.NONE,
    highWatermark: BigInt(read.highWatermark),
    lastStableOffset: BigInt(read.lastStableOffset),
    logStartOffset: BigInt(read.logStartOffset),
    abortedTransactions: isReadCommitted ? [] : null,
    records: read.bytes,
    ...(divergingEpoch && {
      divergingEpoch: { epoch: divergingEpoch.epoch, endOffset: BigInt(divergingEpoch.endOffset) },
    }),
  }
}

const failure = (partitionIndex: number, errorCode: number): PartitionAnswer => ({
  partitionIndex,
  errorCode,
  highWatermark: -1n,
  lastStableOffset: -1n,
  logStartOffset: -1n,
  abortedTransactions: null,
  records: noRecords,
})
