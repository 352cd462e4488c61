/** Bits of `AclOperation` numbers. */
const bits = (...operations: readonly number[]): number =>
  operations.reduce((sum, operation) => sum | (1 << operation), 0)

const read = 3
const write = 4
const create = 5
const remove = 6
const alter = 7
const describe = 8
const clusterAction = 9
const describeConfigs = 10
const alterConfigs = 11
const idempotentWrite = 12

/** What a client may do to a topic, as Kafka answers without an authorizer: everything (KIP-430). */
export const topicOperations = bits(
  read,
  write,
  create,
  remove,
  alter,
  describe,
  describeConfigs,
  alterConfigs,
)

/** What a client may do to the cluster, as Kafka answers without an authorizer: everything. */
export const clusterOperations = bits(
  create,
  alter,
  describe,
  clusterAction,
  describeConfigs,
  alterConfigs,
  idempotentWrite,
)

/** What a client may do to a group, as Kafka answers without an authorizer: everything. */
export const groupOperations = bits(read, remove, describe, describeConfigs, alterConfigs)

/** Operations in a response to a client that did not ask for them. */
export const operationsNotAsked = -2147483648
