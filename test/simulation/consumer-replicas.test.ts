import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { Consumer, type ConsumerOptions } from '@ottla/consumer'
import { createSimulatedPlatform } from '@ottla/network/simulation'
import { ErrorCode } from '@ottla/protocol'
import { describe, expect, it, onTestFinished } from 'vitest'
import { ScriptedCluster } from './src/scripted-cluster.js'

/** A cluster of so many nodes, and a consumer that reads its partition from the start. */
const create = async (nodes: readonly number[], options: Partial<ConsumerOptions> = {}) => {
  const world = createSimulatedPlatform(1)
  const { clock, network } = world
  const cluster = await ScriptedCluster.start(world, nodes)
  const { bootstrapServers } = cluster
  const consumer = new Consumer({
    bootstrapServers,
    platform: world.host('client'),
    ...options,
  })
  consumer.assign([{ topic: 't', partition: 0, offset: 0n }])
  const loop = consumer[Symbol.asyncIterator]()
  /** The next record's value. */
  const next = async (): Promise<number> => Number((await clock.runUntil(loop.next())).value.value)
  /** Closes everything and shows that nothing is left. */
  const end = async (): Promise<void> => {
    await clock.runUntil(consumer.close())
    await cluster.close()
    // Answers and ends on their way arrive.
    await clock.advance(1000)
    expect({ timers: clock.pendingTimers, connections: network.openConnections }).toEqual({
      timers: 0,
      connections: 0,
    })
  }
  return { clock, cluster, consumer, loop, next, end }
}

describe('a replica that the leader prefers (KIP-392)', () => {
  const createNear = async (options: Partial<ConsumerOptions> = {}) => {
    const near = await create([1, 2], { clientRack: 'b', ...options })
    near.cluster.answer = ({ node }) => (node === 1 ? { preferredReadReplica: 2 } : 'records')
    near.cluster.endOffset = 3
    return near
  }

  it('is read from', async () => {
    const { cluster, next, end } = await createNear()
    expect([await next(), await next(), await next()]).toEqual([0, 1, 2])
    expect(cluster.fetches[0]).toMatchObject({ node: 1, offset: 0, rack: 'b' })
    expect(cluster.fetches.filter(({ node }) => node === 1)).toHaveLength(1)
    await end()
  })

  it('is left for the leader when it cannot serve, without losing the place', async () => {
    const { cluster, next, end } = await createNear()
    expect(await next()).toBe(0)
    const behind = { errorCode: ErrorCode.OFFSET_OUT_OF_RANGE }
    cluster.answer = ({ node }) => (node === 2 ? behind : 'records')
    cluster.endOffset = 5
    expect([await next(), await next(), await next(), await next()]).toEqual([1, 2, 3, 4])
    expect(cluster.fetches.at(-1)?.node).toBe(1)
    await end()
  })

  it('is left for the leader when it is away', async () => {
    const { cluster, next, end } = await createNear({ requestTimeoutMs: 1000, fetchMaxWaitMs: 100 })
    expect(await next()).toBe(0)
    cluster.answer = ({ node }) => (node === 2 ? 'silence' : 'records')
    cluster.endOffset = 5
    expect([await next(), await next(), await next(), await next()]).toEqual([1, 2, 3, 4])
    await end()
  })

  it('is asked about again after metadataMaxAgeMs, even if it has no news', async () => {
    const { clock, cluster, next, end } = await createNear({ metadataMaxAgeMs: 60_000 })
    expect([await next(), await next(), await next()]).toEqual([0, 1, 2])
    const before = cluster.fetches.length
    await clock.advance(150_000)
    const leaders = cluster.fetches.slice(before).filter(({ node }) => node === 1)
    expect(leaders).toHaveLength(2)
    await end()
  })

  it('that nobody knows is looked up', async () => {
    const { cluster, next, end } = await createNear()
    cluster.known = [1]
    const { answer } = cluster
    cluster.answer = (fetched) => {
      cluster.known = [1, 2]
      return answer(fetched)
    }
    expect([await next(), await next()]).toEqual([0, 1])
    expect(cluster.fetches.at(-1)?.node).toBe(2)
    await end()
  })
})

describe('a deposed leader that names its successor (KIP-951)', () => {
  it.each([
    { successor: 2, what: 'a known node' },
    { successor: 3, what: 'a node never heard of' },
  ])('leads to $what without asking for metadata', async ({ successor }) => {
    const { cluster, next, end } = await create([1, 2, 3])
    cluster.known = [1, 2]
    cluster.endOffset = 1
    expect(await next()).toBe(0)
    const before = cluster.metadataRequests
    cluster.leader = { node: successor, epoch: 1 }
    cluster.endOffset = 3
    cluster.answer = ({ node }) =>
      node === successor
        ? 'records'
        : {
            errorCode: ErrorCode.NOT_LEADER_OR_FOLLOWER,
            currentLeader: { leaderId: successor, leaderEpoch: 1 },
          }
    expect([await next(), await next()]).toEqual([1, 2])
    expect(cluster.metadataRequests).toBe(before)
    await end()
  })
})

describe('close', () => {
  it('leaves nothing while brokers are silent and the watch over progress is at work', async () => {
    const stalled: unknown[] = []
    const listen = (event: unknown): void => void stalled.push(event)
    subscribe('ottla:consumer:stalled', listen)
    onTestFinished(() => void unsubscribe('ottla:consumer:stalled', listen))
    const { clock, cluster, loop, end } = await create([1], { stallTimeoutMs: 5000 })
    cluster.answer = () => 'silence'
    const waiting = loop.next()
    await clock.runUntil(() => stalled.length > 0)
    await end()
    expect(await waiting).toMatchObject({ done: true })
  })

  it('ends at once when its signal fires', async () => {
    const { clock, consumer, next, cluster, end } = await create([1])
    cluster.endOffset = 2
    // A record is at hand, whose end close waits for.
    expect(await next()).toBe(0)
    const controller = new AbortController()
    const startMs = clock.monotonic()
    clock.setTimer(100, () => controller.abort())
    await clock.runUntil(consumer.close({ timeoutMs: 60_000, signal: controller.signal }))
    expect(clock.monotonic() - startMs).toBe(100)
    await end()
  })
})
