import { execFile } from 'node:child_process'
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { createServer, type Server } from 'node:net'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { ErrorCode, FindCoordinator, Heartbeat, Metadata, Produce } from '@ottla/protocol'
import { afterEach, describe, expect, it } from 'vitest'
import { ScriptedBroker, type ScriptedBrokerOptions } from '../../test/scripted-broker.js'
import { type ClientOptions, clientOptions } from '../options/client-options.js'
import { tcpNetwork } from '../transport/tcp.js'
import { Cluster } from './cluster.js'

const heartbeat = { groupId: 'g', generationId: 1, memberId: 'm' }

const brokers: ScriptedBroker[] = []
const clusters: Cluster[] = []

const startBroker = async (options: Partial<ScriptedBrokerOptions> = {}) => {
  const broker = await ScriptedBroker.start({
    network: tcpNetwork,
    ...options,
    scripts: { Heartbeat: () => ({ errorCode: 0 }), ...options.scripts },
  })
  brokers.push(broker)
  return broker
}

const clusterOf = (options: ClientOptions): Cluster => {
  const cluster = new Cluster(
    clientOptions.resolve({ reconnectBackoffMs: 5, retryBackoffMs: 5, ...options }),
  )
  clusters.push(cluster)
  return cluster
}

/** A port where nothing listens. */
const deadAddress = async (): Promise<string> => {
  const broker = await ScriptedBroker.start({ network: tcpNetwork })
  await broker.close()
  return broker.address
}

afterEach(async () => {
  await Promise.all(clusters.splice(0).map((cluster) => cluster.close()))
  await Promise.all(brokers.splice(0).map((broker) => broker.close()))
})

