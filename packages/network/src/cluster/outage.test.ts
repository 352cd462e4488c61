import { ConnectionError, Heartbeat, type KafkaError } from '@ottla/protocol'
import { describe, expect, it } from 'vitest'
import { collectEvents } from '../../test/collect-events.js'
import { ScriptedBroker } from '../../test/scripted-broker.js'
import { type ClientOptions, clientOptions } from '../options/client-options.js'
import type { Platform } from '../platform/platform.js'
import { createSimulatedPlatform, type SimulatedPlatform } from '../platform/simulated-platform.js'
import { Cluster } from './cluster.js'

const clusterOf = (world: SimulatedPlatform, options: Partial<ClientOptions>): Cluster =>
  new Cluster(
    clientOptions.resolve({
      bootstrapServers: ['entry:9092', 'exit:9092'],
      platform: world.host('client'),
      ...options,
    }),
  )

/** A platform whose name service knows none of the hosts that `isKnown` refuses. */
const withNames = (platform: Platform, isKnown: (host: string) => boolean): Platform => ({
  ...platform,
  network: {
    ...platform.network,
    connect: (options, handler) => {
      if (isKnown(options.host)) return platform.network.connect(options, handler)
      const cause = Object.assign(new Error('getaddrinfo ENOTFOUND'), { code: 'ENOTFOUND' })
      return Promise.reject(new ConnectionError(`${options.host} does not resolve`, { cause }))
    },
  },
})

const failureOf = (world: SimulatedPlatform, work: Promise<unknown>): Promise<KafkaError> =>
  world.clock.runUntil(
    work.then(
      () => {
        throw new Error('it worked')
      },
      (error) => error as KafkaError,
    ),
  )

describe('an outage', () => {
  it('is told once, after the first round over all addresses, and again when there is another', async () => {
    const world = createSimulatedPlatform(21)
    const told = collectEvents('ottla:cluster:unreachable') as {
      readonly clientId: string
      readonly error: KafkaError
    }[]
    const cluster = clusterOf(world, { clientId: 'fleet', connectionsMaxIdleMs: 1000 })
    const waiting = cluster.refreshMetadata({ topics: [] })
    await world.clock.advance(50)
    expect(told).toHaveLength(1)
    expect(told[0]?.clientId).toBe('fleet')
    expect(told[0]?.error.message).toMatch(
      /no broker reachable at .*entry:9092 \(.*exit:9092 \(|no broker reachable at .*exit:9092 \(.*entry:9092 \(/,
    )
    await world.clock.advance(10_000)
    expect(told).toHaveLength(1)
    const start = () =>
      ScriptedBroker.start({ network: world.network.host('entry'), host: 'entry', port: 9092 })
    const broker = await start()
    await world.clock.runUntil(waiting)
    await world.clock.runUntil(broker.close())
    const error = await failureOf(world, cluster.refreshMetadata({ timeoutMs: 5000 }))
    expect(error.code).toBe('OTTLA_TIMEOUT')
    expect(told).toHaveLength(2)
    await world.clock.runUntil(cluster.close())
  })
})

describe('host names that do not resolve', () => {
  it('end the wait of a new client soon, naming each', async () => {
    const world = createSimulatedPlatform(22)
    const platform = withNames(world.host('client'), () => false)
    const cluster = clusterOf(world, { platform })
    const startMs = world.clock.monotonic()
    const error = await failureOf(world, cluster.ensureTopics(['t']))
    expect(error).toMatchObject({ code: 'OTTLA_CONNECTION_UNKNOWN_HOST', retriable: false })
    expect(error.message).toMatch(/entry:9092/)
    expect(error.message).toMatch(/exit:9092/)
    const tookMs = world.clock.monotonic() - startMs
    expect(tookMs).toBeGreaterThanOrEqual(5000)
    expect(tookMs).toBeLessThan(8000)
    await world.clock.runUntil(cluster.close())
  })

  it('are tried for as long as bootstrapResolveTimeoutMs says', async () => {
    const world = createSimulatedPlatform(23)
    const platform = withNames(world.host('client'), () => false)
    const cluster = clusterOf(world, { platform, bootstrapResolveTimeoutMs: 120_000 })
    const error = await failureOf(world, cluster.ensureTopics(['t'], { timeoutMs: 60_000 }))
    expect(error.code).toBe('OTTLA_TIMEOUT')
    expect(error.message).toMatch(/unknown host name/)
    await world.clock.runUntil(cluster.close())
  })

  it('do not matter beside an address that does, nor to a client that has reached a broker', async () => {
    const world = createSimulatedPlatform(24)
    let isUp = true
    const platform = withNames(world.host('client'), (host) => isUp && host === 'entry')
    const network = world.network.host('entry')
    const cluster = clusterOf(world, { platform, connectionsMaxIdleMs: 1000 })
    const early = cluster.ensureTopics(['t'])
    await world.clock.advance(20_000)
    const topics = { t: 1 }
    const scripts = { Heartbeat: () => ({ errorCode: 0 }) }
    const broker = await ScriptedBroker.start({
      network,
      host: 'entry',
      port: 9092,
      topics,
      scripts,
    })
    await world.clock.runUntil(early)
    await world.clock.advance(2000)
    isUp = false
    const error = await failureOf(world, cluster.refreshMetadata({ timeoutMs: 40_000 }))
    expect(error.code).toBe('OTTLA_TIMEOUT')
    isUp = true
    const heartbeat = { groupId: 'g', generationId: 1, memberId: 'm' }
    await world.clock.runUntil(cluster.refreshMetadata())
    await world.clock.runUntil(cluster.request(Heartbeat, heartbeat))
    await world.clock.runUntil(cluster.close())
    await world.clock.runUntil(broker.close())
  })
})
