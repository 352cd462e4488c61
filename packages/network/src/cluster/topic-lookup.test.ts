import { ErrorCode, type KafkaError } from '@ottla/protocol'
import { describe, expect, it } from 'vitest'
import { ScriptedBroker } from '../../test/scripted-broker.js'
import { clientOptions } from '../options/client-options.js'
import { createSimulatedPlatform } from '../platform/simulated-platform.js'
import { type CallOptions, Cluster } from './cluster.js'

const start = async (topics: Record<string, number>) => {
  const world = createSimulatedPlatform(11)
  const network = world.network.host('entry')
  const broker = await ScriptedBroker.start({ network, host: 'entry', port: 9092, topics })
  const cluster = new Cluster(
    clientOptions.resolve({ bootstrapServers: 'entry:9092', platform: world.host('client') }),
  )
  const lookUp = (
    name: string,
    options: CallOptions & { readonly allowAutoTopicCreation?: boolean } = {},
  ): Promise<KafkaError | undefined> =>
    world.clock.runUntil(
      cluster.ensureTopics([name], options).then(
        () => undefined,
        (error) => error as KafkaError,
      ),
    )
  const end = async () => {
    await world.clock.runUntil(cluster.close())
    await world.clock.runUntil(broker.close())
  }
  return { world, broker, cluster, lookUp, end }
}

describe('a topic that the brokers deny', () => {
  it('is looked for again for a while, then said not to exist', async () => {
    const { world, broker, lookUp, end } = await start({})
    const startMs = world.clock.monotonic()
    const error = await lookUp('trukcs')
    const tookMs = world.clock.monotonic() - startMs
    expect(error).toMatchObject({
      code: 'OTTLA_BROKER_UNKNOWN_TOPIC_OR_PARTITION',
      topic: 'trukcs',
    })
    expect(error?.message).toMatch(/the topic does not exist: .* \d times .*; create it, or check/)
    expect(tookMs).toBeGreaterThanOrEqual(1500)
    expect(tookMs).toBeLessThan(3000)
    expect(broker.of('Metadata').length).toBeGreaterThanOrEqual(4)
    await end()
  })

  it('is waited for longer when the brokers may create it', async () => {
    const { world, lookUp, end } = await start({})
    const startMs = world.clock.monotonic()
    const error = await lookUp('trucks', { allowAutoTopicCreation: true })
    expect(error?.message).toMatch(/nor do the brokers create it \(auto\.create\.topics\.enable\)/)
    expect(world.clock.monotonic() - startMs).toBeGreaterThanOrEqual(5000)
    await end()
  })

  it('is found when it appears late, and left when the caller has less time', async () => {
    const topics: Record<string, number> = {}
    const { world, lookUp, cluster, end } = await start(topics)
    world.clock.setTimer(1000, () => {
      topics.trucks = 1
    })
    expect(await lookUp('trucks')).toBeUndefined()
    expect(cluster.metadata.leaderOf('trucks', 0)).toBeDefined()
    const error = await lookUp('trukcs', { timeoutMs: 500 })
    expect(error).toMatchObject({ code: 'OTTLA_TIMEOUT' })
    expect(error?.message).toMatch(/UNKNOWN_TOPIC_OR_PARTITION/)
    await end()
  })

  it('is not asked for twice when its name is refused', async () => {
    const { broker, lookUp, end } = await start({})
    const errorCode = ErrorCode.INVALID_TOPIC_EXCEPTION
    const node = { nodeId: 1, host: 'entry', port: 9092 }
    broker.scripts.Metadata = () => ({
      brokers: [node],
      topics: [{ name: 'a_b', errorCode, partitions: [] }],
    })
    const error = await lookUp('a_b', { allowAutoTopicCreation: true })
    expect(error).toMatchObject({ code: 'OTTLA_BROKER_INVALID_TOPIC_EXCEPTION', topic: 'a_b' })
    expect(broker.of('Metadata')).toHaveLength(1)
    await end()
  })
})
