import { ErrorCode, JoinGroup, ListGroups } from '@ottla/protocol'
import { containing, lacking } from '../match/index.js'
import { messageDocument } from '../rules/documents.js'
import { type Rule, rule } from '../rules/rule.js'
import type { RuleContext } from '../rules/rule-context.js'
import {
  beginJoin,
  commit,
  createTopic,
  join,
  newest,
  stableGroup,
  untilRebalance,
} from '../steps/index.js'

const DOCUMENT = messageDocument('ListGroups')
const KIP_518 = 'KIP-518: Allow listing consumer groups per state'
const KIP_848 = 'KIP-848: The Next Generation of the Consumer Rebalance Protocol'

/** Brings a group into a state; its id. */
const states: Readonly<Record<string, (t: RuleContext) => Promise<string>>> = {
  Empty: async (t) => {
    const groupId = t.name('group')
    await commit(t, groupId, await createTopic(t), 1n)
    return groupId
  },
  Stable: async (t) => (await stableGroup(t)).groupId,
  CompletingRebalance: async (t) => (await join(t, t.name('group'))).groupId,
  PreparingRebalance: async (t) => {
    const member = await stableGroup(t)
    await beginJoin(t, member.groupId)
    await untilRebalance(t, member)
    return member.groupId
  },
}

/** Lists with a filter that holds a group back. */
async function expectLeftOut(
  t: RuleContext,
  groupId: string,
  filter: { readonly statesFilter?: string[]; readonly typesFilter?: string[] },
): Promise<void> {
  const client = await t.coordinator(groupId)
  const answer = await client.ask(ListGroups, filter)
  t.expect(answer, { errorCode: ErrorCode.NONE, groups: lacking({ groupId }) })
}

/** Rules of ListGroups. */
export const rules: readonly Rule[] = [
  rule({
    id: 'list-groups.stable',
    says: 'A group with members is listed with the protocol type that they joined with, its state and its type.',
    source: DOCUMENT,
    apis: [ListGroups, JoinGroup],
    topic: 'groups',
    run: async (t) => {
      const { client, groupId } = await stableGroup(t, { protocolType: 'any-type' })
      const group = {
        groupId,
        protocolType: 'any-type',
        groupState: 'Stable',
        groupType: 'classic',
      }
      const { version } = t
      const { groupState, groupType, ...old } = group
      const from4 = version >= 4 ? { groupState } : {}
      const from5 = version >= 5 ? { groupType } : {}
      const answer = await client.ask(ListGroups, {})
      t.expect(answer, {
        errorCode: ErrorCode.NONE,
        groups: containing({ ...old, ...from4, ...from5 }),
      })
    },
  }),
  rule({
    id: 'list-groups.offsets-alone',
    says: 'A group that has offsets and never had members is listed without a protocol type.',
    source: DOCUMENT,
    apis: [ListGroups],
    topic: 'groups',
    run: async (t) => {
      const groupId = t.name('group')
      await commit(t, groupId, await createTopic(t), 1n)
      const client = await t.coordinator(groupId)
      const groups = containing({ groupId, protocolType: '' })
      t.expect(await client.ask(ListGroups, {}), { errorCode: ErrorCode.NONE, groups })
    },
  }),
  ...Object.entries(states).map(([state, bring]) =>
    rule({
      id: `list-groups.state-${state.replace(/(?<=.)[A-Z]/, '-$&').toLowerCase()}`,
      says: `A group in state ${state} is listed when that state is asked for, in any case, and not when others are.`,
      source: KIP_518,
      apis: [ListGroups, JoinGroup],
      topic: 'groups',
      versions: { min: 4 },
      run: async (t) => {
        const groupId = await bring(t)
        const client = await t.coordinator(groupId)
        for (const name of [state, state.toLowerCase()]) {
          const answer = await client.ask(ListGroups, { statesFilter: [name] })
          const groups = containing({ groupId, groupState: state })
          t.expect(answer, { errorCode: ErrorCode.NONE, groups })
        }
        const others = Object.keys(states).filter((other) => other !== state)
        await expectLeftOut(t, groupId, { statesFilter: others })
      },
    }),
  ),
  rule({
    id: 'list-groups.unknown-state',
    says: 'A state that there is not is no error, and no group is in it.',
    source: KIP_518,
    apis: [ListGroups],
    topic: 'boundaries',
    versions: { min: 4 },
    run: async (t) => {
      const answer = await t.client.ask(ListGroups, { statesFilter: ['Sleeping'] })
      t.expect(answer, { errorCode: ErrorCode.NONE, groups: [] })
    },
  }),
  ...['classic', 'Classic'].map((type) =>
    rule({
      id: `list-groups.type-${type === 'classic' ? 'classic' : 'in-any-case'}`,
      says: `A classic group is listed when the type ${type} is asked for.`,
      source: KIP_848,
      apis: [ListGroups, JoinGroup],
      topic: 'groups',
      versions: { min: 5 },
      run: async (t) => {
        const { client, groupId } = await stableGroup(t)
        const answer = await client.ask(ListGroups, { typesFilter: [type] })
        const groups = containing({ groupId, groupType: 'classic', groupState: 'Stable' })
        t.expect(answer, { errorCode: ErrorCode.NONE, groups })
      },
    }),
  ),
  rule({
    id: 'list-groups.other-type',
    says: 'A classic group is not listed when the type consumer is asked for.',
    source: KIP_848,
    apis: [ListGroups, JoinGroup],
    topic: 'groups',
    versions: { min: 5 },
    run: async (t) => {
      const { groupId } = await stableGroup(t)
      await expectLeftOut(t, groupId, { typesFilter: ['consumer'] })
    },
  }),
  rule({
    id: 'list-groups.both-filters',
    says: 'With both filters a group must satisfy both.',
    source: KIP_848,
    apis: [ListGroups, JoinGroup],
    topic: 'groups',
    versions: { min: 5 },
    run: async (t) => {
      const { client, groupId } = await stableGroup(t)
      const typesFilter = ['classic']
      const both = { statesFilter: ['Stable'], typesFilter }
      const groups = containing({ groupId })
      t.expect(await client.ask(ListGroups, both, newest(t, ListGroups)), { groups })
      await expectLeftOut(t, groupId, { statesFilter: ['Empty'], typesFilter })
    },
  }),
]
