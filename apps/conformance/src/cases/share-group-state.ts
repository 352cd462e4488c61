import {
  DeleteShareGroupState,
  ErrorCode,
  FindCoordinator,
  InitializeShareGroupState,
  ReadShareGroupState,
  ReadShareGroupStateSummary,
  WriteShareGroupState,
} from '@ottla/protocol'
import type { RawClient } from '../client/raw-client.js'
import { nonEmpty } from '../match/index.js'
import { type Rule, rule } from '../rules/rule.js'
import type { RuleContext } from '../rules/rule-context.js'
import {
  connectTo,
  createShareGroup,
  newest,
  nodesOf,
  type ShareGroup,
  shareStateKey,
  untilShareState,
} from '../steps/index.js'
import { NO_TOPIC_ID } from './nobody.js'
import { type RefusedPlace, refused } from './refused.js'

const KIP_932 = 'KIP-932: Queues for Kafka, Share coordinator and persister'

const { NONE, FENCED_STATE_EPOCH, FENCED_LEADER_EPOCH } = ErrorCode

const STATE = {
  source: KIP_932,
  topic: 'share-groups',
  needs: ['share-groups'],
} as const satisfies Partial<Rule>

/** What is asked of partition 0, around what each request says of it. */
const about = <Fields extends object>({ groupId, topic }: ShareGroup, fields: Fields) => ({
  groupId,
  topics: [{ topicId: topic.id, partitions: [{ partition: 0, ...fields }] }],
})

const told = <Fields extends object>({ topic }: Pick<ShareGroup, 'topic'>, fields: Fields) => ({
  results: [{ topicId: topic.id, partitions: [{ partition: 0, ...fields }] }],
})

const writing = (stateEpoch: number, leaderEpoch: number) => ({
  stateEpoch,
  leaderEpoch,
  startOffset: 0n,
  stateBatches: [],
})

/** A share group whose state of one partition is stored, under a state epoch of 7 and a leader epoch of 9. */
async function stored(t: RuleContext): Promise<ShareGroup> {
  const group = await createShareGroup(t)
  const initialize = about(group, { stateEpoch: 7, startOffset: 0n })
  const made = await t.client.ask(
    InitializeShareGroupState,
    initialize,
    newest(t, InitializeShareGroupState),
  )
  t.equal(made.results[0]?.partitions[0]?.errorCode, NONE, 'error of InitializeShareGroupState')
  const write = about(group, writing(7, 9))
  const written = await t.client.ask(WriteShareGroupState, write, newest(t, WriteShareGroupState))
  t.equal(written.results[0]?.partitions[0]?.errorCode, NONE, 'error of WriteShareGroupState')
  return group
}

