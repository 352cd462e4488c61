import { ConsumerGroupDescribe, ConsumerGroupHeartbeat, ErrorCode } from '@ottla/protocol'
import { nonEmpty } from '../match/index.js'
import { type Rule, rule } from '../rules/rule.js'
import { joinConsumerGroup, newest, stableGroup } from '../steps/index.js'

const KIP_848 = 'KIP-848: The Next Generation of the Consumer Rebalance Protocol'

/** Rules of ConsumerGroupDescribe. */
export const rules: readonly Rule[] = [
  rule({
    id: 'consumer-group-describe.stable',
    says: 'A group comes with its epochs, its assignor and what each member is assigned and is to be assigned.',
    source: KIP_848,
    apis: [ConsumerGroupDescribe, ConsumerGroupHeartbeat],
    topic: 'consumer-groups',
    run: async (t) => {
      const { groupId, memberId, memberEpoch, topic } = await joinConsumerGroup(t)
      const client = await t.coordinator(groupId)
      const parts = [{ topicId: topic.id, topicName: topic.name, partitions: [0] }]
      const answer = await client.ask(ConsumerGroupDescribe, {
        groupIds: [groupId],
        includeAuthorizedOperations: false,
      })
      t.expect(answer, {
        groups: [
          {
            errorCode: ErrorCode.NONE,
            groupId,
            groupState: 'Stable',
            groupEpoch: memberEpoch,
            assignmentEpoch: memberEpoch,
            assignorName: 'uniform',
            members: [
              {
                memberId,
                instanceId: null,
                rackId: null,
                memberEpoch,
                clientId: 'ottla-conformance',
                clientHost: nonEmpty,
                subscribedTopicNames: [topic.name],
                assignment: { topicPartitions: parts },
                targetAssignment: { topicPartitions: parts },
                memberType: t.version >= 1 ? 1 : -1,
              },
            ],
          },
        ],
      })
    },
  }),
  ...['unknown', 'classic'].map((kind) =>
    rule({
      id: `consumer-group-describe.${kind}-group`,
      says: `A group that ${kind === 'unknown' ? 'does not exist' : 'is a classic one'} is answered with GROUP_ID_NOT_FOUND.`,
      source: KIP_848,
      apis: [ConsumerGroupDescribe],
      topic: 'errors',
      run: async (t) => {
        const groupId = kind === 'unknown' ? t.name('group') : (await stableGroup(t)).groupId
        const client = await t.coordinator(groupId)
        const request = { groupIds: [groupId], includeAuthorizedOperations: false }
        const answer = await client.ask(
          ConsumerGroupDescribe,
          request,
          newest(t, ConsumerGroupDescribe),
        )
        const errorCode = ErrorCode.GROUP_ID_NOT_FOUND
        t.expect(answer, { groups: [{ groupId, errorCode, errorMessage: nonEmpty, members: [] }] })
      },
    }),
  ),
]
