import {
  AddOffsetsToTxn,
  AddPartitionsToTxn,
  AlterPartitionReassignments,
  AlterShareGroupOffsets,
  ConsumerGroupHeartbeat,
  DeleteGroups,
  DeleteShareGroupOffsets,
  DeleteShareGroupState,
  EndTxn,
  ErrorCode,
  FindCoordinator,
  InitializeShareGroupState,
  InitProducerId,
  Metadata,
  OffsetCommit,
  OffsetDelete,
  ReadShareGroupState,
  ShareGroupHeartbeat,
  StreamsGroupHeartbeat,
  SyncGroup,
  TxnOffsetCommit,
  WriteShareGroupState,
} from '@ottla/protocol'
import { containing } from '../match/index.js'
import { compareReleases } from '../releases/index.js'
import { documents } from '../rules/documents.js'
import { type Rule, rule } from '../rules/rule.js'
import type { RuleContext } from '../rules/rule-context.js'
import {
  addPartitions,
  addPartitionsRequest,
  beginSync,
  changeConfigs,
  commit,
  commitRequest,
  coordinatedBy,
  createReplicated,
  initTransactions,
  join,
  joiningHeartbeat,
  joiningStreams,
  LOSS_DEADLINE_MS,
  newest,
  type PartitionState,
  pauseNode,
  readConfig,
  reassign,
  shareMemberId,
  shareStateKey,
  type Topic,
  topicResource,
} from '../steps/index.js'
import { LOSS, pausableNodes } from './lost-nodes.js'

/** The last version of TxnOffsetCommit before which a group is added to the transaction. */
const LAST_TO_ADD_OFFSETS = 4

const MIN_INSYNC = 'min.insync.replicas'

const { NONE, COORDINATOR_NOT_AVAILABLE, REQUEST_TIMED_OUT } = ErrorCode

/** A log that coordinators keep. */
const logOf = (name: string): Topic => ({ name, id: '' })

/** Asks for all three replicas of a log of coordinators, until the end of the rule. */
async function needAllReplicas(t: RuleContext, { name }: Topic): Promise<void> {
  const resource = topicResource(name)
  const before = (await readConfig(t, resource, MIN_INSYNC)) ?? '1'
  t.cleanUp(() => changeConfigs(t, resource, { [MIN_INSYNC]: before }))
  await changeConfigs(t, resource, { [MIN_INSYNC]: '3' })
}

/** Holds a node up until it is out of sync: coordinators cannot write to the log any more. */
async function holdUp(t: RuleContext, log: Topic, nodeId: number): Promise<void> {
  pauseNode(t, nodeId)
  await untilTwoInSync(t, log)
}

/** Waits until partitions of a log are as the rule wants them. */
function untilLog(
  t: RuleContext,
  { name }: Topic,
  what: string,
  fits: (partitions: readonly PartitionState[]) => boolean,
): Promise<readonly PartitionState[]> {
  const request = { topics: [{ name }], allowAutoTopicCreation: false }
  const isSo = async () => {
    const { topics } = await t.client.ask(Metadata, request, newest(t, Metadata))
    const partitions = topics[0]?.partitions ?? []
    return partitions.length > 0 && fits(partitions) && partitions
  }
  return t.until(`${name} to have ${what}`, isSo, LOSS_DEADLINE_MS)
}

const untilTwoInSync = (t: RuleContext, log: Topic) =>
  untilLog(t, log, 'two replicas in sync', (partitions) =>
    partitions.every(({ isrNodes }) => isrNodes.length === 2),
  )

/** Waits until partition 0 of the log of groups is as the rule wants it: it is not always the first. */
async function untilFirst(
  t: RuleContext,
  what: string,
  fits: (state: PartitionState) => boolean,
): Promise<PartitionState | undefined> {
  const isFirst = ({ partitionIndex }: PartitionState) => partitionIndex === 0
  const all = await untilLog(t, GROUPS, what, (list) =>
    list.some((one) => isFirst(one) && fits(one)),
  )
  return all.find(isFirst)
}

