import { Heartbeat, type KafkaError } from '@ottla/protocol'
import { describe, expect, it } from 'vitest'
import { collectEvents } from '../../test/collect-events.js'
import {
  type Script,
  ScriptedBroker,
  type ScriptedBrokerOptions,
} from '../../test/scripted-broker.js'
import { type ScriptedSaslOptions, scriptedSasl } from '../../test/scripted-sasl.js'
import { type ClientOptions, clientOptions } from '../options/client-options.js'
import { createSimulatedPlatform, type SimulatedPlatform } from '../platform/simulated-platform.js'
import { Cluster } from './cluster.js'

const heartbeat = { groupId: 'g', generationId: 1, memberId: 'm' }
interface Setup {
  readonly seed?: number
  readonly broker: ScriptedSaslOptions
  readonly sasl?: ClientOptions['sasl']
  readonly client?: Partial<ClientOptions>
  readonly heartbeat?: Script
  readonly more?: Partial<ScriptedBrokerOptions>
}

const start = async (setup: Setup) => {
  const world: SimulatedPlatform = createSimulatedPlatform(setup.seed ?? 1)
  const sasl = scriptedSasl(setup.broker)
  const broker = await ScriptedBroker.start({
    network: world.network.host('broker-1'),
    host: 'broker-1',
    port: 9092,
    ...setup.more,
    scripts: {
      ...sasl.scripts,
      Heartbeat: sasl.guarded(setup.heartbeat ?? (() => ({ errorCode: 0 }))),
    },
  })
  const cluster = new Cluster(
    clientOptions.resolve({
      bootstrapServers: 'broker-1:9092',
      platform: world.host('client'),
      sasl: setup.sasl,
      ...setup.client,
    }),
  )
  const end = async (): Promise<void> => {
    await world.clock.runUntil(cluster.close())
    await world.clock.runUntil(broker.close())
    await world.clock.advance(10)
    expect(world.clock.pendingTimers).toBe(0)
  }
  return { world, sasl, broker, cluster, end }
}

const failureOf = async (
  world: SimulatedPlatform,
  attempt: Promise<unknown>,
): Promise<KafkaError> =>
  world.clock.runUntil(
    attempt.then(
      () => {
        throw new Error('it worked')
      },
      (error) => error,
    ),
  )

const user = { username: 'trucks', password: 'secret' }

