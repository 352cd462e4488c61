// Written by scripts/write-handlers-index.mjs.
import type { Handler } from '../server/handler.js'
import { alterClientQuotasHandler } from './alter-client-quotas.js'
import { alterConfigsHandler } from './alter-configs.js'
import { alterPartitionReassignmentsHandler } from './alter-partition-reassignments.js'
import { alterUserScramCredentialsHandler } from './alter-user-scram-credentials.js'
import { apiVersionsHandler } from './api-versions.js'
import { createPartitionsHandler } from './create-partitions.js'
import { createTopicsHandler } from './create-topics.js'
import { deleteGroupsHandler } from './delete-groups.js'
import { deleteRecordsHandler } from './delete-records.js'
import { deleteTopicsHandler } from './delete-topics.js'
import { describeClientQuotasHandler } from './describe-client-quotas.js'
import { describeClusterHandler } from './describe-cluster.js'
import { describeConfigsHandler } from './describe-configs.js'
import { describeGroupsHandler } from './describe-groups.js'
import { describeLogDirsHandler } from './describe-log-dirs.js'
import { describeProducersHandler } from './describe-producers.js'
import { describeQuorumHandler } from './describe-quorum.js'
import { describeTopicPartitionsHandler } from './describe-topic-partitions.js'
import { describeUserScramCredentialsHandler } from './describe-user-scram-credentials.js'
import { electLeadersHandler } from './elect-leaders.js'
import { fetchHandler } from './fetch.js'
import { findCoordinatorHandler } from './find-coordinator.js'
import { heartbeatHandler } from './heartbeat.js'
import { incrementalAlterConfigsHandler } from './incremental-alter-configs.js'
import { initProducerIdHandler } from './init-producer-id.js'
import { joinGroupHandler } from './join-group.js'
import { leaveGroupHandler } from './leave-group.js'
import { listConfigResourcesHandler } from './list-config-resources.js'
import { listGroupsHandler } from './list-groups.js'
import { listOffsetsHandler } from './list-offsets.js'
import { listPartitionReassignmentsHandler } from './list-partition-reassignments.js'
import { metadataHandler } from './metadata.js'
import { offsetCommitHandler } from './offset-commit.js'
import { offsetDeleteHandler } from './offset-delete.js'
import { offsetFetchHandler } from './offset-fetch.js'
import { offsetForLeaderEpochHandler } from './offset-for-leader-epoch.js'
import { produceHandler } from './produce.js'
import { saslAuthenticateHandler } from './sasl-authenticate.js'
import { saslHandshakeHandler } from './sasl-handshake.js'
import { syncGroupHandler } from './sync-group.js'
import { updateFeaturesHandler } from './update-features.js'

/** Every API this broker serves. */
export const allHandlers: readonly Handler[] = [
  alterClientQuotasHandler,
  alterConfigsHandler,
  alterPartitionReassignmentsHandler,
  alterUserScramCredentialsHandler,
  apiVersionsHandler,
  createPartitionsHandler,
  createTopicsHandler,
  deleteGroupsHandler,
  deleteRecordsHandler,
  deleteTopicsHandler,
  describeClientQuotasHandler,
  describeClusterHandler,
  describeConfigsHandler,
  describeGroupsHandler,
  describeLogDirsHandler,
  describeProducersHandler,
  describeQuorumHandler,
  describeTopicPartitionsHandler,
  describeUserScramCredentialsHandler,
  electLeadersHandler,
  fetchHandler,
  findCoordinatorHandler,
  heartbeatHandler,
  incrementalAlterConfigsHandler,
  initProducerIdHandler,
  joinGroupHandler,
  leaveGroupHandler,
  listConfigResourcesHandler,
  listGroupsHandler,
  listOffsetsHandler,
  listPartitionReassignmentsHandler,
  metadataHandler,
  offsetCommitHandler,
  offsetDeleteHandler,
  offsetFetchHandler,
  offsetForLeaderEpochHandler,
  produceHandler,
  saslAuthenticateHandler,
  saslHandshakeHandler,
  syncGroupHandler,
  updateFeaturesHandler,
]
