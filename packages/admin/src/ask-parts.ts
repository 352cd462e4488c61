import { ClosedError, KafkaError } from '@ottla/protocol'

/** Items that one broker is asked about in one request. */
export interface Part<Item> {
  readonly node: number | 'any' | 'controller'
  readonly items: Item[]
}

/** Puts items with the same node together. */
export const groupByNode = <Item, Node extends Part<Item>['node']>(
  items: Iterable<Item>,
  nodeOf: (item: Item) => Node,
): (Part<Item> & { readonly node: Node })[] => {
  const parts = new Map<Node, Item[]>()
  for (const item of items) {
    const node = nodeOf(item)
    const part = parts.get(node)
    if (part === undefined) parts.set(node, [item])
    else part.push(item)
  }
  return Array.from(parts, ([node, items]) => ({ node, items }))
}

/**
 * Asks several brokers at the same time. When one of them cannot be asked its items get the error as their outcome, and
 * the answers of the others stand; when there is only one, the error is thrown.
 *
 * @param ask gives an outcome for each item of the part, in their order.
 */
export const askParts = async <Item, Node extends Part<Item>, Result>(
  parts: readonly Node[],
  ask: (part: Node) => Promise<readonly (Result | KafkaError)[]>,
): Promise<Map<Item, Result | KafkaError>> => {
  const outcomes = new Map<Item, Result | KafkaError>()
  const askOne = async (part: Node): Promise<void> => {
    const results = await ask(part).catch((error: unknown) => {
      if (parts.length === 1 || !(error instanceof KafkaError)) throw error
      if (error instanceof ClosedError) throw error
      return part.items.map(() => error)
    })
    part.items.forEach((item, index) => {
      outcomes.set(item, results[index] as Result | KafkaError)
    })
  }
  const settled = await Promise.allSettled(parts.map(askOne))
  const failed = settled.find((one) => one.status === 'rejected')
  if (failed !== undefined) throw failed.reason
  return outcomes
}
