import type { Clock, Cluster, Timer } from '@ottla/network'
import {
  BrokerError,
  ErrorCode,
  errorInfo,
  Fetch,
  type FetchResponse,
  KafkaError,
  WireError,
  ZERO_UUID,
} from '@ottla/protocol'
import type { ResolvedConsumerOptions } from '../options.js'
import type { AssignedPartition } from './assigned-partition.js'
import { type BuiltFetch, buildFetch } from './fetch-request.js'
import { FetchedChunk } from './fetched-chunk.js'
import { type PlannedFetch, planFetches } from './plan-fetches.js'

/** What the fetcher tells its owner. */
export interface FetcherEvents {
  onFetched(partition: AssignedPartition): void
  /** The log holds no such offset any more, or not yet. */
  onOutOfRange(partition: AssignedPartition): void
  /** Something the application has to know; `resume` is called when it does. */
  onError(error: KafkaError, resume: () => void): void
}

/** What a `Fetcher` works with. */
export interface FetcherSetup {
  readonly cluster: Cluster
  readonly clock: Clock
  readonly options: ResolvedConsumerOptions
  readonly backoffMs: (failures: number) => number
  /** The assigned partitions, as they are at each call. */
  readonly partitions: () => Iterable<AssignedPartition>
  /** Prefix of the fetch connections' names, unique per consumer. */
  readonly lane: string
  /** Ends everything. */
  readonly signal: AbortSignal
  readonly events: FetcherEvents
}

type PartitionResponse = FetchResponse['responses'][number]['partitions'][number]

/**
 * Fetches per broker: two connections (lanes), so that a fetch parked at partitions without news does not hold up one that has
 * caught the application waiting. One request a lane at a time, because brokers answer a connection in order.
 */
const lanesPerNode = 2

interface NodeState {
  readonly busy: boolean[]
  failures: number
  retryAtMs: number
}

interface Flight extends BuiltFetch {
  readonly id: number
  readonly plan: PlannedFetch
  readonly epochs: readonly number[]
  readonly offsets: readonly number[]
}

/** Keeps every assigned partition's buffer filled; see `planFetches` for how far. */
export class Fetcher {
  readonly #setup: FetcherSetup
  readonly #nodes = new Map<number, NodeState>()
  #timer: Timer | undefined
  #lastId = 0
  #bytesInFlight = 0
  #isRefreshing = false
  /** Refreshes in a row that left a partition without leader. */
  #refreshes = 0
  #refreshAtMs = 0
  #wakeMs = Infinity

  constructor(setup: FetcherSetup) {
    this.#setup = setup
    setup.signal.addEventListener('abort', () => this.#timer?.cancel(), { once: true })
  }

  /** Sends what can be sent now. Call it after anything that may have made room or news. */
  pump(): void {
    const { signal, clock, options, partitions, cluster } = this.#setup
    if (signal.aborted) return
    const nowMs = clock.monotonic()
    const plan = planFetches(partitions(), {
      nowMs,
      nodeOf: ({ topic, partition }) => cluster.metadata.leaderOf(topic, partition)?.node,
      isReady: (node) => this.#isReady(node, nowMs),
      maxBytes: options.fetchMaxBytes,
      maxPartitionBytes: options.maxPartitionFetchBytes,
      bytesInFlight: this.#bytesInFlight,
    })
    for (const fetch of plan.fetches) void this.#send(fetch)
    if (plan.leaderless.length > 0) this.#refresh(plan.leaderless.map(({ topic }) => topic))
    else if (!this.#isRefreshing) this.#refreshes = 0
    if (plan.retryAtMs !== undefined) this.#wakeAt(plan.retryAtMs)
  }

  #isReady(node: number, nowMs: number): boolean {
    const state = this.#nodes.get(node)
    if (state === undefined) return true
    if (state.retryAtMs > nowMs) {
      this.#wakeAt(state.retryAtMs)
      return false
    }
    return state.busy.includes(false)
  }

  async #send(plan: PlannedFetch): Promise<void> {
    const { cluster, options, signal, lane } = this.#setup
    const state = this.#stateOf(plan.node)
    const slot = state.busy.indexOf(false)
    const flight = this.#board(plan)
    state.busy[slot] = true
    this.#bytesInFlight += plan.maxBytes
    try {
      const { response } = await cluster.request(Fetch, flight.input, {
        node: plan.node,
        lane: `${lane}-fetch-${slot}`,
        timeoutMs: options.fetchMaxWaitMs + options.requestTimeoutMs,
        minVersion: 4,
        maxVersion: flight.maxVersion,
        signal,
      })
      state.failures = 0
      this.#bytesInFlight -= plan.maxBytes
      state.busy[slot] = false
      this.#onResponse(flight, response)
    } catch (error) {
      this.#bytesInFlight -= plan.maxBytes
      state.busy[slot] = false
      this.#onFailure(flight, state, error)
    }
    this.pump()
  }