describe('requests', () => {
  it('connect by themselves, negotiate, and resolve with response, version and node', async () => {
    const broker = await startBroker({ maxVersions: { Heartbeat: 3 } })
    const cluster = clusterOf({ bootstrapServers: broker.address, clientId: 'truck-feed' })
    const result = await cluster.request(Heartbeat, heartbeat)
    expect(result).toMatchObject({ response: { errorCode: 0 }, version: 3, node: -1 })
    expect(broker.of('Heartbeat')[0]).toMatchObject({ body: heartbeat, clientId: 'truck-feed' })
  })

  it('share one connection per lane and pipeline on it', async () => {
    const broker = await startBroker()
    const cluster = clusterOf({ bootstrapServers: broker.address })
    await Promise.all(Array.from({ length: 50 }, () => cluster.request(Heartbeat, heartbeat)))
    expect(broker.accepted).toBe(1)
    await cluster.request(Heartbeat, heartbeat, { lane: 'fetch' })
    expect(broker.accepted).toBe(2)
    expect(broker.of('ApiVersions').length).toBe(2)
  })

  it('do not wait behind a slow one on another lane', async () => {
    const held: (() => void)[] = []
    const broker = await startBroker()
    const cluster = clusterOf({ bootstrapServers: broker.address })
    broker.scripts.Heartbeat = ({ body, reply }) => {
      if (body.groupId === 'g') return { errorCode: 0 }
      held.push(() => reply({ errorCode: 0 }))
      return undefined
    }
    const slow = cluster.request(Heartbeat, { ...heartbeat, groupId: 'slow' }, { lane: 'fetch' })
    await cluster.request(Heartbeat, heartbeat)
    while (held.length === 0) await cluster.request(Heartbeat, heartbeat)
    held[0]?.()
    await slow
  })

  it('make the body for the version agreed on', async () => {
    const broker = await startBroker({ maxVersions: { Heartbeat: 2 } })
    const cluster = clusterOf({ bootstrapServers: broker.address })
    const seen: number[] = []
    await cluster.request(Heartbeat, (version) => {
      seen.push(version)
      return heartbeat
    })
    expect(seen).toEqual([2])
    await expect(cluster.request(Heartbeat, heartbeat, { minVersion: 3 })).rejects.toMatchObject({
      code: 'OTTLA_UNSUPPORTED_VERSION',
      api: 'Heartbeat',
    })
    const failing = cluster.request(Heartbeat, () => {
      throw new Error('no body')
    })
    await expect(failing).rejects.toThrow('no body')
  })

  it('resolve at once where no answer comes (acks=0), records not copied', async () => {
    const broker = await startBroker()
    broker.scripts.Produce = () => undefined
    const cluster = clusterOf({ bootstrapServers: broker.address })
    const records = new Uint8Array(300_000).fill(7)
    const topicData = [{ name: 't', partitionData: [{ index: 0, records }] }]
    const body = { acks: 0, timeoutMs: 1000, topicData }
    const { response } = await cluster.request(Produce, body, {
      expectResponse: false,
      maxVersion: 9,
    })
    expect(response).toBeUndefined()
    await cluster.request(Heartbeat, heartbeat)
    const [produced] = broker.of('Produce')
    expect(produced?.body).toMatchObject({ acks: 0 })
    const [topic] = (produced?.body.topicData ?? []) as typeof topicData
    expect(Buffer.compare(topic?.partitionData[0]?.records ?? new Uint8Array(), records)).toBe(0)
  })

  it('time out, close that connection and go on with a new one', async () => {
    const broker = await startBroker()
    const cluster = clusterOf({ bootstrapServers: broker.address })
    await cluster.request(Heartbeat, heartbeat)
    broker.scripts.Heartbeat = () => undefined
    const [slow, other] = await Promise.allSettled([
      cluster.request(Heartbeat, heartbeat, { timeoutMs: 50 }),
      cluster.request(Heartbeat, heartbeat, { timeoutMs: 20_000 }),
    ])
    expect(slow).toMatchObject({ reason: { code: 'OTTLA_TIMEOUT', api: 'Heartbeat' } })
    expect(other).toMatchObject({ reason: { code: 'OTTLA_CONNECTION', retriable: true } })
    broker.scripts.Heartbeat = () => ({ errorCode: 0 })
    await cluster.request(Heartbeat, heartbeat)
    expect(broker.accepted).toBe(2)
  })

  it('abort at once, and the connection lives on', async () => {
    const broker = await startBroker()
    const cluster = clusterOf({ bootstrapServers: broker.address })
    await cluster.request(Heartbeat, heartbeat)
    const replies: (() => void)[] = []
    broker.scripts.Heartbeat = ({ reply }) => void replies.push(() => reply({ errorCode: 0 }))
    const abort = new AbortController()
    const reason = new Error('changed my mind')
    const attempts = Array.from({ length: 12 }, () =>
      cluster.request(Heartbeat, heartbeat, { signal: abort.signal }),
    )
    abort.abort(reason)
    for (const attempt of attempts) await expect(attempt).rejects.toBe(reason)
    await expect(
      cluster.request(Heartbeat, heartbeat, { signal: AbortSignal.abort(reason) }),
    ).rejects.toBe(reason)
    broker.scripts.Heartbeat = () => ({ errorCode: 0 })
    const next = cluster.request(Heartbeat, heartbeat)
    while (broker.of('Heartbeat').length < 6) await new Promise((resolve) => setImmediate(resolve))
    for (const reply of replies) reply()
    await next
    expect(broker.accepted).toBe(1)
  })

  it('name a node that nobody knows as such', async () => {
    const broker = await startBroker()
    const cluster = clusterOf({ bootstrapServers: broker.address })
    await expect(cluster.request(Heartbeat, heartbeat, { node: 7 })).rejects.toMatchObject({
      code: 'OTTLA_CONNECTION_UNKNOWN_NODE',
      retriable: true,
      node: 7,
    })
  })

  it('reach the controller', async () => {
    const broker = await startBroker({ node: 4 })
    const cluster = clusterOf({ bootstrapServers: broker.address })
    const { node } = await cluster.request(Heartbeat, heartbeat, { node: 'controller' })
    expect(node).toBe(4)
    expect(broker.accepted).toBe(1)
  })

  it('report to diagnostics only when someone listens', async () => {
    const broker = await startBroker()
    const cluster = clusterOf({ bootstrapServers: broker.address })
    const events: unknown[] = []
    const listen = (message: unknown): void => void events.push(message)
    subscribe('ottla:request:end', listen)
    try {
      await cluster.request(Heartbeat, heartbeat)
    } finally {
      unsubscribe('ottla:request:end', listen)
    }
    await cluster.request(Heartbeat, heartbeat)
    expect(events).toHaveLength(1)
    expect(events[0]).toMatchObject({ api: 'Heartbeat', version: 4, address: broker.address })
  })
})