/** Rules of epochs. */
const fencing: readonly Rule[] = [
  rule({
    ...STATE,
    id: 'initialize-share-group-state.stale-state-epoch',
    says: 'A state epoch below the one that is stored is refused with FENCED_STATE_EPOCH.',
    apis: [InitializeShareGroupState, WriteShareGroupState],
    topic: 'errors',
    run: async (t) => {
      const group = await stored(t)
      const request = about(group, { stateEpoch: 6, startOffset: 0n })
      const answer = await t.client.ask(InitializeShareGroupState, request)
      t.expect(answer, told(group, { errorCode: FENCED_STATE_EPOCH, errorMessage: nonEmpty }))
    },
  }),
  rule({
    ...STATE,
    id: 'write-share-group-state.stale-state-epoch',
    says: 'A state epoch below the one that is stored is refused with FENCED_STATE_EPOCH.',
    apis: [WriteShareGroupState, InitializeShareGroupState],
    topic: 'errors',
    run: async (t) => {
      const group = await stored(t)
      const answer = await t.client.ask(WriteShareGroupState, about(group, writing(6, 9)))
      t.expect(answer, told(group, { errorCode: FENCED_STATE_EPOCH, errorMessage: nonEmpty }))
    },
  }),
  rule({
    ...STATE,
    id: 'write-share-group-state.stale-leader-epoch',
    says: 'A leader epoch below the one that read the state is refused with FENCED_LEADER_EPOCH.',
    apis: [WriteShareGroupState, InitializeShareGroupState, ReadShareGroupState],
    topic: 'errors',
    run: async (t) => {
      const group = await stored(t)
      const read = about(group, { leaderEpoch: 9 })
      await t.client.ask(ReadShareGroupState, read, newest(t, ReadShareGroupState))
      const answer = await t.client.ask(WriteShareGroupState, about(group, writing(7, 8)))
      t.expect(answer, told(group, { errorCode: FENCED_LEADER_EPOCH, errorMessage: nonEmpty }))
    },
  }),
  rule({
    ...STATE,
    id: 'read-share-group-state.stale-leader-epoch',
    says: 'A leader epoch below the one that is stored is refused with FENCED_LEADER_EPOCH; that one reads the state.',
    apis: [ReadShareGroupState, InitializeShareGroupState, WriteShareGroupState],
    topic: 'errors',
    run: async (t) => {
      const group = await stored(t)
      const read = (leaderEpoch: number) =>
        t.client.ask(ReadShareGroupState, about(group, { leaderEpoch }))
      const state = { errorCode: NONE, stateEpoch: 7, startOffset: 0n, stateBatches: [] }
      t.expect(await read(9), told(group, state))
      const errorCode = FENCED_LEADER_EPOCH
      t.expect(await read(8), told(group, { errorCode, errorMessage: nonEmpty }))
    },
  }),
  rule({
    ...STATE,
    id: 'delete-share-group-state.deletes',
    says: 'State that was deleted is gone: its summary is that of nothing.',
    apis: [DeleteShareGroupState, ReadShareGroupStateSummary],
    run: async (t) => {
      const group = await stored(t)
      t.expect(await t.client.ask(DeleteShareGroupState, about(group, {})), {
        results: [{ topicId: group.topic.id, partitions: [{ partition: 0, errorCode: NONE }] }],
      })
      const asked = about(group, { leaderEpoch: 0 })
      const options = newest(t, ReadShareGroupStateSummary)
      t.expect(
        await t.client.ask(ReadShareGroupStateSummary, asked, options),
        told(group, { errorCode: NONE, startOffset: -1n }),
      )
    },
  }),
]

const UNKNOWN = {
  code: 'UNKNOWN_TOPIC_OR_PARTITION',
  source: KIP_932,
  needs: ['share-groups'],
  prepare: (t: RuleContext, { groupId }: RefusedPlace) => untilShareState(t, groupId, NO_TOPIC_ID),
} as const

const says = 'A topic id that nobody has is refused with UNKNOWN_TOPIC_OR_PARTITION.'

const nowhere = <Fields extends object>(groupId: string, fields: Fields) => ({
  groupId,
  topics: [{ topicId: NO_TOPIC_ID, partitions: [{ partition: 0, ...fields }] }],
})

const unknown = ({ errorCode }: { readonly errorCode: number }) => ({
  results: [{ topicId: NO_TOPIC_ID, partitions: [{ partition: 0, errorCode }] }],
})

/** Rules of topics that are not there, and of state that is not. */
const unknownTopics: readonly Rule[] = [
  refused({
    ...UNKNOWN,
    id: 'initialize-share-group-state.unknown-topic',
    says,
    api: InitializeShareGroupState,
    ask: ({ groupId }) => nowhere(groupId, { stateEpoch: 0, startOffset: 0n }),
    answer: unknown,
  }),
  refused({
    ...UNKNOWN,
    id: 'read-share-group-state.uninitialized',
    says: 'State that was never initialized is refused with INVALID_REQUEST.',
    code: 'INVALID_REQUEST',
    api: ReadShareGroupState,
    ask: ({ groupId }) => nowhere(groupId, { leaderEpoch: 0 }),
    answer: unknown,
  }),
  refused({
    ...UNKNOWN,
    id: 'read-share-group-state-summary.unknown-topic',
    says,
    api: ReadShareGroupStateSummary,
    ask: ({ groupId }) => nowhere(groupId, { leaderEpoch: 0 }),
    answer: unknown,
  }),
  refused({
    ...UNKNOWN,
    id: 'write-share-group-state.uninitialized',
    says: 'State that was never initialized is refused with INVALID_REQUEST.',
    code: 'INVALID_REQUEST',
    api: WriteShareGroupState,
    ask: ({ groupId }) => nowhere(groupId, writing(0, 0)),
    answer: unknown,
  }),
  refused({
    ...UNKNOWN,
    id: 'delete-share-group-state.unknown-topic',
    says,
    api: DeleteShareGroupState,
    ask: ({ groupId }) => nowhere(groupId, {}),
    answer: unknown,
  }),
]

