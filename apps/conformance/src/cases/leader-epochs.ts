import { ErrorCode, Fetch, ListOffsets, OffsetForLeaderEpoch } from '@ottla/protocol'
import { type Rule, rule } from '../rules/rule.js'
import {
  batchesOf,
  changeLeader,
  connectTo,
  endOfEpoch,
  fetched,
  fetchRequest,
  listOffsetsOf,
  nodesOf,
  readPartition,
  valuesIn,
} from '../steps/index.js'

const KIP_320 = 'KIP-320: Allow fetchers to detect and handle log truncation'
const KIP_392 = 'KIP-392: Allow consumers to fetch from closest replica'

const { NONE, NOT_LEADER_OR_FOLLOWER, FENCED_LEADER_EPOCH, UNKNOWN_LEADER_EPOCH } = ErrorCode

const THREE = { needs: ['three-nodes'] } as const satisfies Partial<Rule>

const epochs = [
  ['old-epoch', 'The epoch of the leader before', 'FENCED_LEADER_EPOCH', -1, FENCED_LEADER_EPOCH],
  ['own-epoch', 'The epoch of the leader', 'no error', 0, NONE],
  ['later-epoch', 'An epoch that is yet to come', 'UNKNOWN_LEADER_EPOCH', 1, UNKNOWN_LEADER_EPOCH],
] as const

/** Rules of epochs after a change of leaders. */
const fencing: readonly Rule[] = epochs.flatMap(([id, what, outcome, by, errorCode]) => [
  rule({
    ...THREE,
    id: `fetch.${id}-after-change`,
    says: `${what} gets ${outcome} from a Fetch after the leader has changed.`,
    source: KIP_320,
    apis: [Fetch],
    topic: 'errors',
    versions: errorCode === NONE ? 'newest' : { min: 9 },
    run: async (t) => {
      const { topic, epoch, leader } = await changeLeader(t)
      const request = fetchRequest(topic, { currentLeaderEpoch: epoch + by })
      t.expect(await leader.ask(Fetch, request), fetched(topic, { errorCode }))
    },
  }),
  rule({
    ...THREE,
    id: `list-offsets.${id}-after-change`,
    says: `${what} gets ${outcome} from ListOffsets after the leader has changed.`,
    source: KIP_320,
    apis: [ListOffsets],
    topic: 'errors',
    versions: { min: 4 },
    run: async (t) => {
      const { topic, epoch, leader } = await changeLeader(t)
      t.expect(await leader.ask(ListOffsets, listOffsetsOf(topic, -1n, epoch + by)), {
        topics: [{ partitions: [{ errorCode, offset: errorCode === NONE ? 5n : -1n }] }],
      })
    },
  }),
  rule({
    ...THREE,
    id: `offset-for-leader-epoch.${id}-after-change`,
    says: `${what} gets ${outcome} from OffsetForLeaderEpoch after the leader has changed.`,
    source: KIP_320,
    apis: [OffsetForLeaderEpoch],
    topic: 'errors',
    versions: { min: 2 },
    run: async (t) => {
      const { topic, epoch, old, leader } = await changeLeader(t)
      const endOffset = errorCode === NONE ? 3n : -1n
      t.expect(await leader.ask(OffsetForLeaderEpoch, endOfEpoch(topic, old, epoch + by)), {
        topics: [{ partitions: [{ partition: 0, errorCode, endOffset }] }],
      })
    },
  }),
])

