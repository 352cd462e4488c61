import { type CallOptions, Cluster } from '@ottla/network'
import {
  type AlterConfigsOptions,
  type AlteredConfigs,
  alterConfigs,
  type ConfigAlteration,
} from './alter-configs.js'
import {
  alterGroupOffsets,
  type GroupOffsetResult,
  type NewGroupOffset,
} from './alter-group-offsets.js'
import {
  type AlteredReassignment,
  alterPartitionReassignments,
  type NewReassignment,
} from './alter-partition-reassignments.js'
import {
  type AlteredScramCredential,
  alterUserScramCredentials,
  type ScramCredentialAlteration,
} from './alter-user-scram-credentials.js'
import type { ConfigResourceName } from './config-resource.js'
import {
  type CreatedPartitions,
  type CreatePartitionsOptions,
  createPartitions,
  type NewPartitions,
} from './create-partitions.js'
import {
  type CreatedTopic,
  type CreateTopicsOptions,
  createTopics,
  type NewTopic,
} from './create-topics.js'
import { deleteGroupOffsets } from './delete-group-offsets.js'
import { type DeletedGroup, deleteGroups } from './delete-groups.js'
import { type DeletedRecords, deleteRecords, type RecordsToDelete } from './delete-records.js'
import { type DeletedTopic, deleteTopics, type TopicReference } from './delete-topics.js'
import { type ClusterDescription, describeCluster } from './describe-cluster.js'
import {
  type ConfigDescription,
  type ConfigResource,
  type DescribeConfigsOptions,
  describeConfigs,
} from './describe-configs.js'
import { describeFeatures, type FeaturesDescription } from './describe-features.js'
import { describeGroups, type GroupDescription } from './describe-groups.js'
import {
  type BrokerLogDirs,
  type DescribeLogDirsOptions,
  describeLogDirs,
} from './describe-log-dirs.js'
import { describeProducers, type PartitionProducers } from './describe-producers.js'
import { describeQuorum, type QuorumDescription } from './describe-quorum.js'
import { describeTopics, type TopicDescription } from './describe-topics.js'
import {
  describeUserScramCredentials,
  type UserScramCredentials,
} from './describe-user-scram-credentials.js'
import { type ElectedLeader, type ElectLeadersOptions, electLeaders } from './elect-leaders.js'
import { Gate } from './gate.js'
import type { OfPartition } from './leader-items.js'
import { type ListConfigResourcesOptions, listConfigResources } from './list-config-resources.js'
import {
  type GroupOffsets,
  type GroupOffsetsQuery,
  type ListGroupOffsetsOptions,
  listGroupOffsets,
} from './list-group-offsets.js'
import { type GroupListing, type ListGroupsOptions, listGroups } from './list-groups.js'
import {
  type ListedOffset,
  type ListOffsetsOptions,
  listOffsets,
  type OffsetQuery,
} from './list-offsets.js'
import {
  type ListPartitionReassignmentsOptions,
  listPartitionReassignments,
  type PartitionReassignment,
} from './list-partition-reassignments.js'
import { type ListTopicsOptions, listTopics, type TopicListing } from './list-topics.js'
import { type AdminOptions, type OperationOptions, resolveAdminOptions } from './options.js'
import {
  type RemovedMember,
  type RemoveGroupMembersOptions,
  removeGroupMembers,
} from './remove-group-members.js'

/**
 * Looks after a cluster: topics, configurations, records, groups, users, replicas.
 *
 * An operation on several items resolves with a result for each, in their order; one that failed has an `error`, the
 * others are not touched by it. `orThrow` turns errors of items into an exception. Operations throw only when nothing can
 * be said of any item: InvalidArgumentError, UnsupportedVersionError, TimeoutError (no broker answered in time),
 * ClosedError, the signal's reason. Passing troubles (no controller, no leader, a broken connection) are retried within
 * `timeoutMs`.
 *
 * ```ts
 * const admin = new Admin({ bootstrapServers: 'localhost:9092' })
 * try {
 *   orThrow(await admin.createTopics([{ name: 'trucks', partitions: 6, replicationFactor: 1 }]))
 * } finally {
 *   await admin.close()
 * }
 * ```
 */
export class Admin {
  readonly #gate: Gate

  /**
   * @param cluster connections to share (`Ottla` does); they stay open when the admin client closes.
   * @throws InvalidArgumentError naming the option, the value and what is expected.
   */
  constructor(options: AdminOptions, cluster?: Cluster) {
    const resolved = resolveAdminOptions(options)
    this.#gate = new Gate(cluster ?? new Cluster(resolved), cluster === undefined)
  }

  /** Connects to some broker, to fail fast where it matters; everything else connects by itself. */
  async connect(options: CallOptions = {}): Promise<void> {
    await this.#gate.cluster.connect(options)
  }

  /** Creates topics. `validateOnly` only checks whether it could. Errors of items: TOPIC_ALREADY_EXISTS, INVALID_… */
  async createTopics(
    topics: readonly NewTopic[],
    options: CreateTopicsOptions = {},
  ): Promise<CreatedTopic[]> {
    return createTopics(
      this.#gate.beginList('createTopics', topics, options, 'validateOnly'),
      topics,
      options,
    )
  }

