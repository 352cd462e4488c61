import { formatAddress } from '../client/address.js'
import { NeedUnmet } from '../rules/rule-broken.js'
import type { RuleContext } from '../rules/rule-context.js'
import type { NodeControls } from '../target.js'
import type { Topic } from './create-topic.js'
import { nodesOf, type PartitionState, partitionOf } from './replicas.js'

/** A dead node is missed after its session, a slow one after a replica's lag: both take seconds. */
export const LOSS_DEADLINE_MS = 30_000

/** Three nodes of which two may be lost: the third is spoken to. */
export interface LosableNodes {
  /** The node of the bootstrap address; never lost. */
  readonly stays: number
  readonly first: number
  readonly second: number
}

/**
 * The nodes of a cluster that may lose some.
 * @throws NeedUnmet when the run has no control over them
 */
export async function losableNodes(t: RuleContext): Promise<LosableNodes> {
  const nodes = await nodesOf(t)
  const stays = nodes.find((node) => formatAddress(node) === t.client.address)?.nodeId
  const others = nodes.filter(({ nodeId }) => nodeId !== stays)
  const [first = -1, second = -1] = others.map(({ nodeId }) => nodeId)
  if (stays === undefined || others.length < 2) {
    throw new NeedUnmet('needs three brokers, the bootstrap address that of one')
  }
  for (const id of [first, second]) controlsOf(t, id)
  return { stays, first, second }
}

function controlsOf(t: RuleContext, id: number): NodeControls {
  const node = t.target.controls?.nodes?.get(id)
  if (node === undefined) throw new NeedUnmet(`the run has no control over node ${id}`)
  return node
}

/** Kills a node. What is returned starts it again, which the end of the rule does in any case. */
export async function killNode(t: RuleContext, id: number): Promise<() => Promise<void>> {
  const node = controlsOf(t, id)
  const start = once(async () => {
    await node.start()
    await untilBack(t, id)
  })
  t.cleanUp(start)
  await node.kill()
  return start
}

/** Holds a node up. What is returned lets it go on, which the end of the rule does in any case. */
export function pauseNode(t: RuleContext, id: number): () => Promise<void> {
  const node = controlsOf(t, id)
  const resume = once(async () => {
    node.resume()
    await untilBack(t, id)
  })
  t.cleanUp(resume)
  node.pause()
  return resume
}

function once(action: () => Promise<void>): () => Promise<void> {
  let done: Promise<void> | undefined
  return () => {
    done ??= action()
    return done
  }
}

/** Waits until a node is part of the cluster again. */
async function untilBack(t: RuleContext, id: number): Promise<void> {
  const isBack = async () => (await nodesOf(t)).some(({ nodeId }) => nodeId === id)
  await t.until(`node ${id} to be back`, isBack, LOSS_DEADLINE_MS)
}

/** Waits until partition 0 of a topic is as the rule wants it, as the node says that stays. */
export function untilPartition(
  t: RuleContext,
  topic: Topic,
  what: string,
  fits: (state: PartitionState) => boolean,
): Promise<PartitionState> {
  const check = async () => {
    const state = await partitionOf(t, topic)
    return state !== undefined && fits(state) && state
  }
  return t.until(`${topic.name} to have ${what}`, check, LOSS_DEADLINE_MS)
}
