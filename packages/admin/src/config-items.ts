import type { Cluster } from '@ottla/network'
import { BrokerError, ErrorCode, type KafkaError } from '@ottla/protocol'
import { askParts, groupByNode } from './ask-parts.js'
import { type ConfigResourceName, configNode, configResourceTypes } from './config-resource.js'
import type { OperationOptions } from './options.js'
import { type AskNode, retryItems } from './retry-items.js'

/**
 * Runs an operation on resources that have configurations: each attempt asks every broker that has to be asked itself about its
 * resources, and any broker about the others.
 */
export const retryConfigItems = <Item extends ConfigResourceName, Result>(
  cluster: Cluster,
  what: string,
  items: readonly Item[],
  options: OperationOptions,
  // Brokers hand what is the controller's on to it.
  ask: AskNode<number | 'any', Item, Result>,
): Promise<(Result | KafkaError)[]> =>
  retryItems<Item, Result>(cluster, what, items, options, async (open, attempt) => {
    const parts = groupByNode(open, configNode)
    const outcomes = await askParts<Item, (typeof parts)[number], Result>(
      parts,
      ({ node, items }) => ask(node, items, attempt),
    )
    return open.map((item) => outcomes.get(item) as Result | KafkaError)
  })

/** An answer about one resource. */
interface ConfigAnswer {
  readonly errorCode: number
  readonly errorMessage: string | null
  readonly resourceType: number
  readonly resourceName: string
}

/**
 * What became of resources that a broker was asked about: what `read` makes of an answer without error.
 *
 * @param place where the answers came from, for errors.
 */
export const readConfigAnswers = <
  Item extends ConfigResourceName,
  Answer extends ConfigAnswer,
  Result,
>(
  items: readonly Item[],
  answers: readonly Answer[],
  place: { readonly api: string; readonly version: number; readonly node: number | string },
  read: (item: Item, answer: Answer) => Result,
): (Result | BrokerError)[] =>
  items.map((item) => {
    const { type, name } = item
    const answer = answers.find(
      ({ resourceType, resourceName }) =>
        resourceType === configResourceTypes[type] && resourceName === name,
    )
    const errorCode = answer?.errorCode ?? ErrorCode.UNKNOWN_SERVER_ERROR
    if (answer !== undefined && errorCode === ErrorCode.NONE) return read(item, answer)
    return new BrokerError(errorCode, {
      ...place,
      ...(type === 'topic' ? { topic: name } : { path: `${type} ${name}` }),
      text: answer?.errorMessage,
      // For who asks about a topic by name that it does not exist is an answer, not a passing trouble.
      retriable: errorCode === ErrorCode.UNKNOWN_TOPIC_OR_PARTITION ? false : undefined,
    })
  })
