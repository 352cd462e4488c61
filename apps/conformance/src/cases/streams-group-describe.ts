import { ErrorCode, StreamsGroupDescribe } from '@ottla/protocol'
import { type Rule, rule } from '../rules/rule.js'

const KIP_1071 = 'KIP-1071: Streams Rebalance Protocol'

/** Rules of StreamsGroupDescribe. */
export const rules: readonly Rule[] = [
  rule({
    id: 'streams-group-describe.unknown-group',
    says: 'A group that does not exist gets GROUP_ID_NOT_FOUND, without members.',
    source: KIP_1071,
    apis: [StreamsGroupDescribe],
    topic: 'errors',
    needs: ['streams-groups'],
    run: async (t) => {
      const groupId = t.name('group')
      const coordinator = await t.coordinator(groupId)
      const request = { groupIds: [groupId], includeAuthorizedOperations: false }
      const errorCode = ErrorCode.GROUP_ID_NOT_FOUND
      t.expect(await coordinator.ask(StreamsGroupDescribe, request), {
        throttleTimeMs: 0,
        groups: [{ errorCode, groupId, members: [] }],
      })
    },
  }),
  rule({
    id: 'streams-group-describe.empty-group-id',
    says: 'An empty group id gets INVALID_GROUP_ID.',
    source: KIP_1071,
    apis: [StreamsGroupDescribe],
    topic: 'boundaries',
    needs: ['streams-groups'],
    run: async (t) => {
      const coordinator = await t.coordinator(t.name('group'))
      const request = { groupIds: [''], includeAuthorizedOperations: false }
      t.expect(await coordinator.ask(StreamsGroupDescribe, request), {
        groups: [{ errorCode: ErrorCode.INVALID_GROUP_ID, groupId: '' }],
      })
    },
  }),
  rule({
    id: 'streams-group-describe.no-groups',
    says: 'No groups asked for, none answered.',
    source: KIP_1071,
    apis: [StreamsGroupDescribe],
    topic: 'boundaries',
    needs: ['streams-groups'],
    run: async (t) => {
      const request = { groupIds: [], includeAuthorizedOperations: false }
      t.expect(await t.client.ask(StreamsGroupDescribe, request), { groups: [] })
    },
  }),
]
