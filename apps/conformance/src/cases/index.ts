import type { Rule } from '../rules/rule.js'
import { rules as acls } from './acls.js'
import { rules as alterConfigs } from './alter-configs.js'
import { rules as alterReplicaLogDirs } from './alter-replica-log-dirs.js'
import { rules as apiVersions } from './api-versions.js'
import { rules as boundaries } from './boundaries.js'
import { rules as clusterAdministration } from './cluster-administration.js'
import { rules as compaction } from './compaction.js'
import { rules as consumerGroupDescribe } from './consumer-group-describe.js'
import { rules as consumerGroupFencing } from './consumer-group-fencing.js'
import { rules as consumerGroupHeartbeat } from './consumer-group-heartbeat.js'
import { rules as consumerGroupMembers } from './consumer-group-members.js'
import { rules as consumerGroupMigration } from './consumer-group-migration.js'
import { rules as createPartitions } from './create-partitions.js'
import { rules as createTopics } from './create-topics.js'
import { rules as delegationTokens } from './delegation-tokens.js'
import { rules as deleteGroups } from './delete-groups.js'
import { rules as deleteRecords } from './delete-records.js'
import { rules as deleteTopics } from './delete-topics.js'
import { rules as describeConfigs } from './describe-configs.js'
import { rules as describeGroups } from './describe-groups.js'
import { rules as everyApi } from './every-api.js'
import { rules as fetch } from './fetch.js'
import { rules as fetchRefusals } from './fetch-refusals.js'
import { rules as fetchSessions } from './fetch-sessions.js'
import { rules as fetchWaiting } from './fetch-waiting.js'
import { rules as findCoordinator } from './find-coordinator.js'
import { rules as groupLimits } from './group-limits.js'
import { rules as heartbeat } from './heartbeat.js'
import { rules as incrementalAlterConfigs } from './incremental-alter-configs.js'
import { rules as initProducerId } from './init-producer-id.js'
import { rules as joinGroup } from './join-group.js'
import { rules as leaderChanges } from './leader-changes.js'
import { rules as leaderEpochs } from './leader-epochs.js'
import { rules as leaveGroup } from './leave-group.js'
import { rules as listConfigResources } from './list-config-resources.js'
import { rules as listGroups } from './list-groups.js'
import { rules as listOffsets } from './list-offsets.js'
import { rules as lostNodesCoordinators } from './lost-nodes-coordinators.js'
import { rules as lostNodesElections } from './lost-nodes-elections.js'
import { rules as lostNodesMetadata } from './lost-nodes-metadata.js'
import { rules as lostNodesRecords } from './lost-nodes-records.js'
import { rules as lostNodesTransactions } from './lost-nodes-transactions.js'
import { rules as malformed } from './malformed.js'
import { rules as metadata } from './metadata.js'
import { rules as offsetCommit } from './offset-commit.js'
import { rules as offsetDelete } from './offset-delete.js'
import { rules as offsetFetch } from './offset-fetch.js'
import { rules as offsetForLeaderEpoch } from './offset-for-leader-epoch.js'
import { rules as partitionAdministration } from './partition-administration.js'
import { rules as policies } from './policies.js'
import { rules as produce } from './produce.js'
import { rules as produceBatches } from './produce-batches.js'
import { rules as produceIdempotence } from './produce-idempotence.js'
import { rules as raftVoters } from './raft-voters.js'
import { rules as refusals } from './refusals.js'
import { rules as retention } from './retention.js'
import { rules as sasl } from './sasl.js'
import { rules as shareAcknowledge } from './share-acknowledge.js'
import { rules as shareFetch } from './share-fetch.js'
import { rules as shareGroupHeartbeat } from './share-group-heartbeat.js'
import { rules as shareGroupMembers } from './share-group-members.js'
import { rules as shareGroupOffsets } from './share-group-offsets.js'
import { rules as shareGroupState } from './share-group-state.js'
import { rules as shareLeaders } from './share-leaders.js'
import { rules as shareRefusals } from './share-refusals.js'
import { rules as shareSessions } from './share-sessions.js'
import { rules as streamsGroupDescribe } from './streams-group-describe.js'
import { rules as streamsGroupHeartbeat } from './streams-group-heartbeat.js'
import { rules as syncGroup } from './sync-group.js'
import { rules as telemetry } from './telemetry.js'
import { rules as throttling } from './throttling.js'
import { rules as tokenLogin } from './token-login.js'
import { rules as transactions } from './transactions.js'
import { rules as unauthorizedCluster } from './unauthorized-cluster.js'
import { rules as unauthorizedGroups } from './unauthorized-groups.js'
import { rules as unauthorizedTopics } from './unauthorized-topics.js'
import { rules as usersAndQuotas } from './users-and-quotas.js'
import { rules as writeTxnMarkers } from './write-txn-markers.js'
import { rules as wrongCoordinator } from './wrong-coordinator.js'

const all: readonly Rule[] = [
  ...everyApi,
  ...apiVersions,
  ...metadata,
  ...createTopics,
  ...deleteTopics,
  ...createPartitions,
  ...transactions,
  ...describeConfigs,
  ...produce,
  ...produceBatches,
  ...joinGroup,
  ...syncGroup,
  ...heartbeat,
  ...incrementalAlterConfigs,
  ...alterConfigs,
  ...listConfigResources,
  ...produceIdempotence,
  ...fetch,
  ...listOffsets,
  ...fetchSessions,
  ...fetchRefusals,
  ...fetchWaiting,
  ...deleteRecords,
  ...offsetForLeaderEpoch,
  ...initProducerId,
  ...clusterAdministration,
  ...partitionAdministration,
  ...alterReplicaLogDirs,
  ...leaderChanges,
  ...leaderEpochs,
  ...lostNodesMetadata,
  ...lostNodesRecords,
  ...lostNodesElections,
  ...lostNodesTransactions,
  ...lostNodesCoordinators,
  ...wrongCoordinator,
  ...leaveGroup,
  ...describeGroups,
  ...listGroups,
  ...deleteGroups,
  ...findCoordinator,
  ...offsetCommit,
  ...offsetFetch,
  ...offsetDelete,
  ...malformed,
  ...sasl,
  ...retention,
  ...compaction,
  ...boundaries,
  ...streamsGroupDescribe,
  ...streamsGroupHeartbeat,
  ...acls,
  ...unauthorizedCluster,
  ...unauthorizedGroups,
  ...unauthorizedTopics,
  ...usersAndQuotas,
  ...delegationTokens,
  ...tokenLogin,
  ...throttling,
  ...groupLimits,
  ...policies,
  ...refusals,
  ...raftVoters,
  ...shareGroupState,
  ...writeTxnMarkers,
  ...telemetry,
  ...consumerGroupHeartbeat,
  ...consumerGroupDescribe,
  ...consumerGroupMembers,
  ...consumerGroupFencing,
  ...consumerGroupMigration,
  ...shareGroupHeartbeat,
  ...shareAcknowledge,
  ...shareFetch,
  ...shareGroupMembers,
  ...shareGroupOffsets,
  ...shareSessions,
  ...shareRefusals,
  ...shareLeaders,
]

/** All rules, by the API they are about. */
export const allRules = (): readonly Rule[] => all
