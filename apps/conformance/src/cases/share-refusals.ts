import {
  AlterShareGroupOffsets,
  DeleteShareGroupOffsets,
  ErrorCode,
  ShareAcknowledge,
  ShareFetch,
} from '@ottla/protocol'
import { nonEmpty } from '../match/index.js'
import { type Rule, rule } from '../rules/rule.js'
import { AckType, createShareGroup, sharePartition, shareSession, take } from '../steps/index.js'
import { NO_TOPIC_ID } from './nobody.js'
import { refused } from './refused.js'

const KIP_932 = 'KIP-932: Queues for Kafka'

const SHARING = {
  source: KIP_932,
  topic: 'errors',
  needs: ['share-groups'],
} as const satisfies Partial<Rule>

const { NONE, UNKNOWN_TOPIC_ID, INVALID_RECORD_STATE } = ErrorCode

/** An authorizer of Kafka fails where it is asked about a topic without a name. */
const NO_AUTHORIZER = ['share-groups', 'no-authorizer'] as const

const EMPTY_GROUP = {
  ...SHARING,
  says: 'An empty group id is refused with INVALID_GROUP_ID.',
  code: 'INVALID_GROUP_ID',
} as const

/** Rules of what share groups refuse. */
export const rules: readonly Rule[] = [
  rule({
    ...SHARING,
    id: 'share-fetch.unknown-topic-id',
    needs: NO_AUTHORIZER,
    says: 'A topic id that nobody has is UNKNOWN_TOPIC_ID; others are answered.',
    apis: [ShareFetch],
    run: async (t) => {
      const group = await createShareGroup(t)
      const one = await shareSession(t, group, group.memberId)
      const topic = { ...group.topic, id: NO_TOPIC_ID }
      t.expect(await one.fetch({ topics: sharePartition({ ...group, topic }) }), {
        errorCode: NONE,
        responses: [
          {
            topicId: NO_TOPIC_ID,
            partitions: [{ partitionIndex: 0, errorCode: UNKNOWN_TOPIC_ID }],
          },
        ],
      })
    },
  }),
  rule({
    ...SHARING,
    id: 'share-fetch.acknowledges-twice',
    says: 'A record that the member has accepted is not its own any more: accepted again with a ShareFetch it is INVALID_RECORD_STATE.',
    apis: [ShareFetch],
    run: async (t) => {
      const group = await createShareGroup(t, { batches: [['a', 'b']] })
      const one = await shareSession(t, group, group.memberId)
      await take(t, group, one, [[0n, 1n, 1]])
      t.expect(await one.fetch({}, [[1n, 1n, AckType.ACCEPT]]), { errorCode: NONE })
      const partition = { partitionIndex: 0, acknowledgeErrorCode: INVALID_RECORD_STATE }
      t.expect(await one.fetch({}, [[1n, 1n, AckType.ACCEPT]]), {
        errorCode: NONE,
        responses: [{ topicId: group.topic.id, partitions: [partition] }],
      })
    },
  }),
  rule({
    ...SHARING,
    id: 'share-acknowledge.unknown-topic-id',
    needs: NO_AUTHORIZER,
    says: 'A topic id that nobody has is UNKNOWN_TOPIC_ID.',
    apis: [ShareAcknowledge, ShareFetch],
    run: async (t) => {
      const group = await createShareGroup(t)
      const one = await shareSession(t, group, group.memberId)
      await one.fetch()
      const topic = { ...group.topic, id: NO_TOPIC_ID }
      const topics = sharePartition({ ...group, topic }, [[0n, 0n, 1]])
      t.expect(await one.acknowledge([], { topics }), {
        errorCode: NONE,
        responses: [
          {
            topicId: NO_TOPIC_ID,
            partitions: [{ partitionIndex: 0, errorCode: UNKNOWN_TOPIC_ID }],
          },
        ],
      })
    },
  }),
  refused({
    ...EMPTY_GROUP,
    api: AlterShareGroupOffsets,
    id: 'alter-share-group-offsets.empty-group-id',
    ask: ({ topic }) => ({
      groupId: '',
      topics: [{ topicName: topic.name, partitions: [{ partitionIndex: 0, startOffset: 0n }] }],
    }),
    answer: ({ errorCode }) => ({ errorCode, errorMessage: nonEmpty, responses: [] }),
  }),
  refused({
    ...EMPTY_GROUP,
    api: DeleteShareGroupOffsets,
    id: 'delete-share-group-offsets.empty-group-id',
    ask: ({ topic }) => ({ groupId: '', topics: [{ topicName: topic.name }] }),
    answer: ({ errorCode }) => ({ errorCode, errorMessage: nonEmpty, responses: [] }),
  }),
]