describe('connecting', () => {
  it('tries every bootstrap address', async () => {
    const broker = await startBroker()
    const dead = await deadAddress()
    const cluster = clusterOf({ bootstrapServers: [dead, dead, broker.address] })
    await cluster.connect()
    expect(broker.accepted).toBe(1)
  })

  it('says of each address why it failed', async () => {
    const one = await deadAddress()
    const two = await deadAddress()
    const attempt = clusterOf({ bootstrapServers: [one, two] }).connect()
    await expect(attempt).rejects.toMatchObject({ code: 'OTTLA_CONNECTION', retriable: true })
    await expect(attempt).rejects.toThrow(one)
    await expect(attempt).rejects.toThrow(two)
    await expect(attempt).rejects.toThrow(/ECONNREFUSED.*; nothing listens there/)
  })

  it('resolves names to all their addresses', async () => {
    const broker = await startBroker()
    const cluster = clusterOf({ bootstrapServers: `localhost:${broker.port}` })
    await cluster.connect()
    await expect(
      clusterOf({ bootstrapServers: 'no-such-host.invalid:9092' }).connect(),
    ).rejects.toThrow(/no-such-host\.invalid:9092: .*(does not resolve|name service)/)
  })

  it('hands a bootstrap connection to the node behind it', async () => {
    const broker = await startBroker({ node: 3 })
    const cluster = clusterOf({ bootstrapServers: broker.address })
    await cluster.connect()
    const { node } = await cluster.request(Heartbeat, heartbeat, { node: 3 })
    expect(node).toBe(3)
    expect(broker.accepted).toBe(1)
  })

  it('says what it means when a broker hangs up on ApiVersions, and later', async () => {
    const broker = await startBroker()
    broker.scripts.ApiVersions = ({ connection }) => connection.destroy()
    const cluster = clusterOf({ bootstrapServers: broker.address })
    await expect(cluster.connect()).rejects.toMatchObject({
      code: 'OTTLA_CONNECTION_NEGOTIATION',
      api: 'ApiVersions',
      node: broker.address,
    })
    const picky = await startBroker()
    picky.scripts.Heartbeat = ({ connection }) => connection.destroy()
    await expect(
      clusterOf({ bootstrapServers: picky.address }).request(Heartbeat, heartbeat),
    ).rejects.toThrow(/answered ApiVersions and nothing after, so it may require SASL/)
  })

  it('tells a peer that speaks something else', async () => {
    const servers: Server[] = []
    const speak = async (words: Buffer): Promise<string> => {
      const server = createServer((socket) => {
        socket
          .on('error', () => {})
          .resume()
          .write(words)
      })
      servers.push(server)
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
      const address = server.address()
      return `127.0.0.1:${typeof address === 'object' ? address?.port : 0}`
    }
    const http = await speak(Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n'))
    await expect(clusterOf({ bootstrapServers: http }).connect()).rejects.toThrow(/speaks HTTP/)
    const tls = await speak(Buffer.from([0x15, 3, 3, 0, 2, 2, 40]))
    await expect(clusterOf({ bootstrapServers: tls }).connect()).rejects.toThrow(/speaks TLS/)
    for (const server of servers) server.close()
  })

  it('bounds what an answer may take', async () => {
    const broker = await startBroker()
    broker.scripts.Heartbeat = ({ connection }) => void connection.send(new Uint8Array(5000))
    const cluster = clusterOf({ bootstrapServers: broker.address, maxResponseBytes: 4096 })
    await expect(cluster.request(Heartbeat, heartbeat)).rejects.toThrow(/4096 is the limit/)
  })
})

describe('metadata', () => {
  it('is asked for once by many, and knows topics and brokers', async () => {
    const broker = await startBroker({ topics: { a: 2, b: 1 } })
    const cluster = clusterOf({ bootstrapServers: broker.address })
    await Promise.all([
      cluster.ensureTopics(['a']),
      cluster.ensureTopics(['b']),
      cluster.ensureTopics(['a', 'b']),
    ])
    expect(broker.of('Metadata')).toHaveLength(1)
    expect(cluster.metadata.topic('a')?.partitions).toHaveLength(2)
    expect(cluster.metadata.leaderOf('b', 0)).toEqual({ node: 1, leaderEpoch: 0 })
    expect(cluster.metadata.leaderOf('b', 1)).toBeUndefined()
    expect(cluster.metadata.brokers()).toEqual([
      { node: 1, host: broker.host, port: broker.port, rack: null },
    ])
    await cluster.ensureTopics(['a', 'b'])
    expect(broker.of('Metadata')).toHaveLength(1)
    cluster.metadata.markStale('a')
    await cluster.ensureTopics(['a', 'b'])
    expect(broker.of('Metadata')).toHaveLength(2)
    expect(broker.of('Metadata')[1]?.body.topics).toMatchObject([{ name: 'a' }])
  })

  it('is asked for anew by who comes during an answer', async () => {
    const broker = await startBroker({ topics: { a: 1 } })
    const cluster = clusterOf({ bootstrapServers: broker.address })
    await cluster.connect()
    const before = broker.of('Metadata').length
    const { Metadata: script } = broker.scripts
    let late: Promise<void> | undefined
    broker.scripts.Metadata = (request) => {
      late ??= cluster.refreshMetadata({ topics: ['a'] })
      return script?.(request)
    }
    await cluster.refreshMetadata({ topics: ['a'] })
    await late
    expect(broker.of('Metadata').length - before).toBe(2)
  })

  it('lists all topics, also of a broker that has no null for it', async () => {
    for (const version of [Metadata.versions.max, 0]) {
      const broker = await startBroker({ topics: { a: 1 }, maxVersions: { Metadata: version } })
      const own = broker.scripts.Metadata
      broker.scripts.Metadata = (request) =>
        own?.({ ...request, body: version === 0 ? { topics: null } : request.body })
      const cluster = clusterOf({ bootstrapServers: broker.address })
      await cluster.refreshMetadata({ topics: 'all' })
      expect(cluster.metadata.topicNames()).toEqual(['a'])
      expect(broker.of('Metadata')[0]?.body.topics).toEqual(version === 0 ? [] : null)
    }
  })

  it('waits for a topic to appear, and gives up with the reason', async () => {
    const topics: Record<string, number> = {}
    const broker = await startBroker({ topics })
    const cluster = clusterOf({ bootstrapServers: broker.address })
    const waiting = cluster.ensureTopics(['soon'])
    while (broker.of('Metadata').length < 3) await cluster.request(Heartbeat, heartbeat)
    topics.soon = 1
    await waiting
    expect(cluster.metadata.leaderOf('soon', 0)).toBeDefined()
    const never = cluster.ensureTopics(['never'], { timeoutMs: 40 })
    await expect(never).rejects.toMatchObject({ code: 'OTTLA_TIMEOUT' })
    await expect(never).rejects.toThrow(/looking up never .*UNKNOWN_TOPIC_OR_PARTITION/)
  })

  it('throws for a topic that cannot be had, and passes on the wish to create', async () => {
    const broker = await startBroker()
    broker.scripts.Metadata = () => ({
      brokers: [{ nodeId: 1, host: broker.host, port: broker.port }],
      topics: [{ name: 'secret', errorCode: ErrorCode.TOPIC_AUTHORIZATION_FAILED, partitions: [] }],
    })
    const cluster = clusterOf({ bootstrapServers: broker.address })
    await expect(
      cluster.ensureTopics(['secret'], { allowAutoTopicCreation: true }),
    ).rejects.toMatchObject({ code: 'OTTLA_BROKER_TOPIC_AUTHORIZATION_FAILED', topic: 'secret' })
    expect(broker.of('Metadata')[0]?.body.allowAutoTopicCreation).toBe(true)
  })

  it('starts from the bootstrap addresses when a broker demands it', async () => {
    const broker = await startBroker()
    const cluster = clusterOf({ bootstrapServers: broker.address })
    await cluster.connect()
    const own = broker.scripts.Metadata
    let refusals = 1
    broker.scripts.Metadata = (request) =>
      refusals-- > 0
        ? { brokers: [], topics: [], errorCode: ErrorCode.REBOOTSTRAP_REQUIRED }
        : own?.(request)
    await cluster.refreshMetadata()
    expect(cluster.metadata.brokers()).toHaveLength(1)
  })
})

describe('leader hints (KIP-951)', () => {
  it('are followed at once, to brokers that metadata has not named too', async () => {
    const broker = await startBroker({ topics: { t: 1 } })
    const other = await startBroker({ node: 7 })
    other.scripts.Heartbeat = () => ({ errorCode: 0 })
    const cluster = clusterOf({ bootstrapServers: broker.address })
    await cluster.ensureTopics(['t'])
    const endpoint = { nodeId: 7, host: other.host, port: other.port, rack: null }
    const hint = { leaderId: 7, leaderEpoch: 3 }
    expect(cluster.applyLeaderHints('t', 0, hint, [])).toBe(false)
    expect(cluster.applyLeaderHints('t', 0, { leaderId: -1, leaderEpoch: -1 }, [])).toBe(false)
    expect(cluster.applyLeaderHints('t', 0, hint, [endpoint])).toBe(true)
    expect(cluster.metadata.leaderOf('t', 0)).toEqual({ node: 7, leaderEpoch: 3 })
    const { node } = await cluster.request(Heartbeat, heartbeat, { node: 7 })
    expect(node).toBe(7)
    // Who lags behind does not undo it.
    await cluster.refreshMetadata({ topics: ['t'] })
    expect(cluster.metadata.leaderOf('t', 0)).toEqual({ node: 7, leaderEpoch: 3 })
  })
})

describe('coordinators', () => {
  const place = (broker: ScriptedBroker) => ({
    errorCode: 0,
    errorMessage: null,
    nodeId: 1,
    host: broker.host,
    port: broker.port,
  })

  it('are found at every version and kept', async () => {
    for (let version = 0; version <= FindCoordinator.versions.max; version++) {
      const broker = await startBroker({ maxVersions: { FindCoordinator: version } })
      broker.scripts.FindCoordinator = () =>
        version < 4 ? place(broker) : { coordinators: [{ key: 'g', ...place(broker) }] }
      const cluster = clusterOf({ bootstrapServers: broker.address })
      const nodes = await Promise.all([
        cluster.coordinator('group', 'g'),
        cluster.coordinator('group', 'g'),
      ])
      expect(nodes).toEqual([1, 1])
      await cluster.coordinator('group', 'g')
      const asked = broker.of('FindCoordinator')
      expect(asked).toHaveLength(1)
      expect(asked[0]?.body).toMatchObject(
        version < 4 ? { key: 'g', keyType: 0 } : { coordinatorKeys: ['g'], keyType: 0 },
      )
      const { node } = await cluster.request(Heartbeat, heartbeat, { node: 1, lane: 'coordinator' })
      expect(node).toBe(1)
      cluster.forgetCoordinator('group', 'g')
      await cluster.coordinator('group', 'g')
      expect(broker.of('FindCoordinator')).toHaveLength(2)
    }
  })

  it('are asked for again while none is available, and errors of substance are thrown', async () => {
    const broker = await startBroker()
    const cluster = clusterOf({ bootstrapServers: broker.address })
    let failures = 2
    broker.scripts.FindCoordinator = ({ body }) => {
      const [key] = body.coordinatorKeys as string[]
      const errorCode = failures-- > 0 ? ErrorCode.COORDINATOR_NOT_AVAILABLE : 0
      return { coordinators: [{ key, ...place(broker), errorCode }] }
    }
    await cluster.coordinator('transaction', 't')
    expect(broker.of('FindCoordinator')[0]?.body.keyType).toBe(1)
    expect(broker.of('FindCoordinator')).toHaveLength(3)
    broker.scripts.FindCoordinator = () => ({
      coordinators: [
        { key: 'g', ...place(broker), errorCode: ErrorCode.GROUP_AUTHORIZATION_FAILED },
      ],
    })
    await expect(cluster.coordinator('group', 'g')).rejects.toMatchObject({
      code: 'OTTLA_BROKER_GROUP_AUTHORIZATION_FAILED',
    })
  })
})

describe('close', () => {
  it('fails what is open, is idempotent, and refuses what comes later', async () => {
    const broker = await startBroker()
    broker.scripts.Heartbeat = () => undefined
    const cluster = clusterOf({ bootstrapServers: broker.address })
    const open = [
      cluster.request(Heartbeat, heartbeat),
      cluster.request(Heartbeat, heartbeat, { lane: 'b' }),
      cluster.request(Heartbeat, heartbeat, { signal: new AbortController().signal }),
    ]
    while (broker.of('Heartbeat').length < 3) await new Promise((resolve) => setImmediate(resolve))
    const closing = cluster.close()
    expect(cluster.close()).toBe(closing)
    for (const request of open) {
      await expect(request).rejects.toMatchObject({ code: 'OTTLA_CLOSED' })
    }
    await closing
    await expect(cluster.request(Heartbeat, heartbeat)).rejects.toMatchObject({
      code: 'OTTLA_CLOSED',
    })
    await expect(cluster.connect()).rejects.toMatchObject({ code: 'OTTLA_CLOSED' })
    await expect(cluster.refreshMetadata()).rejects.toMatchObject({ code: 'OTTLA_CLOSED' })
    await expect(cluster.coordinator('group', 'g')).rejects.toMatchObject({ code: 'OTTLA_CLOSED' })
    await broker.close()
  })

  it('ends waits of every kind: connecting, negotiating, backing off, retrying', async () => {
    const mute = await startBroker()
    mute.scripts.ApiVersions = () => undefined
    const dead = await deadAddress()
    const cases = [
      clusterOf({ bootstrapServers: mute.address }),
      clusterOf({
        bootstrapServers: dead,
        reconnectBackoffMs: 60_000,
        reconnectBackoffMaxMs: 60_000,
      }),
      clusterOf({ bootstrapServers: '10.255.255.1:9092' }),
    ]
    const waits = cases.flatMap((cluster) => [
      cluster.request(Heartbeat, heartbeat),
      cluster.ensureTopics(['t']),
      cluster.coordinator('group', 'g'),
    ])
    const outcomes = Promise.allSettled(waits)
    while (mute.of('ApiVersions').length === 0) {
      await new Promise((resolve) => setImmediate(resolve))
    }
    await Promise.all(cases.map((cluster) => cluster.close()))
    for (const outcome of await outcomes) expect(outcome.status).toBe('rejected')
    await mute.close()
  })

  it('leaves no socket and no timer: the process ends by itself', async () => {
    const script = fileURLToPath(new URL('../../test/close-leaves-nothing.ts', import.meta.url))
    const args = ['--conditions', '@ottla/source', '--import', 'tsx', script]
    const { stdout } = await promisify(execFile)(process.execPath, args)
    expect(JSON.parse(stdout)).toEqual([])
  })
})
