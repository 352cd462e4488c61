import type { Clock, Cluster, Timer } from '@ottla/network'
import {
  BrokerError,
  ErrorCode,
  errorInfo,
  Fetch,
  type FetchResponse,
  KafkaError,
  ZERO_UUID,
} from '@ottla/protocol'
import type { FailureNotes } from '../delivery/delivery.js'
import type { ResolvedConsumerOptions } from '../options.js'
import type { AssignedPartition, BufferBudget } from './assigned-partition.js'
import type { FetchLane } from './fetch-lane.js'
import { type DueFetch, FetchSchedule, wantsFetch } from './fetch-schedule.js'
import type { FetchTarget } from './fetch-session.js'
import { MetadataRefresh } from './metadata-refresh.js'
import type { Presence } from './presence.js'
import { type PartitionAnswer, takeRecords } from './take-records.js'

/** What the fetcher tells its owner. */
export interface FetcherEvents {
  onFetched(partition: AssignedPartition): void
  /** The log holds no such offset any more, or not yet. */
  onOutOfRange(partition: AssignedPartition): void
  /** The partition has a new leader, which may lack what was fetched from the one before; the partition waits. */
  onNewLeader(partition: AssignedPartition): void
  /** Something the application has to know, about a partition or all. */
  onError(error: KafkaError, notes: FailureNotes): void
}

/** What a `Fetcher` works with. */
export interface FetcherSetup {
  readonly cluster: Cluster
  readonly clock: Clock
  readonly options: ResolvedConsumerOptions
  readonly backoffMs: (failures: number) => number
  readonly presence: Presence
  readonly find: (topic: string, partition: number) => AssignedPartition | undefined
  /** What all partitions have fetched ahead. */
  readonly budget: BufferBudget
  /** Prefix of the fetch connections' names, unique per consumer. */
  readonly lane: string
  /** Ends everything. */
  readonly signal: AbortSignal
  readonly events: FetcherEvents
}

/** Keeps every assigned partition's buffer filled; see `FetchSchedule` for how far. */
export class Fetcher {
  readonly #setup: FetcherSetup
  readonly #schedule: FetchSchedule
  readonly #refresh: MetadataRefresh
  /** Partitions that are read from a replica. */
  readonly #followed = new Set<AssignedPartition>()
  #timer: Timer | undefined
  #wakeMs = Infinity
  /** Goes up when all connections are given up for new ones. */
  #generation = 0

