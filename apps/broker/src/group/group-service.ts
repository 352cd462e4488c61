import {
  createGroupMachine,
  type GroupApi,
  type GroupApis,
  type GroupConfig,
  partitionForGroup,
} from '@ottla/coordinator'
import { ErrorCode, type ListGroupsRequest, type ListGroupsResponseInput } from '@ottla/protocol'
import type { BrokerConfig } from '../config/broker-config.js'
import { refusal } from '../errors.js'
import type { EventStream } from '../events.js'
import type { Partition } from '../partition/partition.js'
import type { Purgatory } from '../partition/purgatory.js'
import type { ReplicaManager } from '../partition/replica-manager.js'
import type { Clock, Random, Timer } from '../platform.js'
import { hostOf } from '../server/address.js'
import { GroupShard, type ShardRequest } from './group-shard.js'
import { offsetsTopic } from './offsets-topic.js'

/** Requests whose group id is looked at before anything else. The others take the empty one, as old consumers used it. */
const ofMembers: ReadonlySet<GroupApi> = new Set([
  'joinGroup',
  'syncGroup',
  'heartbeat',
  'leaveGroup',
])

/** Who asks a group for something. */
export interface GroupClient {
  readonly apiVersion: number
  readonly clientId: string | null
  /** The other end, `host:port`. */
  readonly remoteAddress: string
  /** Calls back if the client leaves before it is answered. @returns a function that forgets it. */
  readonly onDisconnect: (callback: () => void) => () => void
}

/** What the groups of a broker need. */
export interface GroupServiceOptions {
  readonly config: BrokerConfig
  readonly clock: Clock
  readonly random: Random
  readonly events: EventStream
  readonly replicas: ReplicaManager
  readonly purgatory: Purgatory
}

/**
 * The groups whose partition of `__consumer_offsets` this broker leads. A partition's groups are loaded from its log
 * when the first request for one of them comes.
 */
export class GroupService {
  readonly #options: GroupServiceOptions
  readonly #shards = new Map<Partition, GroupShard>()
  #requests = 0
  #expiry: Timer | undefined
  #loading: Timer | undefined

  constructor(options: GroupServiceOptions) {
    this.#options = options
  }

  /** The partition of `__consumer_offsets` that a group lives in; undefined if the topic does not exist. */
  partitionOf(groupId: string): number | undefined {
    const topic = this.#options.replicas.topicByName(offsetsTopic)
    return topic && partitionForGroup(groupId, topic.partitions.length)
  }

  /**
   * Hands a request to the group's state machine.
   * @throws BrokerError INVALID_GROUP_ID for the empty id, NOT_COORDINATOR if another broker leads the group's partition,
   * COORDINATOR_LOAD_IN_PROGRESS while it is read.
   */
  async request<Api extends GroupApi>(
    api: Api,
    client: GroupClient,
    groupId: string,
    request: GroupApis[Api]['request'],
  ): Promise<GroupApis[Api]['response']> {
    if (groupId === '' && ofMembers.has(api)) throw refusal(ErrorCode.INVALID_GROUP_ID)
    return this.#shardOf(groupId).request(this.#event(api, client, request), client.onDisconnect)
  }

  /**
   * The groups of all partitions that this broker leads.
   * @throws BrokerError COORDINATOR_LOAD_IN_PROGRESS
   */
  async list(
    client: GroupClient,
    request: ListGroupsRequest,
  ): Promise<ListGroupsResponseInput['groups']> {
    this.loadAll()
    const answers = [...this.#shards.values()].map((shard) =>
      shard.request(this.#event('listGroups', client, request), client.onDisconnect),
    )
    return (await Promise.all(answers)).flatMap(({ groups }) => groups)
  }

  /**
   * Loads every partition that has groups, as Kafka does when it becomes their coordinator: sessions of members that are
   * gone end in time, and offsets expire, also where nobody asks for the group.
   */
  loadAll(): void {
    while (this.#loadNext());
  }

  /** Does the same, one partition in each turn of the event loop. */
  loadInBackground(): void {
    this.#loading = this.#options.clock.setTimer(0, () => {
      if (this.#loadNext()) this.loadInBackground()
    })
  }

  /** @returns false once there is nothing left to load. */
  #loadNext(): boolean {
    for (const partition of this.#options.replicas.topicByName(offsetsTopic)?.partitions ?? []) {
      const isOurs = partition?.isLeader === true && !this.#shards.has(partition)
      if (!isOurs || !partition.hasLog) continue
      this.#load(partition)
      return true
    }
    return false
  }

  /** Topics were deleted: the offsets committed for them go too. */
  forgetTopics(names: readonly string[]): void {
    this.loadAll()
    for (const shard of this.#shards.values()) shard.forgetTopics(names)
  }

  /** Ends what waits, for shutdown. */
  close(): void {
    this.#expiry?.cancel()
    this.#loading?.cancel()
    for (const shard of this.#shards.values()) shard.close(ErrorCode.COORDINATOR_NOT_AVAILABLE)
    this.#shards.clear()
  }

  #event<Api extends GroupApi>(
    api: Api,
    { apiVersion, clientId, remoteAddress }: GroupClient,
    request: GroupApis[Api]['request'],
  ): ShardRequest<Api> {
    this.#requests += 1
    return {
      type: api,
      requestId: this.#requests,
      version: apiVersion,
      clientId,
      clientHost: `/${hostOf(remoteAddress)}`,
      request,
    }
  }

  #shardOf(groupId: string): GroupShard {
    const index = this.partitionOf(groupId)
    const partition =
      index === undefined ? undefined : this.#options.replicas.partition(offsetsTopic, index)
    if (partition === undefined || !partition.isLeader) throw refusal(ErrorCode.NOT_COORDINATOR)
    return this.#shards.get(partition) ?? this.#load(partition)
  }

  #load(partition: Partition): GroupShard {
    const { clock, config, random, events, purgatory, replicas } = this.#options
    const machine = createGroupMachine({
      config: groupConfig(config),
      newUuid: () => random.uuid(),
      topics: {
        idOf: (name) => replicas.topicByName(name)?.topicId,
        nameOf: (topicId) => replicas.topicById(topicId)?.name,
      },
    })
    for (const other of this.#shards.keys()) if (!other.isLeader) this.#unload(other)
    const shard = new GroupShard({ machine, partition, config, clock, events, purgatory })
    this.#shards.set(partition, shard)
    this.#awaitExpiry()
    return shard
  }

  #unload(partition: Partition): void {
    this.#shards.get(partition)?.close(ErrorCode.NOT_COORDINATOR)
    this.#shards.delete(partition)
  }

  #expireOffsets(): void {
    for (const shard of this.#shards.values()) shard.expireOffsets()
    this.#expiry = undefined
    this.#awaitExpiry()
  }

  #awaitExpiry(): void {
    const { clock, config } = this.#options
    const intervalMs = config.number('offsets.retention.check.interval.ms')
    this.#expiry ??= clock.setTimer(intervalMs, () => this.#expireOffsets())
  }
}

const groupConfig = (config: BrokerConfig): GroupConfig => ({
  groupMinSessionTimeoutMs: config.number('group.min.session.timeout.ms'),
  groupMaxSessionTimeoutMs: config.number('group.max.session.timeout.ms'),
  groupInitialRebalanceDelayMs: config.number('group.initial.rebalance.delay.ms'),
  groupMaxSize: config.number('group.max.size'),
  offsetMetadataMaxBytes: config.number('offset.metadata.max.bytes'),
  offsetsRetentionMs: config.number('offsets.retention.minutes') * 60_000,
})