describe('SASL', () => {
  for (const mechanism of ['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512'] as const) {
    it(`lets a user in by ${mechanism}, and says at once when the password is wrong`, async () => {
      const { world, sasl, broker, cluster, end } = await start({
        broker: { mechanisms: [mechanism] },
        sasl: { mechanism, ...user },
      })
      await world.clock.runUntil(cluster.request(Heartbeat, heartbeat))
      expect(sasl.state).toEqual({ violations: 0, handshakes: 1, completed: 1 })
      await end()
      const wrong = await start({
        broker: { mechanisms: [mechanism] },
        sasl: { mechanism: mechanism.toLowerCase() as 'plain', username: 'trucks', password: 'x' },
      })
      const startMs = wrong.world.clock.monotonic()
      for (const attempt of [
        () => wrong.cluster.ensureTopics(['t']),
        () => wrong.cluster.request(Heartbeat, heartbeat),
        () => wrong.cluster.coordinator('group', 'g'),
      ]) {
        const error = await failureOf(wrong.world, attempt())
        expect(error).toMatchObject({ code: 'OTTLA_AUTHENTICATION', fatal: true, retriable: false })
        expect(error.message).toMatch(
          new RegExp(
            `refuses the credentials of SASL/${mechanism}: .*Invalid username or password`,
          ),
        )
      }
      // No attempt was made again in silence.
      expect(wrong.world.clock.monotonic() - startMs).toBeLessThan(1000)
      expect(broker.of('SaslHandshake').length).toBe(1)
      await wrong.end()
    })
  }

  it('lets a client in by a token, hands it on, and keeps it while it is good', async () => {
    let asked = 0
    const { world, sasl, cluster, end } = await start({
      broker: { mechanisms: ['OAUTHBEARER'], token: 'good' },
      sasl: {
        mechanism: 'OAUTHBEARER',
        token: () => ({ value: 'good', lifetimeMs: ++asked * 0 + 100_000, extensions: { a: 'b' } }),
      },
    })
    await world.clock.runUntil(cluster.request(Heartbeat, heartbeat))
    await world.clock.runUntil(cluster.request(Heartbeat, heartbeat, { lane: 'other' }))
    expect(asked).toBe(1)
    await world.clock.advance(81_000)
    await world.clock.runUntil(cluster.request(Heartbeat, heartbeat, { lane: 'third' }))
    expect(asked).toBe(2)
    expect(sasl.state.violations).toBe(0)
    await end()
  })

  it('says what the broker said of a token, and which callback failed', async () => {
    const refused = await start({
      broker: { mechanisms: ['OAUTHBEARER'], token: 'good' },
      sasl: { mechanism: 'OAUTHBEARER', token: () => ({ value: 'bad' }) },
    })
    const error = await failureOf(refused.world, refused.cluster.request(Heartbeat, heartbeat))
    expect(error).toMatchObject({
      code: 'OTTLA_AUTHENTICATION',
      message: expect.stringMatching(/OAUTHBEARER token: invalid_token, scope kafka/),
      cause: { status: 'invalid_token' },
    })
    // RFC 7628: the client acknowledges the refusal.
    const tokens = refused.broker.of('SaslAuthenticate').map(({ body }) => body.authBytes)
    expect(tokens.at(-1)).toEqual(Uint8Array.of(1))
    await refused.end()
    const failing = await start({
      broker: { mechanisms: ['OAUTHBEARER'] },
      sasl: { mechanism: 'OAUTHBEARER', token: () => Promise.reject(new Error('no such realm')) },
    })
    const failure = await failureOf(failing.world, failing.cluster.request(Heartbeat, heartbeat))
    expect(failure).toMatchObject({ code: 'OTTLA_AUTHENTICATION', fatal: true })
    expect(failure.message).toMatch(/callback sasl\.token failed: no such realm/)
    await failing.end()
    const unreachable = Object.assign(new Error('connect'), { code: 'ECONNREFUSED' })
    const passing = await start({
      broker: { mechanisms: ['OAUTHBEARER'] },
      sasl: {
        mechanism: 'OAUTHBEARER',
        token: () => Promise.reject(new TypeError('fetch failed', { cause: unreachable })),
      },
    })
    const retriable = await failureOf(passing.world, passing.cluster.request(Heartbeat, heartbeat))
    expect(retriable).toMatchObject({ code: 'OTTLA_CONNECTION_SASL', retriable: true })
    await passing.end()
  })

  it('names the mechanisms that the broker offers', async () => {
    const { world, cluster, end } = await start({
      broker: { mechanisms: ['SCRAM-SHA-512', 'GSSAPI'] },
      sasl: { mechanism: 'PLAIN', ...user },
    })
    const error = await failureOf(world, cluster.ensureTopics(['t']))
    expect(error.message).toMatch(/does not take SASL\/PLAIN; it offers SCRAM-SHA-512, GSSAPI/)
    await end()
  })

  it('says when a listener wants no SASL, and when it seems to want it', async () => {
    const plain = await start({
      broker: { mechanisms: ['PLAIN'] },
      sasl: { mechanism: 'PLAIN', ...user },
    })
    plain.broker.scripts.SaslHandshake = () => ({ errorCode: 34, mechanisms: [] })
    const error = await failureOf(plain.world, plain.cluster.ensureTopics(['t']))
    expect(error.message).toMatch(
      /does not ask for SASL on this listener; leave out the option sasl/,
    )
    await plain.end()
    const secured = await start({ broker: { mechanisms: ['PLAIN'] } })
    const hint = await failureOf(secured.world, secured.cluster.request(Heartbeat, heartbeat))
    expect(hint.message).toMatch(/may require SASL: set the option sasl/)
    await secured.end()
  })

  it('speaks with brokers that have bare tokens only', async () => {
    let sasl: ReturnType<typeof scriptedSasl> | undefined
    const old = await start({
      broker: { mechanisms: ['SCRAM-SHA-256'] },
      sasl: { mechanism: 'SCRAM-SHA-256', ...user },
      more: {
        maxVersions: { SaslHandshake: 0, SaslAuthenticate: -1 },
        onBareFrame(frame, connection) {
          const dialogue = sasl?.of(connection)
          if (dialogue === undefined || dialogue.mechanism === '' || dialogue.isIn) return false
          void sasl?.tell(dialogue, frame).then((answer) => {
            if (answer === undefined) connection.destroy()
            else connection.send(answer)
          })
          return true
        },
      },
    })
    sasl = old.sasl
    await old.world.clock.runUntil(old.cluster.request(Heartbeat, heartbeat))
    expect(old.sasl.state).toEqual({ violations: 0, handshakes: 1, completed: 1 })
    expect(old.broker.of('SaslAuthenticate')).toEqual([])
    await old.end()
  })

  it('gives up when the callback or the broker takes too long', async () => {
    let signal: AbortSignal | undefined
    const { world, cluster, end } = await start({
      broker: { mechanisms: ['PLAIN'] },
      sasl: {
        mechanism: 'PLAIN',
        credentials: (options) => {
          signal = options.signal
          return new Promise(() => {})
        },
      },
      client: { requestTimeoutMs: 500 },
    })
    const error = await failureOf(world, cluster.request(Heartbeat, heartbeat, { timeoutMs: 2000 }))
    expect(error.message).toMatch(/did not end within 500 ms; the broker is slow, or the callback/)
    expect(signal?.aborted).toBe(true)
    await end()
  })
})