  /** Deletes topics, by name or id. Errors of items: UNKNOWN_TOPIC_OR_PARTITION, TOPIC_DELETION_DISABLED … */
  async deleteTopics(
    topics: readonly TopicReference[],
    options: OperationOptions = {},
  ): Promise<DeletedTopic[]> {
    return deleteTopics(this.#gate.beginList('deleteTopics', topics, options), topics, options)
  }

  /** Lists the topics of the cluster by name; Kafka's own with `includeInternal`. */
  async listTopics(options: ListTopicsOptions = {}): Promise<TopicListing[]> {
    return listTopics(this.#gate.begin('listTopics', options, 'includeInternal'), options)
  }

  /** Tells partitions, leaders and replicas of topics. Never creates one. */
  async describeTopics(
    names: readonly string[],
    options: OperationOptions = {},
  ): Promise<TopicDescription[]> {
    return describeTopics(this.#gate.beginList('describeTopics', names, options), names, options)
  }

  /** Gives topics more partitions. Errors of items: INVALID_PARTITIONS (it has as many or more), UNKNOWN_TOPIC_OR_PARTITION … */
  async createPartitions(
    topics: readonly NewPartitions[],
    options: CreatePartitionsOptions = {},
  ): Promise<CreatedPartitions[]> {
    return createPartitions(
      this.#gate.beginList('createPartitions', topics, options, 'validateOnly'),
      topics,
      options,
    )
  }

  /** Deletes the records of partitions before an offset. Errors of items: OFFSET_OUT_OF_RANGE, POLICY_VIOLATION … */
  async deleteRecords(
    records: readonly RecordsToDelete[],
    options: OperationOptions = {},
  ): Promise<DeletedRecords[]> {
    return deleteRecords(this.#gate.beginList('deleteRecords', records, options), records, options)
  }

  /** Tells the configurations of topics, brokers and others: values, where they come from, what they mean. */
  async describeConfigs(
    resources: readonly ConfigResource[],
    options: DescribeConfigsOptions = {},
  ): Promise<ConfigDescription[]> {
    return describeConfigs(
      this.#gate.beginList(
        'describeConfigs',
        resources,
        options,
        'includeSynonyms',
        'includeDocumentation',
      ),
      resources,
      options,
    )
  }

  /** Changes configurations of topics, brokers, groups; what is not named stays. Needs Kafka 2.3. */
  async alterConfigs(
    alterations: readonly ConfigAlteration[],
    options: AlterConfigsOptions = {},
  ): Promise<AlteredConfigs[]> {
    return alterConfigs(
      this.#gate.beginList('alterConfigs', alterations, options, 'validateOnly'),
      alterations,
      options,
    )
  }

  /** Lists what has configurations: topics, brokers, groups, client metrics. Needs Kafka 4.1 (before: client metrics only). */
  async listConfigResources(
    options: ListConfigResourcesOptions = {},
  ): Promise<ConfigResourceName[]> {
    return listConfigResources(this.#gate.begin('listConfigResources', options, 'types'), options)
  }

  /** Tells the cluster's id, controller and brokers. */
  async describeCluster(options: OperationOptions = {}): Promise<ClusterDescription> {
    return describeCluster(this.#gate.begin('describeCluster', options), options)
  }

  /**
   * Looks up offsets: first, last, by timestamp. A query without a partition asks for all of the topic's. Errors of items:
   * UNKNOWN_TOPIC_OR_PARTITION, TOPIC_AUTHORIZATION_FAILED …
   */
  async listOffsets(
    queries: readonly OffsetQuery[],
    options: ListOffsetsOptions = {},
  ): Promise<ListedOffset[]> {
    return listOffsets(
      this.#gate.beginList('listOffsets', queries, options, 'isolationLevel'),
      queries,
      options,
    )
  }

  /**
   * Lists the groups of the cluster, asking every broker.
   *
   * @throws AdminError when a broker did not answer in time (`results` hold what the others listed), besides what all
   * operations throw.
   */
  async listGroups(options: ListGroupsOptions = {}): Promise<GroupListing[]> {
    return listGroups(this.#gate.begin('listGroups', options, 'states', 'types'), options)
  }

  /** Tells state and members of groups, of the classic and of the new protocol. Error of an item: GROUP_ID_NOT_FOUND … */
  async describeGroups(
    groupIds: readonly string[],
    options: OperationOptions = {},
  ): Promise<GroupDescription[]> {
    return describeGroups(
      this.#gate.beginList('describeGroups', groupIds, options),
      groupIds,
      options,
    )
  }

  /** Deletes groups with their offsets. Errors of items: NON_EMPTY_GROUP (it has members), GROUP_ID_NOT_FOUND … */
  async deleteGroups(
    groupIds: readonly string[],
    options: OperationOptions = {},
  ): Promise<DeletedGroup[]> {
    return deleteGroups(this.#gate.beginList('deleteGroups', groupIds, options), groupIds, options)
  }

  /** Removes members from a group, all of them unless `members` names some. Needs Kafka 2.4. */
  async removeGroupMembers(
    groupId: string,
    options: RemoveGroupMembersOptions = {},
  ): Promise<RemovedMember[]> {
    return removeGroupMembers(
      this.#gate.begin('removeGroupMembers', options, 'members', 'reason'),
      groupId,
      options,
    )
  }

  /** Tells the committed offsets of groups, of all partitions or some. */
  async listGroupOffsets(
    groups: readonly (string | GroupOffsetsQuery)[],
    options: ListGroupOffsetsOptions = {},
  ): Promise<GroupOffsets[]> {
    return listGroupOffsets(
      this.#gate.beginList('listGroupOffsets', groups, options, 'requireStable'),
      groups,
      options,
    )
  }

  /** Commits offsets for a group without members. Error of an item while it has some: UNKNOWN_MEMBER_ID. */
  async alterGroupOffsets(
    groupId: string,
    offsets: readonly NewGroupOffset[],
    options: OperationOptions = {},
  ): Promise<GroupOffsetResult[]> {
    return alterGroupOffsets(
      this.#gate.beginList('alterGroupOffsets', offsets, options),
      groupId,
      offsets,
      options,
    )
  }

  /** Forgets committed offsets of a group. Error of an item while members subscribe to it: GROUP_SUBSCRIBED_TO_TOPIC. */
  async deleteGroupOffsets(
    groupId: string,
    partitions: readonly OfPartition[],
    options: OperationOptions = {},
  ): Promise<GroupOffsetResult[]> {
    return deleteGroupOffsets(
      this.#gate.beginList('deleteGroupOffsets', partitions, options),
      groupId,
      partitions,
      options,
    )
  }

  /** Tells the log directories of brokers: sizes of volumes and of the replicas in them. */
  async describeLogDirs(options: DescribeLogDirsOptions = {}): Promise<BrokerLogDirs[]> {
    return describeLogDirs(this.#gate.begin('describeLogDirs', options, 'nodes', 'topics'), options)
  }

  /** Tells which idempotent and transactional producers the leaders of partitions remember. Needs Kafka 2.8. */
  async describeProducers(
    partitions: readonly OfPartition[],
    options: OperationOptions = {},
  ): Promise<PartitionProducers[]> {
    return describeProducers(
      this.#gate.beginList('describeProducers', partitions, options),
      partitions,
      options,
    )
  }

  /** Has leaders elected: the preferred ones, or where none is in sync any live one. */
  async electLeaders(
    partitions: readonly OfPartition[],
    options: ElectLeadersOptions = {},
  ): Promise<ElectedLeader[]> {
    return electLeaders(
      this.#gate.beginList('electLeaders', partitions, options, 'type'),
      partitions,
      options,
    )
  }

  /** Moves partitions to other brokers, or calls a move off. Needs Kafka 2.4. */
  async alterPartitionReassignments(
    reassignments: readonly NewReassignment[],
    options: OperationOptions = {},
  ): Promise<AlteredReassignment[]> {
    return alterPartitionReassignments(
      this.#gate.beginList('alterPartitionReassignments', reassignments, options),
      reassignments,
      options,
    )
  }

  /** Lists the moves under way. Needs Kafka 2.4. */
  async listPartitionReassignments(
    options: ListPartitionReassignmentsOptions = {},
  ): Promise<PartitionReassignment[]> {
    return listPartitionReassignments(
      this.#gate.begin('listPartitionReassignments', options, 'partitions'),
      options,
    )
  }

  /** Tells which SCRAM credentials users have; all users without a list. Needs Kafka 2.7. */
  async describeUserScramCredentials(
    users?: readonly string[],
    options: OperationOptions = {},
  ): Promise<UserScramCredentials[]> {
    return describeUserScramCredentials(
      this.#gate.beginList('describeUserScramCredentials', users ?? [], options),
      users,
      options,
    )
  }

  /** Sets and deletes SCRAM credentials; passwords are salted and hashed here. Needs Kafka 2.7. */
  async alterUserScramCredentials(
    alterations: readonly ScramCredentialAlteration[],
    options: OperationOptions = {},
  ): Promise<AlteredScramCredential[]> {
    return alterUserScramCredentials(
      this.#gate.beginList('alterUserScramCredentials', alterations, options),
      alterations,
      options,
    )
  }

  /** Tells the controllers' quorum: leader, voters, how far each is. Needs Kafka 3.3. */
  async describeQuorum(options: OperationOptions = {}): Promise<QuorumDescription> {
    return describeQuorum(this.#gate.begin('describeQuorum', options), options)
  }

  /** Tells the cluster's features and their levels. Needs Kafka 2.7. */
  async describeFeatures(options: OperationOptions = {}): Promise<FeaturesDescription> {
    return describeFeatures(this.#gate.begin('describeFeatures', options), options)
  }

  /** Closes the connections unless they are shared. Idempotent; leaves no timer and no socket. */
  close(options: { readonly timeoutMs?: number | undefined } = {}): Promise<void> {
    return this.#gate.close(options)
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }
}
