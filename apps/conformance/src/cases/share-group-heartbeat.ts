import {
  ErrorCode,
  ShareGroupHeartbeat,
  type ShareGroupHeartbeatRequestInput,
} from '@ottla/protocol'
import { atLeast } from '../match/index.js'
import { type Rule, rule } from '../rules/rule.js'
import { createTopic } from '../steps/index.js'

const KIP_932 = 'KIP-932: Queues for Kafka, ShareGroupHeartbeat'

interface Refusal {
  readonly what: string
  readonly says: string
  readonly errorCode: number
  readonly changes: Partial<ShareGroupHeartbeatRequestInput>
}

const refusals: readonly Refusal[] = [
  {
    what: 'empty-group-id',
    says: 'The empty group id is refused with INVALID_REQUEST.',
    errorCode: ErrorCode.INVALID_REQUEST,
    changes: { groupId: '' },
  },
  {
    what: 'empty-member-id',
    says: 'The empty member id is refused with INVALID_REQUEST: clients make their own.',
    errorCode: ErrorCode.INVALID_REQUEST,
    changes: { memberId: '' },
  },
  {
    what: 'join-without-subscription',
    says: 'Who joins must give a subscription, or gets INVALID_REQUEST.',
    errorCode: ErrorCode.INVALID_REQUEST,
    changes: { subscribedTopicNames: null },
  },
  {
    what: 'unknown-group',
    says: 'An epoch of a member of a group that does not exist gets GROUP_ID_NOT_FOUND.',
    errorCode: ErrorCode.GROUP_ID_NOT_FOUND,
    changes: { memberEpoch: 3 },
  },
]

/** Rules of ShareGroupHeartbeat. */
export const rules: readonly Rule[] = [
  ...refusals.map(({ what, says, errorCode, changes }) =>
    rule({
      id: `share-group-heartbeat.${what}`,
      says,
      source: KIP_932,
      apis: [ShareGroupHeartbeat],
      topic: 'errors',
      needs: ['share-groups'],
      run: async (t) => {
        const groupId = t.name('group')
        const client = await t.coordinator(groupId)
        const request = { groupId, memberId: 'one', memberEpoch: 0, subscribedTopicNames: ['t'] }
        const answer = await client.ask(ShareGroupHeartbeat, { ...request, ...changes })
        t.expect(answer, { errorCode, assignment: null })
      },
    }),
  ),
  rule({
    id: 'share-group-heartbeat.joins-and-leaves',
    says: 'A member joins with epoch 0, keeps its epoch with heartbeats, and leaves with epoch -1; it is unknown then.',
    source: KIP_932,
    apis: [ShareGroupHeartbeat],
    topic: 'share-groups',
    needs: ['share-groups'],
    run: async (t) => {
      const topic = await createTopic(t)
      const groupId = t.name('group')
      const client = await t.coordinator(groupId)
      const memberId = 'one'
      const names = { subscribedTopicNames: [topic.name] }
      const ask = (memberEpoch: number, changes: object = {}) =>
        client.ask(ShareGroupHeartbeat, { groupId, memberId, memberEpoch, ...changes })
      const joined = await ask(0, names)
      t.expect(joined, {
        errorCode: ErrorCode.NONE,
        memberId,
        memberEpoch: atLeast(1),
        heartbeatIntervalMs: atLeast(1),
      })
      const { memberEpoch } = joined
      const later = await ask(memberEpoch)
      t.expect(later, { errorCode: ErrorCode.NONE, memberId, memberEpoch: atLeast(memberEpoch) })
      t.expect(await ask(-1), { errorCode: ErrorCode.NONE, memberId, memberEpoch: -1 })
      t.expect(await ask(memberEpoch), { errorCode: ErrorCode.UNKNOWN_MEMBER_ID })
    },
  }),
]
