import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { type ConnectionError, ErrorCode, Heartbeat, type KafkaError } from '@ottla/protocol'
import { describe, expect, it } from 'vitest'
import { collectEvents } from '../../test/collect-events.js'
import { endSimulation } from '../../test/end-simulation.js'
import { ScriptedBroker, type ScriptedBrokerOptions } from '../../test/scripted-broker.js'
import { type ClientOptions, clientOptions } from '../options/client-options.js'
import { createSimulatedPlatform, type SimulatedPlatform } from '../platform/simulated-platform.js'
import { Cluster } from './cluster.js'

const heartbeat = { groupId: 'g', generationId: 1, memberId: 'm' }
const startBroker = (
  world: SimulatedPlatform,
  host: string,
  options: Partial<ScriptedBrokerOptions> = {},
): Promise<ScriptedBroker> =>
  ScriptedBroker.start({
    network: world.network.host(host),
    host,
    port: 9092,
    ...options,
    scripts: { Heartbeat: () => ({ errorCode: 0 }), ...options.scripts },
  })

const clusterOf = (world: SimulatedPlatform, options: Partial<ClientOptions> = {}): Cluster =>
  new Cluster(
    clientOptions.resolve({
      bootstrapServers: 'entry:9092',
      platform: world.host('client'),
      ...options,
    }),
  )

/** A bootstrap address that leads to a broker of another address, as a load balancer does. */
const startEntry = (world: SimulatedPlatform, leadsTo: { nodeId: number; host: string }) => {
  const entry = { ...leadsTo }
  const started = startBroker(world, 'entry', {
    scripts: {
      Metadata: () => ({
        brokers: [{ nodeId: entry.nodeId, host: entry.host, port: 9092 }],
        clusterId: 'c',
        controllerId: entry.nodeId,
        topics: [],
      }),
    },
  })
  return { entry, started }
}

describe('rebootstrapping (KIP-899, KIP-1102)', () => {
  it('happens when metadata could not be had for the trigger time', async () => {
    const world = createSimulatedPlatform(1)
    const events = collectEvents('ottla:metadata:rebootstrap')
    const { started } = startEntry(world, { nodeId: 1, host: 'old' })
    const front = await started
    const cluster = clusterOf(world, { metadataRecoveryRebootstrapTriggerMs: 100_000 })
    await world.clock.runUntil(cluster.connect())
    expect(cluster.metadata.brokers()).toMatchObject([{ node: 1, host: 'old' }])
    // All machines are gone, and come back after minutes with other addresses.
    await world.clock.runUntil(front.close())
    const refresh = cluster.refreshMetadata({ topics: [], timeoutMs: 300_000 })
    refresh.catch(() => {})
    await world.clock.advance(50_000)
    expect(cluster.metadata.brokers()).toHaveLength(1)
    const again = cluster.refreshMetadata({ topics: [], timeoutMs: 300_000 })
    await world.clock.advance(65_000)
    expect(events.length).toBe(1)
    expect(cluster.metadata.brokers()).toEqual([])
    const moved = startEntry(world, { nodeId: 1, host: 'new' })
    const back = await moved.started
    const fresh = await startBroker(world, 'new')
    await world.clock.runUntil(again)
    expect(cluster.metadata.brokers()).toMatchObject([{ node: 1, host: 'new' }])
    await world.clock.runUntil(cluster.request(Heartbeat, heartbeat, { node: 1 }))
    expect(fresh.of('Heartbeat')).toHaveLength(1)
    await endSimulation(world, cluster, [back, fresh])
  })

  it('happens at once when a broker asks for it, and leaves its connections', async () => {
    const world = createSimulatedPlatform(2)
    const { entry, started } = startEntry(world, { nodeId: 1, host: 'old' })
    const front = await started
    const old = await startBroker(world, 'old')
    old.scripts.Metadata = () => ({
      brokers: [],
      topics: [],
      errorCode: ErrorCode.REBOOTSTRAP_REQUIRED,
    })
    const fresh = await startBroker(world, 'new')
    const cluster = clusterOf(world)
    await world.clock.runUntil(cluster.connect())
    await world.clock.runUntil(cluster.request(Heartbeat, heartbeat, { node: 1 }))
    world.network.killConnections('entry')
    entry.host = 'new'
    await world.clock.runUntil(cluster.refreshMetadata({ topics: [] }))
    expect(cluster.metadata.brokers()).toMatchObject([{ host: 'new' }])
    await world.clock.advance(10)
    expect(old.connections.size).toBe(0)
    await endSimulation(world, cluster, [front, old, fresh])
  })

  it('never happens with the strategy none, which also leaves the bootstrap addresses alone', async () => {
    const world = createSimulatedPlatform(3)
    const events = collectEvents('ottla:metadata:rebootstrap')
    const { started } = startEntry(world, { nodeId: 1, host: 'old' })
    const front = await started
    const cluster = clusterOf(world, {
      metadataRecoveryStrategy: 'none',
      metadataRecoveryRebootstrapTriggerMs: 10_000,
    })
    await world.clock.runUntil(cluster.connect())
    world.network.killConnections('entry')
    const refresh = cluster.refreshMetadata({ topics: [], timeoutMs: 60_000 })
    const error: KafkaError = await world.clock.runUntil(refresh.then(String, (reason) => reason))
    expect(error.message).toMatch(/no broker reachable at old:9092 \(.*\) for \d+ s/)
    expect(front.accepted).toBe(1)
    expect(events).toEqual([])
    await endSimulation(world, cluster, [front])
  })
})

