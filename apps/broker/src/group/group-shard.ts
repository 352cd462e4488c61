import type {
  CoordinatorRecord,
  GroupApi,
  GroupApis,
  GroupEffect,
  GroupEvent,
  GroupMachine,
  GroupRequestEvent,
} from '@ottla/coordinator'
import { type CompressionName, ErrorCode, encodeRecordBatch } from '@ottla/protocol'
import type { BrokerConfig } from '../config/broker-config.js'
import { refusal, toApiError } from '../errors.js'
import type { EventStream } from '../events.js'
import type { Partition } from '../partition/partition.js'
import type { Purgatory } from '../partition/purgatory.js'
import type { Clock, Timer } from '../platform.js'
import { replayGroupRecords } from './group-records.js'

/** What one shard needs. */
export interface GroupShardOptions {
  readonly machine: GroupMachine
  readonly partition: Partition
  readonly config: BrokerConfig
  readonly clock: Clock
  readonly events: EventStream
  readonly purgatory: Purgatory
}

/** Codecs by their numbers in `offsets.topic.compression.codec`. */
const codecs: readonly CompressionName[] = ['none', 'gzip', 'snappy', 'lz4', 'zstd']

/** A request for a group, as the machine takes it. */
export type ShardRequest<Api extends GroupApi> = {
  readonly type: Api
  readonly request: GroupApis[Api]['request']
} & Omit<GroupRequestEvent, 'type' | 'request'>

type Resolve = (response: unknown) => void

/**
 * The groups of one partition of `__consumer_offsets`: runs the pure state machine, and does what it wants done. Effects
 * are carried out in order; those that follow from an effect come after the ones already waiting.
 */
export class GroupShard {
  readonly #options: GroupShardOptions
  readonly #replies = new Map<number, Resolve>()
  readonly #timers = new Map<string, Timer>()
  readonly #queue: GroupEffect[] = []
  #isRunning = false
  #isClosed = false
  /** Records that are still to be loaded; undefined once they are. */
  #unread: Generator<void, void> | undefined
  #loading: Timer | undefined
  /** Topics deleted while the groups were loading. */
  readonly #forgotten = new Set<string>()

  /** Begins to load the groups from the partition's log; most partitions are loaded when this returns. */
  constructor(options: GroupShardOptions) {
    this.#options = options
    this.#unread = replayGroupRecords(options.partition, (record) => this.#replay(record))
    this.#load()
  }

  /** Whether the groups are known. */
  get isLoaded(): boolean {
    return this.#unread === undefined
  }

