import { type Cluster, retry } from '@ottla/network'
import { BrokerError, ErrorCode, KafkaError, ListGroups } from '@ottla/protocol'
import type { OperationOptions } from './options.js'
import { AdminError, type ItemResult } from './results.js'

/** Kinds of groups: `classic` (JoinGroup), `consumer` (KIP-848), `share` (KIP-932), `streams` (KIP-1071). */
export type GroupType = 'classic' | 'consumer' | 'share' | 'streams'

/** Where a group is, in Kafka's words. */
export type GroupState =
  | 'Unknown'
  | 'PreparingRebalance'
  | 'CompletingRebalance'
  | 'Stable'
  | 'Dead'
  | 'Empty'
  | 'Assigning'
  | 'Reconciling'
  | 'NotReady'

/** A group of the cluster. */
export interface GroupListing {
  readonly groupId: string
  /** What its members agree by: `consumer`, `connect` …; empty for one that only keeps offsets. */
  readonly protocolType: string
  /** Undefined from brokers before Kafka 2.6. */
  readonly state?: GroupState | undefined
  /** Undefined from brokers before Kafka 3.8. */
  readonly type?: GroupType | undefined
}

/** Which groups to list. */
export interface ListGroupsOptions extends OperationOptions {
  /** Only groups in these states. Needs Kafka 2.6. */
  readonly states?: readonly GroupState[] | undefined
  /** Only groups of these kinds. Needs Kafka 3.8. */
  readonly types?: readonly GroupType[] | undefined
}

const statesVersion = 4
const typesVersion = 5

/** See `Admin.listGroups`. */
export const listGroups = async (
  cluster: Cluster,
  options: ListGroupsOptions = {},
): Promise<GroupListing[]> => {
  const { timeoutMs = cluster.options.defaultApiTimeoutMs, signal } = options
  const { clock, random } = cluster.platform
  const deadlineMs = clock.monotonic() + timeoutMs
  await cluster.refreshMetadata({ topics: [], timeoutMs, signal })
  const nodes = cluster.metadata.brokers().map(({ node }) => node)
  const limits = { clock, random, signal, timeoutMs: Math.max(deadlineMs - clock.monotonic(), 1) }
  const answers = await Promise.allSettled(
    nodes.map((node) =>
      retry({ ...limits, what: `listing the groups of broker ${node}` }, (attempt) =>
        ask(cluster, node, options, attempt),
      ),
    ),
  )
  signal?.throwIfAborted()
  const failed = answers.flatMap((answer) => (answer.status === 'rejected' ? [answer.reason] : []))
  const groups = new Map<string, GroupListing>()
  for (const answer of answers) {
    if (answer.status === 'rejected') continue
    for (const group of answer.value) groups.set(group.groupId, group)
  }
  if (failed.length > 0) {
    // A list that lacks groups must not pass for a whole one.
    const errors = failed.map((error) => KafkaError.from(error))
    if (groups.size === 0 && errors.length === 1) throw errors[0]
    const listed: ItemResult[] = [...groups.values()].map((group) => ({
      ...group,
      error: undefined,
    }))
    throw new AdminError(errors, [...listed, ...errors.map((error) => ({ error }))])
  }
  return [...groups.values()].sort((one, other) => (one.groupId < other.groupId ? -1 : 1))
}

const ask = async (
  cluster: Cluster,
  node: number,
  { states = [], types = [] }: ListGroupsOptions,
  { timeoutMs, signal }: { readonly timeoutMs: number; readonly signal: AbortSignal | undefined },
): Promise<GroupListing[]> => {
  const { response, version } = await cluster.request(
    ListGroups,
    (version) => ({
      ...(version >= statesVersion ? { statesFilter: [...states] } : {}),
      ...(version >= typesVersion ? { typesFilter: [...types] } : {}),
    }),
    {
      node,
      minVersion: types.length > 0 ? typesVersion : states.length > 0 ? statesVersion : 0,
      timeoutMs: Math.min(timeoutMs, cluster.options.requestTimeoutMs),
      signal,
    },
  )
  const { errorCode, groups } = response
  if (errorCode !== ErrorCode.NONE) {
    throw new BrokerError(errorCode, { api: ListGroups.name, version, node })
  }
  return groups.map(({ groupId, protocolType, groupState, groupType }) => ({
    groupId,
    protocolType,
    state: groupState === '' ? undefined : (groupState as GroupState),
    type: groupType === '' ? undefined : (groupType.toLowerCase() as GroupType),
  }))
}