  #stateOf(node: number): NodeState {
    let state = this.#nodes.get(node)
    if (state === undefined) {
      state = { busy: new Array<boolean>(lanesPerNode).fill(false), failures: 0, retryAtMs: 0 }
      this.#nodes.set(node, state)
    }
    return state
  }

  #board(plan: PlannedFetch): Flight {
    const { metadata } = this.#setup.cluster
    const id = ++this.#lastId
    for (const partition of plan.partitions) partition.fetchId = id
    const built = buildFetch(
      plan,
      ({ topic, partition }) => ({
        topicId: metadata.topic(topic)?.topicId ?? ZERO_UUID,
        leaderEpoch: metadata.leaderOf(topic, partition)?.leaderEpoch ?? -1,
      }),
      this.#setup.options,
    )
    return {
      ...built,
      id,
      plan,
      epochs: plan.partitions.map(({ epoch }) => epoch),
      offsets: plan.partitions.map(({ fetchOffset }) => fetchOffset ?? 0),
    }
  }

  #onResponse(flight: Flight, response: FetchResponse): void {
    if (response.errorCode !== ErrorCode.NONE) {
      const error = new BrokerError(response.errorCode, { api: 'Fetch', node: flight.plan.node })
      this.#onFailure(flight, this.#stateOf(flight.plan.node), error)
      return
    }
    // Partitions are given free first: one handled below may already be wanted by the next request.
    const expected = new Map<AssignedPartition, number>()
    flight.plan.partitions.forEach((partition, index) => {
      if (partition.fetchId !== flight.id) return
      partition.fetchId = 0
      if (partition.epoch === flight.epochs[index] && !partition.isRevoked) {
        expected.set(partition, flight.offsets[index] as number)
      }
    })
    const byNumber = indexPartitions(expected.keys())
    for (const { topic, topicId, partitions } of response.responses) {
      const name = topic === '' ? flight.namesById.get(topicId) : topic
      const known = name === undefined ? undefined : byNumber.get(name)
      for (const answer of partitions) {
        const partition = known?.get(answer.partitionIndex)
        const offset = partition === undefined ? undefined : expected.get(partition)
        if (partition === undefined || offset === undefined) continue
        this.#onPartition(partition, offset, answer, flight.plan.node)
      }
    }
  }

  #onPartition(
    partition: AssignedPartition,
    fetchOffset: number,
    answer: PartitionResponse,
    node: number,
  ): void {
    if (answer.errorCode !== ErrorCode.NONE) {
      this.#onPartitionError(partition, answer.errorCode, node)
      return
    }
    partition.failures = 0
    partition.highWatermark = Number(answer.highWatermark)
    partition.lastStableOffset = Number(answer.lastStableOffset)
    partition.logStartOffset = Number(answer.logStartOffset)
    const { records: bytes } = answer
    if (bytes === null || bytes.length === 0) return
    try {
      this.#buffer(partition, fetchOffset, bytes, answer)
    } catch (error) {
      this.#tell(partition, KafkaError.from(error))
    }
  }

  #buffer(
    partition: AssignedPartition,
    fetchOffset: number,
    bytes: Uint8Array,
    answer: PartitionResponse,
  ): void {
    const { checkCrcs, fetchMaxBytes, isolationLevel } = this.#setup.options
    const isCommittedOnly = isolationLevel === 'read_committed'
    const chunk = new FetchedChunk(
      {
        topic: partition.topic,
        partition: partition.partition,
        bytes,
        fetchOffset,
        highWatermark: partition.highWatermark,
        abortedTransactions: isCommittedOnly ? (answer.abortedTransactions ?? []) : undefined,
      },
      { checkCrcs, maxDecompressedBytes: fetchMaxBytes },
    )
    if (chunk.endOffset === fetchOffset) {
      throw new WireError({
        message: `${bytes.length} bytes were fetched of ${partition.topic}-${partition.partition} at offset ${fetchOffset} without one whole batch that goes beyond it`,
        messageName: 'FetchResponse',
      })
    }
    partition.chunks.push(chunk)
    partition.bufferedBytes += chunk.sizeInBytes
    partition.fetchOffset = chunk.endOffset
    this.#setup.events.onFetched(partition)
  }

  #onPartitionError(partition: AssignedPartition, code: number, node: number): void {
    if (code === ErrorCode.OFFSET_OUT_OF_RANGE) {
      this.#setup.events.onOutOfRange(partition)
      return
    }
    const { topic, partition: number } = partition
    const { retriable, refresh } = errorInfo(code)
    // A damaged log does not heal by asking again.
    if (!retriable || code === ErrorCode.CORRUPT_MESSAGE) {
      this.#tell(partition, new BrokerError(code, { api: 'Fetch', node, topic, partition: number }))
      return
    }
    if (refresh === 'metadata') {
      this.#setup.cluster.metadata.markStale(topic)
      this.#refresh([topic])
    }
    this.#delay(partition)
  }

  #onFailure(flight: Flight, state: NodeState, cause: unknown): void {
    const { signal, clock, backoffMs, events } = this.#setup
    for (const partition of flight.plan.partitions) {
      if (partition.fetchId === flight.id) partition.fetchId = 0
    }
    if (signal.aborted) return
    const error = KafkaError.from(cause)
    state.retryAtMs = clock.monotonic() + backoffMs(state.failures++)
    if (error.retriable) {
      this.#refresh(flight.plan.partitions.map(({ topic }) => topic))
      return
    }
    state.retryAtMs = Infinity
    events.onError(error, () => {
      state.retryAtMs = 0
      this.pump()
    })
  }

  #delay(partition: AssignedPartition): void {
    const { clock, backoffMs } = this.#setup
    partition.retryAtMs = clock.monotonic() + backoffMs(partition.failures++)
  }

  /** Hands an error to the application; the partition rests until it was taken notice of. */
  #tell(partition: AssignedPartition, error: KafkaError): void {
    partition.retryAtMs = Infinity
    this.#setup.events.onError(error, () => {
      partition.retryAtMs = 0
      this.pump()
    })
  }

  /** Asks for new metadata, once at a time and not in a storm, and fetches again when it is there. */
  #refresh(topics: readonly string[]): void {
    const { cluster, signal, clock, backoffMs } = this.#setup
    if (this.#isRefreshing || signal.aborted) return
    if (this.#refreshAtMs > clock.monotonic()) {
      this.#wakeAt(this.#refreshAtMs)
      return
    }
    this.#isRefreshing = true
    const done = (): void => {
      this.#isRefreshing = false
      this.#refreshAtMs = clock.monotonic() + backoffMs(this.#refreshes++)
      this.pump()
    }
    cluster.refreshMetadata({ topics: [...new Set(topics)], signal }).then(done, done)
  }

  #wakeAt(atMs: number): void {
    if (atMs >= this.#wakeMs) return
    const { clock } = this.#setup
    this.#timer?.cancel()
    this.#wakeMs = atMs
    this.#timer = clock.setTimer(atMs - clock.monotonic(), () => {
      this.#wakeMs = Infinity
      this.pump()
    })
  }
}

const indexPartitions = (
  partitions: Iterable<AssignedPartition>,
): Map<string, Map<number, AssignedPartition>> => {
  const topics = new Map<string, Map<number, AssignedPartition>>()
  for (const partition of partitions) {
    let numbers = topics.get(partition.topic)
    if (numbers === undefined) {
      numbers = new Map()
      topics.set(partition.topic, numbers)
    }
    numbers.set(partition.partition, partition)
  }
  return topics
}
