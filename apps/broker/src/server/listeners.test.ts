import { readFileSync } from 'node:fs'
import type { TlsOptions } from '@ottla/network'
import {
  AlterUserScramCredentials,
  ApiVersions,
  CreateTopics,
  DescribeCluster,
  DescribeUserScramCredentials,
  ErrorCode,
  encodePlain,
  encodeRequest,
  FindCoordinator,
  Metadata,
  SaslAuthenticate,
  SaslHandshake,
} from '@ottla/protocol'
import { afterEach, describe, expect, it, vi } from 'vitest'
import type { Broker, BrokerListener } from '../broker.js'
import type { BrokerOptions } from '../options.js'
import { memoryStorage, systemPlatform } from '../platform.js'
import { saltPassword } from '../scram.js'
import { startBroker } from '../start-broker.js'
import { RawClient } from '../testing/raw-client.js'

const pem = (name: string): string =>
  readFileSync(
    new URL(`../../../../packages/network/test/certificates/fixtures/${name}.pem`, import.meta.url),
    'utf8',
  )

const tls = { key: pem('server-key'), cert: pem('server') }
const trust: TlsOptions = { ca: pem('ca') }
const token = (password: string, username = 'alice'): Uint8Array =>
  encodePlain({ username, password })

describe('listeners', () => {
  const brokers: Broker[] = []
  afterEach(async () => {
    await Promise.all(brokers.splice(0).map((broker) => broker.close()))
  })

  const start = async (options: BrokerOptions): Promise<Broker> => {
    const broker = await startBroker({
      ...options,
      configs: { 'connection.failed.authentication.delay.ms': '0', ...options.configs },
    })
    brokers.push(broker)
    return broker
  }

  const connect = (target: BrokerListener | Broker | undefined, secure?: TlsOptions) => {
    if (target === undefined) throw new Error('there is no such listener')
    return RawClient.connect(target, systemPlatform.network, secure)
  }

  const login = async (client: RawClient, password: string, mechanism = 'PLAIN') => {
    const handshake = await client.request(SaslHandshake, 1, { mechanism })
    if (handshake.errorCode !== ErrorCode.NONE) return handshake
    return client.request(SaslAuthenticate, 2, { authBytes: token(password) })
  }

  it('tells each client the address of the listener it came in on', async () => {
    const broker = await start({
      listeners: [
        { protocol: 'PLAINTEXT' },
        { name: 'outside', protocol: 'PLAINTEXT', advertise: 'kafka.example:29092' },
        { name: 'mapped', protocol: 'PLAINTEXT', advertise: 'host.docker.internal:0' },
      ],
    })
    const [inside, outside, mapped] = broker.listeners
    expect(broker.bootstrapServers).toBe(inside?.bootstrapServers)
    expect(outside).toMatchObject({ name: 'OUTSIDE', host: 'kafka.example', port: 29092 })
    expect(mapped?.host).toBe('host.docker.internal')
    expect(mapped?.port).toBeGreaterThan(0)
    const clients = [
      await connect(inside),
      // What is advertised is not where it listens: the ports are those of the broker's own record.
      await RawClient.connect({ host: '127.0.0.1', port: mapped?.port ?? 0 }),
    ]
    const told = await Promise.all(
      clients.map(async (client) => {
        const { brokers: known } = await client.request(Metadata, 12, { topics: [] })
        const group = { keyType: 0, coordinatorKeys: ['g'] }
        const { coordinators } = await client.request(FindCoordinator, 4, group)
        const { brokers: cluster } = await client.request(DescribeCluster, 0, {
          includeClusterAuthorizedOperations: false,
        })
        client.close()
        return [known[0], coordinators[0], cluster[0]].map((each) => `${each?.host}:${each?.port}`)
      }),
    )
    expect(told[0]).toEqual(Array(3).fill(inside?.bootstrapServers))
    expect(told[1]).toEqual(Array(3).fill(mapped?.bootstrapServers))
  })

  it('takes the names of server.properties', async () => {
    const broker = await start({
      configs: {
        listeners: 'INTERNAL://127.0.0.1:0,EXTERNAL://127.0.0.1:0,CONTROLLER://127.0.0.1:0',
        'controller.listener.names': 'CONTROLLER',
        'listener.security.protocol.map':
          'INTERNAL:PLAINTEXT,EXTERNAL:SASL_SSL,CONTROLLER:PLAINTEXT',
        'inter.broker.listener.name': 'INTERNAL',
        'advertised.listeners': 'EXTERNAL://localhost:0',
        'sasl.enabled.mechanisms': 'PLAIN',
        'listener.name.external.plain.sasl.jaas.config':
          'org.apache.kafka.common.security.plain.PlainLoginModule required user_alice="secret";',
        'ssl.keystore.type': 'PEM',
        'ssl.keystore.key': tls.key,
        'ssl.keystore.certificate.chain': tls.cert,
      },
    })
    const [internal, external] = broker.listeners
    expect(broker.listeners.map(({ name, protocol }) => `${name} ${protocol}`)).toEqual([
      'INTERNAL PLAINTEXT',
      'EXTERNAL SASL_SSL',
    ])
    const open = await connect(internal)
    expect(await open.request(ApiVersions, 0, {})).toMatchObject({ errorCode: 0 })
    open.close()
    const secured = await connect(external, trust)
    expect(await login(secured, 'secret')).toMatchObject({ errorCode: 0 })
    expect((await secured.request(Metadata, 12, { topics: [] })).brokers).toMatchObject([
      { host: 'localhost', port: external?.port },
    ])
    secured.close()
  })

  it.each([
    [{ listen: '127.0.0.1:0', listeners: [{ protocol: 'SSL' }] }, /said twice/],
    [{ listeners: [{ protocol: 'SSL' }] }, /SSL speaks TLS and has no key and certificate/],
    [{ listeners: [{ protocol: 'TLS' }] }, /must be one of PLAINTEXT, SSL/],
    [
      { listeners: [{ protocol: 'PLAINTEXT' }, { protocol: 'PLAINTEXT' }] },
      /names the listener PLAINTEXT twice/,
    ],
    [{ configs: { listeners: 'INSIDE://127.0.0.1:0' } }, /no protocol is known for .* INSIDE/],
    [{ advertise: '0.0.0.0:9092' }, /cannot connect to the address 0.0.0.0/],
    [
      { listen: 'SASL_PLAINTEXT://127.0.0.1:0', configs: { 'sasl.enabled.mechanisms': 'GSSAPI' } },
      /GSSAPI/,
    ],
    [{ users: [{ name: 'alice', password: '' }] }, /alice in users has no password/],
    [{ users: { alice: 'secret' } }, /users must be a list such as \[\{ name: 'alice'/],
    [
      {
        users: [
          { name: 'bob', password: 'b' },
          { username: 'alice', password: 'a' },
        ],
      },
      /users\[1\] has no name: it has username, password; give \{ name:/,
    ],
    [{ users: ['alice'] }, /users\[0\] must be \{ name: .*, not string/],
    [
      { users: [{ name: 'alice', password: 'a' }] },
      /no listener asks for them: add a listener SASL_/,
    ],
    [
      { listen: 'SASL_PLAINTEXT://127.0.0.1:0' },
      /listener SASL_PLAINTEXT asks for a user, and there is none: give users/,
    ],
    [{ port: '9092' }, /port must be a whole number from 0 to 65535, not '9092'/],
    [{ configs: { 'num.partitions': null } }, /config num.partitions must be text, .* not null/],
    [{ release: '2.8' }, /release must be one of 3.9/],
    [
      { configs: { 'ssl.keystore.location': '/x.jks' }, listen: 'SSL://127.0.0.1:0' },
      /only PEM is understood/,
    ],
    [
      {
        configs: {
          'ssl.keystore.location': '/x.pem',
          'ssl.keystore.type': 'PEM',
          'ssl.keystore.password': 'secret',
        },
        listen: 'SSL://127.0.0.1:0',
      },
      /ssl.keystore.password must not be set: a keystore in PEM has no password/,
    ],
  ])('refuses what does not fit together: %j', async (options, message) => {
    await expect(startBroker(options as BrokerOptions)).rejects.toThrow(message)
  })

  it('serves over TLS, and knows a client by its certificate', async () => {
    const broker = await start({
      listeners: [{ protocol: 'SSL', tls: { ...tls, ca: pem('ca'), requestCert: true } }],
    })
    const client = await connect(broker, {
      ...trust,
      key: pem('client-key'),
      cert: pem('client'),
    })
    const principals: string[] = []
    broker.events.on('request', ({ principal }) => principals.push(principal))
    expect(await client.request(ApiVersions, 0, {})).toMatchObject({ errorCode: 0 })
    expect(principals).toEqual(['User:CN=trucks,OU=fleet,O=Ottla'])
    client.close()
  })

  it('lets users in and everybody else not, with the error and then the end', async () => {
    const broker = await start({
      listen: 'SASL_PLAINTEXT://127.0.0.1:0',
      users: [{ name: 'alice', password: 'secret' }],
    })
    const reasons: (string | undefined)[] = []
    broker.events.on('disconnection', ({ reason }) => reasons.push(reason))
    const good = await connect(broker)
    await good.request(ApiVersions, 0, {})
    expect(await login(good, 'secret')).toMatchObject({ errorCode: 0 })
    expect((await good.request(Metadata, 12, { topics: [] })).brokers).toHaveLength(1)
    const wrong = await connect(broker)
    expect(await login(wrong, 'guess')).toMatchObject({
      errorCode: ErrorCode.SASL_AUTHENTICATION_FAILED,
      errorMessage: 'Authentication failed: Invalid username or password',
    })
    await wrong.closed
    const kerberos = await connect(broker)
    expect(await login(kerberos, '', 'GSSAPI')).toMatchObject({
      errorCode: ErrorCode.UNSUPPORTED_SASL_MECHANISM,
      mechanisms: ['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512'],
    })
    await kerberos.closed
    const hasty = await connect(broker)
    hasty.send(Metadata, 12, { topics: [] })
    await hasty.closed
    expect(reasons).toEqual([
      'Authentication failed: Invalid username or password',
      'Unsupported SASL mechanism GSSAPI',
      expect.stringMatching(/Metadata request refused: it came before authentication/),
    ])
    expect(await good.request(ApiVersions, 0, {})).toMatchObject({ errorCode: 0 })
    good.close()
  })

  it('waits before it tells of a failure', async () => {
    const broker = await start({
      listen: 'SASL_PLAINTEXT://127.0.0.1:0',
      users: [{ name: 'alice', password: 'secret' }],
      configs: { 'connection.failed.authentication.delay.ms': '60000' },
    })
    const client = await connect(broker)
    await client.request(SaslHandshake, 1, { mechanism: 'PLAIN' })
    client.send(SaslAuthenticate, 2, { authBytes: token('guess') })
    const other = await connect(broker)
    await login(other, 'secret')
    expect(client.answered).toEqual([1])
    client.close()
    other.close()
  })

  it('takes tokens without headers after a handshake of version 0', async () => {
    const broker = await start({
      listen: 'SASL_PLAINTEXT://127.0.0.1:0',
      users: [{ name: 'alice', password: 'secret' }],
    })
    const client = await connect(broker)
    await client.request(SaslHandshake, 0, { mechanism: 'PLAIN' })
    const bare = client.nextFrame()
    client.sendBytes(token('secret'))
    expect(await bare).toHaveLength(0)
    expect((await client.request(Metadata, 12, { topics: [] })).brokers).toHaveLength(1)
    client.close()
    const wrong = await connect(broker)
    await wrong.request(SaslHandshake, 0, { mechanism: 'PLAIN' })
    wrong.sendBytes(token('guess'))
    await wrong.closed
  })

  it('ends a session that was not renewed, and lets it be renewed', async () => {
    const broker = await start({
      listen: 'SASL_PLAINTEXT://127.0.0.1:0',
      users: [{ name: 'alice', password: 'secret' }],
      configs: { 'connections.max.reauth.ms': '100000' },
    })
    const [lazy, eager] = [await connect(broker), await connect(broker)]
    for (const client of [lazy, eager]) {
      expect(await login(client, 'secret')).toMatchObject({ sessionLifetimeMs: 100_000n })
    }
    await broker.advanceTime(100_001)
    expect(await login(eager, 'secret')).toMatchObject({ errorCode: 0 })
    expect((await eager.request(Metadata, 12, { topics: [] })).brokers).toHaveLength(1)
    lazy.send(Metadata, 12, { topics: [] })
    await lazy.closed
    eager.close()
  })

  it('refuses SASL where there is none', async () => {
    const client = await connect(await start({}))
    expect(await client.request(SaslHandshake, 1, { mechanism: 'PLAIN' })).toEqual({
      errorCode: ErrorCode.ILLEGAL_SASL_STATE,
      mechanisms: [],
    })
    expect(await client.request(SaslAuthenticate, 2, { authBytes: token('x') })).toMatchObject({
      errorCode: ErrorCode.ILLEGAL_SASL_STATE,
    })
    client.close()
  })

  it('takes no long frame from someone it does not know', async () => {
    const broker = await start({
      listen: 'SASL_PLAINTEXT://127.0.0.1:0',
      users: [{ name: 'alice', password: 'secret' }],
      configs: { 'sasl.server.max.receive.size': '1000' },
    })
    const client = await connect(broker)
    const reasons: (string | undefined)[] = []
    broker.events.on('disconnection', ({ reason }) => reasons.push(reason))
    client.sendBytes(new Uint8Array(1001))
    await client.closed
    await vi.waitFor(() => expect(reasons).toHaveLength(1))
    expect(reasons[0]).toMatch(/a frame of 1001 bytes was announced, but 1000 is the limit/)
    const known = await connect(broker)
    await login(known, 'secret')
    const topics = Array.from({ length: 100 }, (_, index) => ({ name: `absent-topic-${index}` }))
    const answer = await known.request(Metadata, 9, { topics, allowAutoTopicCreation: false })
    expect(answer.topics).toHaveLength(100)
    known.close()
  })

  it('keeps SCRAM credentials, and answers for each user', async () => {
    const storage = memoryStorage()
    const users = [{ name: 'alice', password: 'secret', mechanisms: ['SCRAM-SHA-512'] as const }]
    const listeners = [{ protocol: 'PLAINTEXT' }, { protocol: 'SASL_PLAINTEXT' }] as const
    const first = await startBroker({ storage, users, listeners })
    const client = await connect(first)
    const upsertion = (name: string, mechanism: number, iterations = 4096) => ({
      name,
      mechanism,
      iterations,
      salt: Buffer.from('salt'),
      saltedPassword: saltPassword('SCRAM-SHA-256', 'x', Buffer.from('salt'), 4096),
    })
    const { results } = await client.request(AlterUserScramCredentials, 0, {
      deletions: [
        { name: 'nobody', mechanism: 1 },
        { name: '', mechanism: 1 },
        { name: 'twice', mechanism: 3 },
      ],
      upsertions: [
        upsertion('bob', 1),
        upsertion('carol', 1),
        upsertion('carol', 2),
        upsertion('dave', 1, 4095),
        upsertion('erin', 1, 16_385),
      ],
    })
    expect(Object.fromEntries(results.map(({ user, errorCode }) => [user, errorCode]))).toEqual({
      nobody: ErrorCode.RESOURCE_NOT_FOUND,
      '': ErrorCode.UNACCEPTABLE_CREDENTIAL,
      twice: ErrorCode.UNSUPPORTED_SASL_MECHANISM,
      bob: ErrorCode.NONE,
      carol: ErrorCode.DUPLICATE_RESOURCE,
      dave: ErrorCode.UNACCEPTABLE_CREDENTIAL,
      erin: ErrorCode.UNACCEPTABLE_CREDENTIAL,
    })
    client.close()
    await first.close()
    const second = await startBroker({ storage, users, listeners })
    brokers.push(second)
    const again = await connect(second)
    const all = await again.request(DescribeUserScramCredentials, 0, { users: null })
    expect(all.results.map(({ user, credentialInfos }) => [user, credentialInfos])).toEqual([
      ['alice', [{ mechanism: 2, iterations: 4096 }]],
      ['bob', [{ mechanism: 1, iterations: 4096 }]],
    ])
    const asked = ['bob', 'bob', 'zoe'].map((name) => ({ name }))
    const some = await again.request(DescribeUserScramCredentials, 0, { users: asked })
    expect(some.results.map(({ user, errorCode }) => [user, errorCode])).toEqual([
      ['bob', ErrorCode.DUPLICATE_RESOURCE],
      ['zoe', ErrorCode.RESOURCE_NOT_FOUND],
    ])
    again.close()
  })

  it('shows itself as an older release', async () => {
    const client = await connect(await start({ release: '3.9' }))
    const { apiKeys, supportedFeatures } = await client.request(ApiVersions, 4, {
      clientSoftwareName: 'raw',
      clientSoftwareVersion: '1',
    })
    const metadata = apiKeys.find(({ apiKey }) => apiKey === Metadata.key)
    expect(metadata).toMatchObject({ minVersion: 0, maxVersion: 12 })
    expect(supportedFeatures).toMatchObject([{ name: 'metadata.version', maxVersion: 21 }])
    const newer = encodeRequest(
      ApiVersions,
      5,
      { correlationId: 9, clientId: null },
      { clientSoftwareName: 'raw', clientSoftwareVersion: '1' },
    )
    expect(await client.exchange(ApiVersions, 0, newer)).toMatchObject({
      errorCode: ErrorCode.UNSUPPORTED_VERSION,
      apiKeys: [{ apiKey: ApiVersions.key, minVersion: 0, maxVersion: 4 }],
    })
    const topics = [
      { name: 't', numPartitions: 1, replicationFactor: 1, assignments: [], configs: [] },
    ]
    expect((await client.request(CreateTopics, 7, { topics })).topics[0]?.errorCode).toBe(0)
    client.send(Metadata, 13, { topics: [] })
    await client.closed
  })
})
