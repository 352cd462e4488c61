import { type Cluster, show } from '@ottla/network'
import {
  BrokerError,
  ErrorCode,
  FindCoordinator,
  type FindCoordinatorResponse,
  InvalidArgumentError,
  type KafkaError,
} from '@ottla/protocol'
import { askParts, groupByNode } from './ask-parts.js'
import type { OperationOptions } from './options.js'
import { type AskNode, type ItemsAttempt, retryItems } from './retry-items.js'

/** FindCoordinator asks for many groups at once from this version on (KIP-699). */
const batchedVersion = 4

const groupKeyType = 0

/** @throws InvalidArgumentError unless it is a non-empty string: brokers know no other group. */
export const checkGroupId = (groupId: unknown): void => {
  if (typeof groupId === 'string' && groupId !== '') return
  throw new InvalidArgumentError(`a group id must be a non-empty string, not ${show(groupId)}`)
}

/** @throws InvalidArgumentError unless it names a partition. */
export const checkTopicPartition = ({
  topic,
  partition,
}: {
  readonly topic: string
  readonly partition: number
}): void => {
  if (typeof topic !== 'string' || topic === '') {
    throw new InvalidArgumentError('a topic must be a non-empty string')
  }
  if (!(Number.isInteger(partition) && partition >= 0)) {
    throw new InvalidArgumentError(
      `a partition of topic ${topic} is an integer from 0 on, not ${show(partition)}`,
    )
  }
}

/**
 * Runs an operation on items that belong to groups: each attempt looks up the groups' coordinators (in one request where
 * the broker can) and asks every coordinator once, about its items.
 *
 * @param ask gives an outcome for each of the items, in their order.
 */
export const retryGroupItems = <Item, Result>(
  cluster: Cluster,
  what: string,
  items: readonly Item[],
  groupOf: (item: Item) => string,
  options: OperationOptions,
  ask: AskNode<number, Item, Result>,
): Promise<(Result | KafkaError)[]> =>
  retryItems<Item, Result>(cluster, what, items, options, async (open, attempt) => {
    const groups = [...new Set(open.map(groupOf))]
    const coordinators = await findCoordinators(cluster, groups, attempt)
    const isFound = (item: Item) => typeof coordinators.get(groupOf(item)) === 'number'
    const parts = groupByNode(
      open.filter(isFound),
      (item) => coordinators.get(groupOf(item)) as number,
    )
    const outcomes = await askParts<Item, (typeof parts)[number], Result>(
      parts,
      ({ node, items }) => ask(node, items, attempt),
    )
    return open.map((item) => outcomes.get(item) ?? (coordinators.get(groupOf(item)) as KafkaError))
  })

const findCoordinators = async (
  cluster: Cluster,
  groups: readonly string[],
  { timeoutMs, signal }: ItemsAttempt,
): Promise<Map<string, number | KafkaError>> => {
  const found = new Map<string, number | KafkaError>()
  const ask = async (group: string): Promise<number> => {
    const { response, version, node } = await cluster.request(
      FindCoordinator,
      (version) => {
        if (version >= batchedVersion) return { keyType: groupKeyType, coordinatorKeys: groups }
        return version === 0 ? { key: group } : { key: group, keyType: groupKeyType }
      },
      { timeoutMs, signal },
    )
    const place = { api: FindCoordinator.name, version, node }
    if (version < batchedVersion) found.set(group, read(cluster, group, response, place))
    else {
      const answers = new Map(response.coordinators.map((answer) => [answer.key, answer]))
      for (const one of groups) found.set(one, read(cluster, one, answers.get(one), place))
    }
    return version
  }
  const [first, ...others] = groups
  if (first === undefined) return found
  const version = await ask(first)
  if (version < batchedVersion) await Promise.all(others.map(ask))
  return found
}

type Answer = Pick<
  FindCoordinatorResponse,
  'errorCode' | 'errorMessage' | 'nodeId' | 'host' | 'port'
>

const read = (
  cluster: Cluster,
  group: string,
  answer: Answer | undefined,
  place: object,
): number | KafkaError => {
  const errorCode = answer?.errorCode ?? ErrorCode.COORDINATOR_NOT_AVAILABLE
  if (answer === undefined || errorCode !== ErrorCode.NONE) {
    return new BrokerError(errorCode, { ...place, group, text: answer?.errorMessage })
  }
  const { nodeId: node, host, port } = answer
  cluster.metadata.addBroker({ node, host, port, rack: null })
  return node
}
