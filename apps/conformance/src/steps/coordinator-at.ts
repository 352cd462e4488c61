import {
  DescribeGroups,
  ErrorCode,
  FindCoordinator,
  ReadShareGroupStateSummary,
} from '@ottla/protocol'
import type { RuleContext } from '../rules/rule-context.js'
import type { Topic } from './create-topic.js'
import { forSetUp } from './newest.js'

const KEY_TYPE = { group: 0, transaction: 1, share: 2 } as const

/** The key by which the coordinator of the state of partition 0 is found, for one share group. */
export function shareStateKey(groupId: string, { id }: Topic): string {
  const topicId = Buffer.from(id.replaceAll('-', ''), 'hex').toString('base64url')
  return `${groupId}:${topicId}:0`
}

const passing: readonly number[] = [
  ErrorCode.NOT_COORDINATOR,
  ErrorCode.COORDINATOR_NOT_AVAILABLE,
  ErrorCode.COORDINATOR_LOAD_IN_PROGRESS,
]

/**
 * A group id, a transactional id or the id of a share group whose coordinator is the broker of the bootstrap address,
 * which has read its log.
 * @param keyOf of an id the key of its coordinator; default: the id
 */
export function coordinatedBy(
  t: RuleContext,
  nodeId: number,
  type: keyof typeof KEY_TYPE,
  keyOf: (id: string) => string = (id) => id,
): Promise<string> {
  return t.until(`an id that broker ${nodeId} coordinates`, async () => {
    const id = t.name(type)
    const key = keyOf(id)
    const request = { key, keyType: KEY_TYPE[type], coordinatorKeys: [key] }
    const answer = await t.client.ask(FindCoordinator, request, forSetUp(t, FindCoordinator))
    if (answer.coordinators[0]?.nodeId !== nodeId) return false
    return (type !== 'group' || (await isRead(t, id))) && id
  })
}

async function isRead(t: RuleContext, groupId: string): Promise<boolean> {
  const request = { groups: [groupId], includeAuthorizedOperations: false }
  const { groups } = await t.client.ask(DescribeGroups, request, forSetUp(t, DescribeGroups))
  return !passing.includes(groups[0]?.errorCode ?? 0)
}

/** Waits until the only broker coordinates the state of a partition: a new cluster has no log of it at first. */
export async function untilShareState(
  t: RuleContext,
  groupId: string,
  topicId: string,
  partition = 0,
): Promise<void> {
  const topics = [{ topicId, partitions: [{ partition, leaderEpoch: 0 }] }]
  const options = forSetUp(t, ReadShareGroupStateSummary)
  await t.until('a coordinator of share groups', async () => {
    const { results } = await t.client.ask(ReadShareGroupStateSummary, { groupId, topics }, options)
    return !passing.includes(results[0]?.partitions[0]?.errorCode ?? 0)
  })
}