  /**
   * Hands a request to the machine; resolves when it answers.
   * @throws BrokerError COORDINATOR_LOAD_IN_PROGRESS
   */
  request<Api extends GroupApi>(
    event: ShardRequest<Api>,
    onDisconnect: (callback: () => void) => () => void,
  ): Promise<GroupApis[Api]['response']> {
    if (!this.isLoaded) throw refusal(ErrorCode.COORDINATOR_LOAD_IN_PROGRESS)
    const { requestId } = event
    return new Promise((resolve) => {
      const forget = onDisconnect(() => this.#replies.delete(requestId))
      this.#replies.set(requestId, (response) => {
        forget()
        resolve(response as GroupApis[Api]['response'])
      })
      this.#handle(event as GroupRequestEvent)
    })
  }

  expireOffsets(): void {
    const { machine, clock } = this.#options
    if (this.isLoaded) this.#run(machine.expireOffsets(clock.now()))
  }

  forgetTopics(names: readonly string[]): void {
    const { machine, clock } = this.#options
    if (!this.isLoaded) for (const name of names) this.#forgotten.add(name)
    else this.#run(machine.forgetTopics(names, clock.now()))
  }

  /** Answers everything that waits with an error and stops every timer. */
  close(errorCode: number): void {
    this.#loading?.cancel()
    const { machine, clock } = this.#options
    this.#run(machine.unload(errorCode, clock.now()))
    this.#isClosed = true
    for (const timer of this.#timers.values()) timer.cancel()
    this.#timers.clear()
    this.#replies.clear()
  }

  /** Loads one part of the log; a large log takes several turns, so that everybody else is served meanwhile. */
  #load(): void {
    const { machine, clock } = this.#options
    try {
      if (this.#unread?.next().done === false) {
        this.#loading = clock.setTimer(0, () => this.#load())
        return
      }
    } catch (error) {
      this.#complain(error)
    }
    this.#unread = undefined
    this.#run(machine.loaded(clock.now()))
    if (this.#forgotten.size > 0) this.forgetTopics([...this.#forgotten])
  }

  /** A record that cannot be read costs what it says and nothing else: so it is in Kafka, too. */
  #replay(record: CoordinatorRecord): void {
    try {
      this.#options.machine.replay(record)
    } catch (error) {
      this.#complain(error)
    }
  }

  #complain(error: unknown): void {
    const { events, partition } = this.#options
    events.publish('problem', { what: `loading groups from ${partition.directory}`, error })
  }

  #handle(event: GroupEvent): void {
    if (this.#isClosed) return
    const { machine, clock } = this.#options
    this.#run(machine.handle(event, clock.now()))
  }

  #run(effects: readonly GroupEffect[]): void {
    this.#queue.push(...effects)
    if (this.#isRunning) return
    this.#isRunning = true
    try {
      for (let effect = this.#queue.shift(); effect !== undefined; effect = this.#queue.shift()) {
        this.#perform(effect)
      }
    } finally {
      this.#isRunning = false
    }
  }

  #perform(effect: GroupEffect): void {
    switch (effect.type) {
      case 'reply':
        this.#replies.get(effect.requestId)?.(effect.response)
        this.#replies.delete(effect.requestId)
        break
      case 'append':
        this.#append(effect.token, effect.records)
        break
      case 'setTimer':
        this.#setTimer(effect.timerId, effect.atMs)
        break
      case 'cancelTimer':
        this.#timers.get(effect.timerId)?.cancel()
        this.#timers.delete(effect.timerId)
        break
      case 'transition':
        this.#options.events.publish('group', effect)
        break
    }
  }

  #setTimer(timerId: string, atMs: number): void {
    const { clock } = this.#options
    this.#timers.get(timerId)?.cancel()
    const fire = (): void => {
      this.#timers.delete(timerId)
      this.#handle({ type: 'timer', timerId })
    }
    this.#timers.set(timerId, clock.setTimer(atMs - clock.now(), fire))
  }

  /** Appends records as one batch; the machine hears of it when every in-sync replica has them. */
  #append(token: number, records: readonly CoordinatorRecord[]): void {
    const { partition, clock, config } = this.#options
    const nowMs = clock.now()
    try {
      const batch = encodeRecordBatch({
        compression: codecs[config.number('offsets.topic.compression.codec')] ?? 'none',
        records: records.map(({ key, value }) => ({ key, value, timestamp: nowMs })),
      })
      const { lastOffset } = partition.append(batch, {
        nowMs,
        origin: 'coordinator',
        requireMinIsr: true,
      })
      if (partition.highWatermark > lastOffset) this.#handle({ type: 'appended', token })
      else this.#awaitCommit(token, lastOffset)
    } catch (error) {
      this.#handle({ type: 'appendFailed', token, errorCode: coordinatorError(error) })
    }
  }

  #awaitCommit(token: number, lastOffset: number): void {
    const { partition, purgatory, config } = this.#options
    const fail = (errorCode: number): void =>
      this.#handle({ type: 'appendFailed', token, errorCode })
    const attempt = (): boolean => {
      if (!partition.isLeader) fail(ErrorCode.NOT_COORDINATOR)
      else if (partition.highWatermark > lastOffset) this.#handle({ type: 'appended', token })
      else return false
      return true
    }
    const expire = (): void => fail(ErrorCode.COORDINATOR_NOT_AVAILABLE)
    purgatory.park(
      { attempt, expire },
      [partition.writers],
      config.number('offsets.commit.timeout.ms'),
    )
  }
}

/** What a failed append means to a member: find the coordinator again, or give up. */
const coordinatorError = (error: unknown): number => {
  const { errorCode } = toApiError(error)
  switch (errorCode) {
    case ErrorCode.UNKNOWN_TOPIC_OR_PARTITION:
    case ErrorCode.NOT_ENOUGH_REPLICAS:
    case ErrorCode.REQUEST_TIMED_OUT:
      return ErrorCode.COORDINATOR_NOT_AVAILABLE
    case ErrorCode.NOT_LEADER_OR_FOLLOWER:
    case ErrorCode.KAFKA_STORAGE_ERROR:
      return ErrorCode.NOT_COORDINATOR
    case ErrorCode.MESSAGE_TOO_LARGE:
    case ErrorCode.RECORD_LIST_TOO_LARGE:
      return ErrorCode.INVALID_COMMIT_OFFSET_SIZE
    default:
      return ErrorCode.UNKNOWN_SERVER_ERROR
  }
}