describe('re-authentication (KIP-368)', () => {
  it('comes before the session ends, on the same connection, and disturbs no pipelined request', async () => {
    for (let seed = 1; seed <= 20; seed++) {
      const renewals = collectEvents('ottla:connection:authenticated')
      const lifetimeMs = 10_000
      const { world, sasl, broker, cluster, end } = await start({
        seed,
        broker: { mechanisms: ['SCRAM-SHA-256'], lifetimeMs },
        sasl: { mechanism: 'SCRAM-SHA-256', ...user },
        client: { maxInFlightRequestsPerConnection: 4, connectionsMaxIdleMs: 0 },
      })
      const sent: number[] = []
      const answered: number[] = []
      const failed: unknown[] = []
      await world.clock.runUntil(cluster.connect())
      const target = { node: 1, lane: 'heartbeats' }
      for (let number = 0; number < 600; number++) {
        sent.push(number)
        cluster.request(Heartbeat, { ...heartbeat, generationId: number }, target).then(
          () => answered.push(number),
          (error) => failed.push(error),
        )
        await world.clock.advance(world.random.next() < 0.1 ? 400 : world.random.next() * 3)
      }
      await world.clock.runUntil(() => answered.length + failed.length === sent.length)
      expect(failed, `seed ${seed}`).toEqual([])
      expect(answered, `seed ${seed}`).toEqual(sent)
      expect(broker.of('Heartbeat').map(({ body }) => body.generationId)).toEqual(sent)
      expect(sasl.state.violations, `seed ${seed}`).toBe(0)
      expect(broker.accepted).toBe(2)
      expect(renewals.length).toBeGreaterThanOrEqual(4)
      await end()
    }
  }, 60_000)

  it('happens between 85 and 95 % of the lifetime, also of a connection nobody uses', async () => {
    const { world, sasl, cluster, end } = await start({
      broker: { mechanisms: ['PLAIN'], lifetimeMs: 100_000 },
      sasl: { mechanism: 'PLAIN', ...user },
    })
    await world.clock.runUntil(cluster.request(Heartbeat, heartbeat))
    await world.clock.advance(84_900)
    expect(sasl.state.handshakes).toBe(1)
    await world.clock.advance(10_200)
    expect(sasl.state.handshakes).toBe(2)
    await world.clock.runUntil(cluster.request(Heartbeat, heartbeat))
    await end()
  })

  it('tries the callback again while the session lasts, and fails all requests clearly when refused', async () => {
    let asked = 0
    const setup: ScriptedSaslOptions = { mechanisms: ['PLAIN'], lifetimeMs: 100_000 }
    const { world, sasl, cluster, end } = await start({
      broker: setup,
      sasl: {
        mechanism: 'PLAIN',
        credentials: () => (++asked === 2 ? Promise.reject(new Error('vault sealed')) : user),
      },
    })
    await world.clock.runUntil(cluster.request(Heartbeat, heartbeat))
    await world.clock.advance(99_900)
    expect(asked).toBe(3)
    expect(sasl.state.completed).toBe(2)
    await world.clock.runUntil(cluster.request(Heartbeat, heartbeat))
    setup.password = 'changed'
    const closes = collectEvents('ottla:connection:close') as { error: KafkaError }[]
    await world.clock.advance(96_000)
    expect(closes[0]?.error).toMatchObject({ code: 'OTTLA_AUTHENTICATION', fatal: true })
    const error = await failureOf(world, cluster.request(Heartbeat, heartbeat))
    expect(error).toMatchObject({ code: 'OTTLA_AUTHENTICATION', fatal: true })
    await end()
  })
})