const GROUPS = logOf('__consumer_offsets')
const TRANSACTIONS = logOf('__transaction_state')
const SHARE_STATE = logOf('__share_group_state')

/** Ids of groups that a broker coordinates. */
async function groupsAt(t: RuleContext, nodeId: number) {
  const idHere = () => coordinatedBy(t, nodeId, 'group')
  return [await idHere(), await idHere(), await idHere(), await idHere(), await idHere()] as const
}

const UNWRITABLE = { ...LOSS, topic: 'errors' } as const satisfies Partial<Rule>

/** Rules of coordinators whose logs have lost replicas. */
export const rules: readonly Rule[] = [
  rule({
    ...UNWRITABLE,
    id: 'offset-commit.log-without-replicas',
    says: 'What the log of groups has not enough replicas for is COORDINATOR_NOT_AVAILABLE; before 4.0 a commit that is stored, but does not get through in time, is REQUEST_TIMED_OUT, and what deletes is not told.',
    source: documents.errorCodes,
    apis: [OffsetCommit, TxnOffsetCommit, SyncGroup, OffsetDelete, DeleteGroups],
    run: async (t) => {
      const { stays, first: other } = await pausableNodes(t)
      const topic = await createReplicated(t, [stays])
      const groupId = await coordinatedBy(t, stays, 'group')
      await commit(t, groupId, topic, 1n)
      const timeoutMs = 2 * LOSS_DEADLINE_MS
      const longLived = { sessionTimeoutMs: timeoutMs, rebalanceTimeoutMs: timeoutMs }
      const member = await join(t, await coordinatedBy(t, stays, 'group'), longLived)
      const transactionalId = await coordinatedBy(t, stays, 'transaction')
      const producer = await initTransactions(t, { transactionalId })
      const adding = { ...producer, groupId }
      const { errorCode: code } = await t.client.ask(AddOffsetsToTxn, adding)
      t.equal(code, NONE, 'error of AddOffsetsToTxn')
      await needAllReplicas(t, GROUPS)
      pauseNode(t, other)
      const told = (errorCode: number) => ({
        topics: [{ partitions: [{ partitionIndex: 0, errorCode }] }],
      })
      const isOld = compareReleases(t.release, '4.0') < 0
      const late = isOld ? REQUEST_TIMED_OUT : COORDINATOR_NOT_AVAILABLE
      const version = LAST_TO_ADD_OFFSETS
      const deadlineMs = LOSS_DEADLINE_MS
      const plain = commitRequest(groupId, topic, 2n)
      const pending = { ...plain, ...producer }
      // Both at once, each on a connection of its own: the node leaves the replicas in sync soon.
      const beside = await t.connect()
      const waiting = beside.send(TxnOffsetCommit, pending, { version, deadlineMs })
      const first = t.client.send(OffsetCommit, plain, { deadlineMs })
      t.expect(await first.answer(), told(late))
      t.expect(await waiting.answer(), told(late))
      await untilTwoInSync(t, GROUPS)
      const refused = await t.client.ask(OffsetCommit, commitRequest(groupId, topic, 3n))
      t.expect(refused, told(COORDINATOR_NOT_AVAILABLE))
      const inTransaction = await t.client.ask(TxnOffsetCommit, pending, { version })
      t.expect(inTransaction, told(COORDINATOR_NOT_AVAILABLE))
      const synced = await beginSync(t, member, { [member.memberId]: Buffer.from('a') }).answer()
      t.expect(synced, { errorCode: COORDINATOR_NOT_AVAILABLE })
      if (isOld) return
      const topics = [{ name: topic.name, partitions: [{ partitionIndex: 0 }] }]
      t.expect(await t.client.ask(OffsetDelete, { groupId, topics }), {
        errorCode: COORDINATOR_NOT_AVAILABLE,
      })
      t.expect(await t.client.ask(DeleteGroups, { groupsNames: [groupId] }), {
        results: [{ groupId, errorCode: COORDINATOR_NOT_AVAILABLE }],
      })
    },
  }),
  rule({
    ...UNWRITABLE,
    id: 'consumer-group-heartbeat.log-without-replicas',
    says: 'A group that the log of groups has not enough replicas for cannot be joined, nor be given offsets: COORDINATOR_NOT_AVAILABLE.',
    source: documents.errorCodes,
    apis: [
      ConsumerGroupHeartbeat,
      ShareGroupHeartbeat,
      StreamsGroupHeartbeat,
      AlterShareGroupOffsets,
      DeleteShareGroupOffsets,
    ],
    needs: [...LOSS.needs, 'share-groups', 'streams-groups'],
    run: async (t) => {
      const { stays, first } = await pausableNodes(t)
      const { name } = await createReplicated(t, [stays])
      const [one, two, three, four, shared] = await groupsAt(t, stays)
      const partitions = [{ partitionIndex: 0, startOffset: 0n }]
      const offsets = { groupId: shared, topics: [{ topicName: name, partitions }] }
      await t.until('offsets of a group', async () => {
        return (await t.client.ask(AlterShareGroupOffsets, offsets)).errorCode === NONE
      })
      await needAllReplicas(t, GROUPS)
      await holdUp(t, GROUPS, first)
      const refused = { errorCode: COORDINATOR_NOT_AVAILABLE }
      const consumer = joiningHeartbeat(one, 'member-1', [name])
      t.expect(await t.client.ask(ConsumerGroupHeartbeat, consumer), refused)
      const memberId = shareMemberId(t)
      const sharing = { groupId: two, memberId, memberEpoch: 0, subscribedTopicNames: [name] }
      t.expect(await t.client.ask(ShareGroupHeartbeat, sharing), refused)
      const streams = { groupId: three, memberId, ...joiningStreams(name) }
      t.expect(await t.client.ask(StreamsGroupHeartbeat, streams), refused)
      t.expect(await t.client.ask(AlterShareGroupOffsets, { ...offsets, groupId: four }), refused)
      const topics = [{ topicName: name }]
      t.expect(await t.client.ask(DeleteShareGroupOffsets, { groupId: shared, topics }), refused)
    },
  }),
  rule({
    ...UNWRITABLE,
    id: 'init-producer-id.log-without-replicas',
    says: 'What the log of transactions has not enough replicas for is COORDINATOR_NOT_AVAILABLE.',
    source: 'KIP-98: Exactly Once Delivery and Transactional Messaging, Transaction Log',
    apis: [InitProducerId, AddPartitionsToTxn, AddOffsetsToTxn, EndTxn],
    run: async (t) => {
      const { stays, first } = await pausableNodes(t)
      const topic = await createReplicated(t, [stays])
      const idHere = () => coordinatedBy(t, stays, 'transaction')
      const idle = await initTransactions(t, { transactionalId: await idHere() })
      const busy = await initTransactions(t, { transactionalId: await idHere() })
      const transactionalId = await idHere()
      await addPartitions(t, busy, topic)
      await needAllReplicas(t, TRANSACTIONS)
      await holdUp(t, TRANSACTIONS, first)
      const errorCode = COORDINATOR_NOT_AVAILABLE
      const nobody = { transactionalId, transactionTimeoutMs: 60_000 }
      t.expect(await t.client.ask(InitProducerId, nobody), { errorCode })
      const adding = addPartitionsRequest(idle, [{ name: topic.name, partitions: [0] }])
      const resultsByPartition = [{ partitionIndex: 0, partitionErrorCode: errorCode }]
      t.expect(await t.client.ask(AddPartitionsToTxn, adding, { version: 3 }), {
        resultsByTopicV3AndBelow: [{ name: topic.name, resultsByPartition }],
      })
      const offsets = { ...busy, groupId: t.name('group') }
      t.expect(await t.client.ask(AddOffsetsToTxn, offsets), { errorCode })
      const end = { ...busy, committed: true }
      t.expect(await t.client.ask(EndTxn, end, { version: 4 }), { errorCode })
    },
  }),
  rule({
    ...UNWRITABLE,
    id: 'write-share-group-state.log-without-replicas',
    says: 'What the log of the state of share groups has not enough replicas for is COORDINATOR_NOT_AVAILABLE.',
    source: 'KIP-932: Queues for Kafka, Share coordinator and persister',
    apis: [
      WriteShareGroupState,
      InitializeShareGroupState,
      ReadShareGroupState,
      DeleteShareGroupState,
    ],
    needs: [...LOSS.needs, 'share-groups'],
    run: async (t) => {
      const { stays, first } = await pausableNodes(t)
      const topic = await createReplicated(t, [stays])
      const groupId = await coordinatedBy(t, stays, 'share', (id) => shareStateKey(id, topic))
      const about = <Fields extends object>(fields: Fields) => ({
        groupId,
        topics: [{ topicId: topic.id, partitions: [{ partition: 0, ...fields }] }],
      })
      const state = about({ stateEpoch: 1, startOffset: 0n })
      const options = newest(t, InitializeShareGroupState)
      const made = await t.client.ask(InitializeShareGroupState, state, options)
      t.equal(made.results[0]?.partitions[0]?.errorCode, NONE, 'error of the first request')
      await needAllReplicas(t, SHARE_STATE)
      await holdUp(t, SHARE_STATE, first)
      const errorCode = COORDINATOR_NOT_AVAILABLE
      const refused = {
        results: [{ topicId: topic.id, partitions: [{ partition: 0, errorCode }] }],
      }
      const write = about({ stateEpoch: 1, leaderEpoch: 0, startOffset: 0n, stateBatches: [] })
      t.expect(await t.client.ask(WriteShareGroupState, write), refused)
      const again = about({ stateEpoch: 2, startOffset: 0n })
      t.expect(await t.client.ask(InitializeShareGroupState, again), refused)
      t.expect(await t.client.ask(ReadShareGroupState, about({ leaderEpoch: 5 })), refused)
      t.expect(await t.client.ask(DeleteShareGroupState, about({})), refused)
    },
  }),
  rule({
    ...UNWRITABLE,
    id: 'find-coordinator.log-without-leader',
    says: 'Groups of a partition of their log that has no leader have no coordinator: COORDINATOR_NOT_AVAILABLE.',
    source: 'KIP-699: Update FindCoordinator to resolve multiple Coordinators at a time',
    apis: [FindCoordinator, AlterPartitionReassignments],
    run: async (t) => {
      const { stays, first } = await pausableNodes(t)
      const topic = await createReplicated(t, [stays])
      await commit(t, await coordinatedBy(t, stays, 'group'), topic, 1n)
      const { replicaNodes: before = [] } =
        (await untilFirst(t, 'a leader', ({ leaderId }) => leaderId >= 0)) ?? {}
      t.cleanUp(async () => {
        await reassign(t, GROUPS, before)
        await untilFirst(t, 'all in sync', ({ isrNodes, leaderId }) => {
          return leaderId >= 0 && isrNodes.length === before.length
        })
      })
      await reassign(t, GROUPS, [first])
      await untilFirst(t, 'one replica', ({ leaderId, replicaNodes }) => {
        return leaderId === first && replicaNodes.length === 1
      })
      pauseNode(t, first)
      await untilFirst(t, 'no leader', ({ leaderId }) => leaderId === -1)
      // So many that some are of this partition.
      const coordinatorKeys = Array.from({ length: 100 }, () => t.name('group'))
      const request = { keyType: 0, coordinatorKeys }
      t.expect(await t.client.ask(FindCoordinator, request), {
        coordinators: containing({ nodeId: -1, errorCode: COORDINATOR_NOT_AVAILABLE }),
      })
    },
  }),
]