describe('a first connection that fails', () => {
  it('shows in every error that says that something took too long', async () => {
    const world = createSimulatedPlatform(4)
    const failures = collectEvents('ottla:connection:failed')
    const cluster = clusterOf(world, {
      bootstrapServers: ['entry:9092', 'exit:9092'],
      defaultApiTimeoutMs: 60_000,
    })
    expect(cluster.unreachable()).toBeUndefined()
    const attempts = [
      cluster.ensureTopics(['t']),
      cluster.coordinator('group', 'g', { timeoutMs: 20_000 }),
      cluster.refreshMetadata({ timeoutMs: 30_000 }),
    ].map((attempt) =>
      attempt.then(
        () => expect.unreachable(),
        (error) => error as KafkaError,
      ),
    )
    for (const [index, limitMs] of [60, 20, 30].entries()) {
      const attempt = attempts[index] as Promise<KafkaError>
      const error = await world.clock.runUntil(attempt)
      expect(error.code, error.message).toBe('OTTLA_TIMEOUT')
      expect(error.message).toMatch(
        /no broker reachable at entry:9092 \(.*nothing listens there.*\), exit:9092 \(.*\) for \d+ s: is the broker running, is bootstrapServers right\?/,
      )
      const cause = error.cause as ConnectionError
      expect(cause.code).toBe('OTTLA_CONNECTION_NO_BROKER')
      expect((cause.cause as AggregateError).errors).toMatchObject([
        { node: 'entry:9092' },
        { node: 'exit:9092' },
      ])
      expect(error.message).toMatch(new RegExp(`within ${limitMs}000 ms`))
    }
    expect(failures.length).toBeGreaterThan(50)
    const broker = await startBroker(world, 'entry')
    await world.clock.runUntil(cluster.connect())
    expect(cluster.unreachable()).toBeUndefined()
    await endSimulation(world, cluster, [broker])
  })

  it('is printed with NODE_DEBUG=ottla', async () => {
    const script = fileURLToPath(new URL('../../test/fails-to-connect.ts', import.meta.url))
    const args = ['--conditions', '@ottla/source', '--import', 'tsx', script]
    const env = { ...process.env, NODE_DEBUG: 'ottla' }
    const { stderr } = await promisify(execFile)(process.execPath, args, { env })
    expect(stderr).toMatch(
      /OTTLA \d+: ottla:connection:failed node=-1 address='127\.0\.0\.1:1' .*ECONNREFUSED/,
    )
    expect(stderr).not.toMatch(/a password/)
    const quiet = await promisify(execFile)(process.execPath, args)
    expect(quiet.stderr).toBe('')
  })
})