/** Rules of what is known of older epochs, and of reading from followers. */
const remembering: readonly Rule[] = [
  rule({
    ...THREE,
    id: 'offset-for-leader-epoch.earlier-leader',
    says: 'The epoch of an earlier leader ends where that of the next begins.',
    source: KIP_320,
    apis: [OffsetForLeaderEpoch],
    topic: 'offsets',
    versions: { min: 2 },
    run: async (t) => {
      const { topic, old, epoch, leader } = await changeLeader(t)
      const at = (leaderEpoch: number, endOffset: bigint) => ({
        topics: [{ partitions: [{ errorCode: NONE, leaderEpoch, endOffset }] }],
      })
      t.expect(await leader.ask(OffsetForLeaderEpoch, endOfEpoch(topic, old)), at(old, 3n))
      t.expect(await leader.ask(OffsetForLeaderEpoch, endOfEpoch(topic, epoch)), at(epoch, 5n))
    },
  }),
  rule({
    ...THREE,
    id: 'list-offsets.epochs-of-leaders',
    says: 'An offset comes with the epoch under which its record was written.',
    source: KIP_320,
    apis: [ListOffsets],
    topic: 'offsets',
    versions: { min: 4 },
    run: async (t) => {
      const { topic, old, epoch, leader } = await changeLeader(t)
      const at = (offset: bigint, leaderEpoch: number) => ({
        topics: [{ partitions: [{ errorCode: NONE, offset, leaderEpoch }] }],
      })
      t.expect(await leader.ask(ListOffsets, listOffsetsOf(topic, -2n)), at(0n, old))
      t.expect(await leader.ask(ListOffsets, listOffsetsOf(topic, -1n)), at(5n, epoch))
    },
  }),
  rule({
    ...THREE,
    id: 'fetch.batches-of-leaders',
    says: 'Each batch says under which epoch it was written.',
    source: KIP_320,
    apis: [Fetch],
    topic: 'records',
    versions: 'newest',
    run: async (t) => {
      const { topic, old, epoch } = await changeLeader(t)
      const found = batchesOf(await readPartition(t, topic))
      const said = found.map(({ partitionLeaderEpoch }) => partitionLeaderEpoch)
      t.equal(said, [old, epoch], 'epochs of the batches')
    },
  }),
  rule({
    ...THREE,
    id: 'fetch.diverging-epoch',
    says: 'A reader that has read further under an epoch than the leader knows is told where that epoch ends.',
    source: 'KIP-595: A Raft Protocol for the Metadata Quorum, Fetch',
    apis: [Fetch],
    topic: 'offsets',
    versions: { min: 12 },
    run: async (t) => {
      const { topic, old, epoch, leader } = await changeLeader(t)
      const options = { fetchOffset: 4n, lastFetchedEpoch: old, currentLeaderEpoch: epoch }
      const divergingEpoch = { epoch: old, endOffset: 3n }
      const answer = await leader.ask(Fetch, fetchRequest(topic, options))
      t.expect(answer, fetched(topic, { errorCode: NONE, divergingEpoch }))
    },
  }),
  rule({
    ...THREE,
    id: 'fetch.from-follower',
    says: 'From version 11 on a replica that does not lead gives what is committed to readers, too; before, it refuses.',
    source: KIP_392,
    apis: [Fetch],
    topic: 'records',
    versions: { min: 4 },
    run: async (t) => {
      const { topic, from } = await changeLeader(t)
      const follower = await connectTo(t, from)
      if (t.version < 11) {
        const errorCode = NOT_LEADER_OR_FOLLOWER
        t.expect(await follower.ask(Fetch, fetchRequest(topic)), fetched(topic, { errorCode }))
        return
      }
      const answer = await t.until('all records on the follower', async () => {
        const found = await follower.ask(Fetch, fetchRequest(topic))
        return found.responses[0]?.partitions[0]?.highWatermark === 5n && found
      })
      t.expect(answer, fetched(topic, { errorCode: NONE, highWatermark: 5n, logStartOffset: 0n }))
      t.equal(valuesIn(answer), ['a', 'b', 'c', 'd', 'e'], 'records')
    },
  }),
  rule({
    ...THREE,
    id: 'fetch.preferred-read-replica',
    says: 'A leader tells a reader in the rack of a follower to read there, and gives no records itself.',
    source: KIP_392,
    apis: [Fetch],
    topic: 'records',
    versions: { min: 11 },
    needs: ['three-nodes', 'rack-aware-replica-selector'],
    run: async (t) => {
      const { topic, from, leader } = await changeLeader(t)
      const rackId = (await nodesOf(t)).find(({ nodeId }) => nodeId === from)?.rack ?? ''
      const follower = { errorCode: NONE, preferredReadReplica: from }
      const answer = await t.until('a preferred replica', async () => {
        const found = await leader.ask(Fetch, fetchRequest(topic, { rackId, maxWaitMs: 0 }))
        return found.responses[0]?.partitions[0]?.preferredReadReplica === from && found
      })
      t.expect(answer, fetched(topic, follower))
      t.equal(valuesIn(answer), [], 'records')
    },
  }),
]

/** Rules of epochs of leaders, and of reading from followers. */
export const rules: readonly Rule[] = [...fencing, ...remembering]