  constructor(setup: FetcherSetup) {
    const { options, budget, cluster, clock, signal, backoffMs } = setup
    this.#setup = setup
    this.#schedule = new FetchSchedule({
      ...options,
      nodeOf: (partition) => this.#nodeOf(partition),
      isSuited: (partition) => this.#isSuited(partition),
      bufferedBytes: () => budget.usedBytes,
    })
    this.#refresh = new MetadataRefresh({
      cluster,
      clock,
      signal,
      backoffMs,
      wakeAt: (atMs) => this.#wakeAt(atMs),
      onRefreshed: () => {
        this.touch(this.#schedule.leaderless)
        this.#tellAbsent()
        this.pump()
      },
    })
    signal.addEventListener('abort', () => this.#timer?.cancel(), { once: true })
  }

  /** Something about these partitions changed: `pump` will look at them. */
  touch(partitions: Iterable<AssignedPartition>): void {
    for (const partition of partitions) this.#schedule.touch(partition)
  }

  /** Sends what can be sent now. Call it after anything that may have made room or news. */
  pump(): void {
    const { signal, clock } = this.#setup
    if (signal.aborted) return
    const nowMs = clock.monotonic()
    if (this.#followed.size > 0) this.#leaveReplicas(nowMs)
    for (const fetch of this.#schedule.due(nowMs)) void this.#send(fetch)
    const { leaderless } = this.#schedule
    if (leaderless.size > 0) this.#refresh.ask([...leaderless].map(({ topic }) => topic))
    else this.#refresh.calm()
    this.#wakeAt(this.#schedule.nextWakeMs(nowMs))
  }

  /** Whether a broker should be working for the partition: it is not paused, there is room, and no error waits to be heard. */
  isWanted(partition: AssignedPartition): boolean {
    const { options } = this.#setup
    if (partition.retryAtMs === Infinity || partition.isHeld || partition.isPaused) return false
    if (partition.isRevoking || partition.isRevoked) return false
    if (partition.fetchOffset === undefined || partition.isValidating) return true
    if (!wantsFetch(partition, options.maxPartitionFetchBytes)) return false
    return partition.lane?.isBusy === true || this.#schedule.hasRoom
  }

  /** Gives up all requests under way, connections and sessions, and begins anew. */
  reconnect(partitions: readonly AssignedPartition[]): void {
    this.#generation++
    for (const node of this.#schedule.nodes) {
      node.retryAtMs = 0
      for (const lane of node.lanes) this.#schedule.failed(lane)
    }
    this.#refresh.ask(partitions.map(({ topic }) => topic))
    this.touch(partitions)
    this.pump()
  }

  #nodeOf(partition: AssignedPartition): number | undefined {
    const { cluster, clock } = this.#setup
    const { topic, partition: number, readReplica } = partition
    if (readReplica !== undefined) {
      const isKnown = cluster.metadata.broker(readReplica.node) !== undefined
      if (isKnown && readReplica.untilMs > clock.monotonic()) return readReplica.node
      partition.readReplica = undefined
    }
    return cluster.metadata.leaderOf(topic, number)?.node
  }

  #isSuited(partition: AssignedPartition): boolean {
    const leader = this.#setup.cluster.metadata.leaderOf(partition.topic, partition.partition)
    if (leader === undefined || leader.leaderEpoch <= partition.leaderEpoch) return true
    if (partition.fetchEpoch < 0) {
      partition.leaderEpoch = leader.leaderEpoch
      return true
    }
    partition.isValidating = true
    this.#setup.events.onNewLeader(partition)
    return false
  }

  readonly #targetOf = ({ topic, partition }: AssignedPartition): FetchTarget => {
    const { metadata } = this.#setup.cluster
    return {
      topicId: metadata.topic(topic)?.topicId ?? ZERO_UUID,
      leaderEpoch: metadata.leaderOf(topic, partition)?.leaderEpoch ?? -1,
    }
  }

  async #send({ lane, maxBytes, maxWaitMs }: DueFetch): Promise<void> {
    const { cluster, options, signal, lane: prefix } = this.#setup
    const { session, partitions, node } = lane
    const generation = this.#generation
    const input = (version: number) => ({
      maxWaitMs,
      minBytes: options.fetchMinBytes,
      maxBytes,
      isolationLevel: options.isolationLevel === 'read_committed' ? 1 : 0,
      rackId: options.clientRack ?? '',
      ...session.build(version, partitions, options.maxPartitionFetchBytes, this.#targetOf),
    })
    try {
      const { response } = await cluster.request(Fetch, input, {
        node: node.id,
        lane: `${prefix}-fetch-${generation}-${lane.index}`,
        timeoutMs: maxWaitMs + options.requestTimeoutMs,
        minVersion: 4,
        // Topics go by id from version 13 on.
        maxVersion: session.needsNames(partitions, this.#targetOf) ? 12 : undefined,
        signal,
      })
      if (generation !== this.#generation) return
      this.#onResponse(lane, response)
    } catch (error) {
      if (generation !== this.#generation) return
      this.#onFailure(lane, KafkaError.from(error))
    }
    this.pump()
  }

  #onResponse(lane: FetchLane, response: FetchResponse): void {
    if (response.errorCode !== ErrorCode.NONE) {
      this.#onRefused(lane, response.errorCode)
      return
    }
    const { cluster, clock } = this.#setup
    const { nodeEndpoints } = response
    lane.session.accept(response.sessionId)
    lane.node.failures = 0
    lane.refusals = 0
    lane.answeredAtMs = clock.monotonic()
    lane.isQuiet = true
    for (const { topic, topicId, partitions } of response.responses) {
      const name = topic === '' ? cluster.metadata.topicById(topicId)?.name : topic
      if (name === undefined) continue
      for (const answer of partitions) {
        const partition = this.#setup.find(name, answer.partitionIndex)
        if (partition?.lane === lane) this.#onPartition(lane, partition, answer, nodeEndpoints)
      }
    }
    this.#schedule.answered(lane)
  }

  /** The answer to one partition; partitions that are not answered for have no news. */
  #onPartition(
    lane: FetchLane,
    partition: AssignedPartition,
    answer: PartitionAnswer,
    nodeEndpoints: FetchResponse['nodeEndpoints'],
  ): void {
    const asked = lane.session.asked(partition)
    // A seek or a revocation came in between.
    if (asked?.epoch !== partition.epoch || asked.fetchOffset !== partition.fetchOffset) return
    if (answer.errorCode !== ErrorCode.NONE) {
      this.#onPartitionError(lane, partition, answer, nodeEndpoints)
      return
    }
    partition.failures = 0
    partition.lastError = undefined
    partition.highWatermark = Number(answer.highWatermark)
    partition.lastStableOffset = Number(answer.lastStableOffset)
    partition.logStartOffset = Number(answer.logStartOffset)
    if (answer.preferredReadReplica >= 0) {
      this.#followTo(lane, partition, answer.preferredReadReplica)
      return
    }
    if (answer.records === null || answer.records.length === 0) return
    lane.isQuiet = false
    lane.changed.add(partition)
    try {
      takeRecords(partition, asked.fetchOffset, answer, this.#setup.options)
      this.#setup.events.onFetched(partition)
    } catch (error) {
      this.#tell(partition, KafkaError.from(error))
    }
  }

  /** The leader knows a replica that is nearer (KIP-392). */
  #followTo(lane: FetchLane, partition: AssignedPartition, node: number): void {
    const { clock, options, cluster } = this.#setup
    lane.isQuiet = false
    lane.changed.add(partition)
    if (cluster.metadata.broker(node) === undefined) {
      this.#refresh.ask([partition.topic])
      this.#rest(partition)
      return
    }
    partition.readReplica = { node, untilMs: clock.monotonic() + options.metadataMaxAgeMs }
    this.#followed.add(partition)
  }

  /** Asks leaders again whether a replica is still the better one: one that fell behind for good would not say so itself. */
  #leaveReplicas(nowMs: number): void {
    for (const partition of this.#followed) {
      if ((partition.readReplica?.untilMs ?? 0) > nowMs) continue
      partition.readReplica = undefined
      this.#followed.delete(partition)
      this.#schedule.touch(partition)
    }
  }

  #onPartitionError(
    lane: FetchLane,
    partition: AssignedPartition,
    answer: PartitionAnswer,
    nodeEndpoints: FetchResponse['nodeEndpoints'],
  ): void {
    const { events, cluster } = this.#setup
    const { errorCode: code, currentLeader } = answer
    const { topic, partition: number } = partition
    const leader = cluster.metadata.leaderOf(topic, number)
    const isFollower = partition.readReplica !== undefined && lane.node.id !== leader?.node
    partition.readReplica = undefined
    lane.isQuiet = false
    // An error is no answer to the question for records: the partition may count as stalled.
    lane.detach(partition, false)
    this.#schedule.touch(partition)
    // A follower may lag behind, or have lost what the leader still has.
    if (isFollower) return
    if (code === ErrorCode.OFFSET_OUT_OF_RANGE) {
      events.onOutOfRange(partition)
      return
    }
    const error = new BrokerError(code, {
      api: 'Fetch',
      node: lane.node.id,
      topic,
      partition: number,
    })
    partition.lastError = error
    const { retriable, refresh } = errorInfo(code)
    // A damaged log does not heal by asking again; a failure nobody expected may.
    const isPassing = retriable
      ? code !== ErrorCode.CORRUPT_MESSAGE
      : code === ErrorCode.UNKNOWN_SERVER_ERROR
    if (!isPassing) {
      this.#tell(partition, error)
      return
    }
    if (refresh === 'metadata') {
      // The deposed leader names its successor (KIP-951): no need to ask and to wait.
      if (cluster.applyLeaderHints(topic, number, currentLeader, nodeEndpoints)) return
      cluster.metadata.markStale(topic)
      this.#refresh.ask([topic])
    }
    this.#rest(partition)
  }

  /** The broker refused the whole request: because of the session, which then begins anew at once, or for another reason. */
  #onRefused(lane: FetchLane, code: number): void {
    const error = new BrokerError(code, { api: 'Fetch', node: lane.node.id })
    if (!sessionErrors.has(code) || ++lane.refusals > 1) {
      this.#onFailure(lane, error)
      return
    }
    if (code === ErrorCode.FETCH_SESSION_ID_NOT_FOUND) lane.session.forget()
    else lane.session.renew()
    this.#schedule.answered(lane)
  }

  #onFailure(lane: FetchLane, error: KafkaError): void {
    const { signal, clock, backoffMs, events } = this.#setup
    const { node } = lane
    const topics = new Set<string>()
    for (const partition of lane.partitions) {
      topics.add(partition.topic)
      partition.lastError = error
      partition.readReplica = undefined
    }
    this.#schedule.failed(lane)
    if (signal.aborted) return
    node.retryAtMs = clock.monotonic() + backoffMs(node.failures++)
    if (error.retriable) {
      this.#refresh.ask(topics)
      return
    }
    node.retryAtMs = Infinity
    const onTaken = (): void => {
      node.retryAtMs = 0
      this.pump()
    }
    events.onError(error, { onTaken })
  }

  #rest(partition: AssignedPartition): void {
    const { clock, backoffMs } = this.#setup
    partition.retryAtMs = clock.monotonic() + backoffMs(partition.failures++)
  }

  /** Hands an error to the application; the partition rests until it was taken notice of. */
  #tell(partition: AssignedPartition, error: KafkaError): void {
    partition.retryAtMs = Infinity
    const onTaken = (): void => {
      partition.retryAtMs = 0
      this.#schedule.touch(partition)
      this.pump()
    }
    this.#setup.events.onError(error, { onTaken, partition })
  }

  /** Of the partitions without leader, those that do not exist and are not waited for any longer. */
  #tellAbsent(): void {
    for (const partition of this.#schedule.leaderless) {
      const absence = this.#setup.presence.absenceOf(partition)
      if (absence === undefined) continue
      partition.lastError = absence.error
      if (!absence.isFinal) continue
      partition.absentSinceMs = undefined
      this.#tell(partition, absence.error)
    }
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

const sessionErrors: ReadonlySet<number> = new Set([
  ErrorCode.FETCH_SESSION_ID_NOT_FOUND,
  ErrorCode.INVALID_FETCH_SESSION_EPOCH,
  ErrorCode.FETCH_SESSION_TOPIC_ID_ERROR,
])