const BELOW_ZERO = {
  code: 'INVALID_REQUEST',
  says: 'A partition below 0 is refused with INVALID_REQUEST.',
  source: KIP_932,
  topic: 'boundaries',
  needs: ['share-groups'],
  prepare: (t: RuleContext, { groupId, topic }: RefusedPlace) =>
    untilShareState(t, groupId, topic.id, -1),
} as const

const belowZero = { partition: -1 }

const refusedBelowZero = (place: RefusedPlace) =>
  told(place, { ...belowZero, errorCode: place.errorCode, errorMessage: nonEmpty })

/** Rules of partitions that no topic can have. */
const impossiblePartitions: readonly Rule[] = [
  refused({
    ...BELOW_ZERO,
    api: InitializeShareGroupState,
    id: 'initialize-share-group-state.partition-below-zero',
    ask: (place) => about(place, { ...belowZero, stateEpoch: 0, startOffset: 0n }),
    answer: refusedBelowZero,
  }),
  refused({
    ...BELOW_ZERO,
    api: ReadShareGroupStateSummary,
    id: 'read-share-group-state-summary.partition-below-zero',
    ask: (place) => about(place, { ...belowZero, leaderEpoch: 0 }),
    answer: refusedBelowZero,
  }),
  refused({
    ...BELOW_ZERO,
    api: DeleteShareGroupState,
    id: 'delete-share-group-state.partition-below-zero',
    ask: (place) => about(place, belowZero),
    answer: refusedBelowZero,
  }),
]

/** The first broker that does not coordinate the state of partition 0. */
async function wrongBroker(t: RuleContext, { groupId, topic }: RefusedPlace): Promise<RawClient> {
  const key = shareStateKey(groupId, topic)
  const right = await t.until('the coordinator', async () => {
    const request = { key, keyType: 2, coordinatorKeys: [key] }
    const answer = await t.client.ask(FindCoordinator, request, newest(t, FindCoordinator))
    const [found] = answer.coordinators
    return found?.errorCode === NONE && found.nodeId
  })
  const others = (await nodesOf(t)).filter(({ nodeId }) => nodeId !== right)
  return connectTo(t, others[0]?.nodeId ?? -1)
}

const ELSEWHERE = {
  says: 'A broker that does not coordinate the state of the partition answers with NOT_COORDINATOR.',
  code: 'NOT_COORDINATOR',
  source: KIP_932,
  needs: ['share-groups', 'three-nodes'],
  connect: wrongBroker,
} as const

const refusedState = (place: RefusedPlace) => told(place, { errorCode: place.errorCode })

/** Rules of requests that go to a broker that is not the coordinator. */
const elsewhere: readonly Rule[] = [
  refused({
    ...ELSEWHERE,
    api: InitializeShareGroupState,
    id: 'initialize-share-group-state.not-the-coordinator',
    ask: (place) => about(place, { stateEpoch: 0, startOffset: 0n }),
    answer: refusedState,
  }),
  refused({
    ...ELSEWHERE,
    api: ReadShareGroupState,
    id: 'read-share-group-state.not-the-coordinator',
    ask: (place) => about(place, { leaderEpoch: 0 }),
    answer: refusedState,
  }),
  refused({
    ...ELSEWHERE,
    api: ReadShareGroupStateSummary,
    id: 'read-share-group-state-summary.not-the-coordinator',
    ask: (place) => about(place, { leaderEpoch: 0 }),
    answer: refusedState,
  }),
  refused({
    ...ELSEWHERE,
    api: WriteShareGroupState,
    id: 'write-share-group-state.not-the-coordinator',
    ask: (place) => about(place, writing(0, 0)),
    answer: refusedState,
  }),
  refused({
    ...ELSEWHERE,
    api: DeleteShareGroupState,
    id: 'delete-share-group-state.not-the-coordinator',
    ask: (place) => about(place, {}),
    answer: refusedState,
  }),
]

/** Rules of the state of share groups, which brokers keep with its coordinator: a client with the right to may, too. */
export const rules: readonly Rule[] = [
  ...fencing,
  ...unknownTopics,
  ...impossiblePartitions,
  ...elsewhere,
]
