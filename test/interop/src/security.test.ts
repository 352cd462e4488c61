import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Broker, startBroker } from '@ottla/broker'
import {
  brokerJars,
  createTopic,
  LAST_3_RELEASE,
  type RunResult,
  requires,
  run,
  runTool,
} from '@ottla-test/apache-kafka'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'

const certificates = new URL(
  '../../../packages/network/test/certificates/fixtures/',
  import.meta.url,
)
const pem = (name: string): string => readFileSync(new URL(`${name}.pem`, certificates), 'utf8')

const loginModules = {
  PLAIN: 'org.apache.kafka.common.security.plain.PlainLoginModule',
  'SCRAM-SHA-256': 'org.apache.kafka.common.security.scram.ScramLoginModule',
  'SCRAM-SHA-512': 'org.apache.kafka.common.security.scram.ScramLoginModule',
  OAUTHBEARER: 'org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule',
} as const

type Mechanism = keyof typeof loginModules
const mechanisms = Object.keys(loginModules) as Mechanism[]

/** Kafka's own clients on our TLS and SASL listeners. */
describe.runIf(requires('java', 'maven'))('Java clients', () => {
  const folder = mkdtempSync(join(tmpdir(), 'ottla-security-'))
  const stops: (() => void)[] = []
  let broker: Broker
  let open: string
  let secured: string

  beforeAll(async () => {
    broker = await startBroker({
      listeners: [
        { protocol: 'PLAINTEXT' },
        { protocol: 'SASL_SSL', tls: { key: pem('server-key'), cert: pem('server') } },
        {
          name: 'mutual',
          protocol: 'SSL',
          tls: { key: pem('server-key'), cert: pem('server'), ca: pem('ca'), requestCert: true },
        },
      ],
      users: [{ name: 'alice', password: 'secret' }],
      configs: {
        'sasl.enabled.mechanisms': mechanisms.join(','),
        'listener.name.sasl_ssl.plain.connections.max.reauth.ms': '2000',
      },
    })
    open = broker.bootstrapServers
    secured = broker.listeners[1]?.bootstrapServers ?? ''
    await createTopic(open, 'records', 1)
  })

  afterEach(() => {
    for (const stop of stops.splice(0)) stop()
  })

  afterAll(async () => {
    await broker?.close()
    rmSync(folder, { recursive: true, force: true })
  })

  /** A client's configuration as a file. */
  const properties = (name: string, lines: Record<string, string>): string => {
    const path = join(folder, `${name}.properties`)
    const all = {
      'ssl.truststore.type': 'PEM',
      'ssl.truststore.location': fileURLToPath(new URL('ca.pem', certificates)),
      ...lines,
    }
    writeFileSync(
      path,
      Object.entries(all)
        .map(([key, value]) => `${key}=${value}\n`)
        .join(''),
    )
    return path
  }

  const login = (mechanism: Mechanism, user: string, password: string): string =>
    properties(`${mechanism}-${user}-${password}`, {
      'security.protocol': 'SASL_SSL',
      'sasl.mechanism': mechanism,
      'sasl.jaas.config':
        mechanism === 'OAUTHBEARER'
          ? `${loginModules[mechanism]} required unsecuredLoginStringClaim_sub="${user}";`
          : `${loginModules[mechanism]} required username="${user}" password="${password}";`,
    })

  const produce = (address: string, config: string, input: string): Promise<RunResult> =>
    runTool('console-producer', address, ['--topic', 'records', '--command-config', config], {
      input,
      timeoutMs: 60_000,
    })

  const principals = (): Set<string> => {
    const seen = new Set<string>()
    stops.push(
      broker.events.on('request', ({ api, principal }) => {
        if (api === 'Produce') seen.add(principal)
      }),
    )
    return seen
  }

  test.each(mechanisms)('write with %s over TLS', async (mechanism) => {
    const seen = principals()
    const { stderr } = await produce(secured, login(mechanism, 'alice', 'secret'), `${mechanism}\n`)
    expect(stderr).not.toMatch(/ERROR|Exception/)
    expect([...seen]).toEqual(['User:alice'])
  })

  test('read what they wrote', async () => {
    const { stdout } = await runTool('console-consumer', secured, [
      ...['--topic', 'records', '--from-beginning', '--max-messages', '4', '--timeout-ms', '30000'],
      ...['--group', 'readers', '--command-config', login('SCRAM-SHA-512', 'alice', 'secret')],
    ])
    expect(stdout.trim().split('\n')).toEqual(mechanisms)
  })

  test('are known by their certificates', async () => {
    const seen = principals()
    const keystore = join(folder, 'client.pem')
    writeFileSync(keystore, pem('client-key') + pem('client'))
    const config = properties('mutual', {
      'security.protocol': 'SSL',
      'ssl.keystore.type': 'PEM',
      'ssl.keystore.location': keystore,
    })
    const address = broker.listeners[2]?.bootstrapServers ?? ''
    expect((await produce(address, config, 'mutual\n')).stderr).not.toMatch(/ERROR|Exception/)
    expect([...seen]).toEqual(['User:CN=trucks,OU=fleet,O=Ottla'])
  })

  test('are told what is wrong with a password', async () => {
    const { stderr } = await produce(secured, login('PLAIN', 'alice', 'guess'), 'x\n')
    expect(stderr).toContain(
      'SaslAuthenticationException: Authentication failed: Invalid username or password',
    )
    const scram = await produce(secured, login('SCRAM-SHA-256', 'alice', 'guess'), 'x\n')
    expect(scram.stderr).toContain(
      'Authentication failed during authentication due to invalid credentials with SASL mechanism SCRAM-SHA-256',
    )
  })

  test('re-authenticate before their session ends, and lose nothing', async () => {
    let handshakes = 0
    const ends: (string | undefined)[] = []
    stops.push(
      broker.events.on('request', ({ api }) => {
        if (api === 'SaslHandshake') handshakes += 1
      }),
      broker.events.on('disconnection', ({ endedByBroker, reason }) => {
        if (endedByBroker) ends.push(reason)
      }),
    )
    const { stdout } = await runTool('producer-perf', undefined, [
      ...['--topic', 'records', '--num-records', '100', '--record-size', '100'],
      ...['--throughput', '15', '--producer-props', `bootstrap.servers=${secured}`],
      ...['--command-config', login('PLAIN', 'alice', 'secret')],
    ])
    expect(stdout).toMatch(/100 records sent/)
    expect(ends).toEqual([])
    // Two connections at most are made; the rest are sessions of 2 s renewed over almost 7 s.
    expect(handshakes).toBeGreaterThan(3)
  })

  /** kafka-configs; of the last release whose jars serve it. */
  const configs = async (...args: string[]): Promise<string> => {
    const { classPath } = await brokerJars(LAST_3_RELEASE)
    const command = ['-cp', classPath, 'kafka.admin.ConfigCommand', '--bootstrap-server', open]
    return (await run('java', ['-Xmx256m', ...command, ...args])).stdout
  }

  test('set and remove SCRAM users with kafka-configs', async () => {
    const bob = ['--entity-type', 'users', '--entity-name', 'bob']
    const set = await configs('--alter', '--add-config', 'SCRAM-SHA-256=[password=pencil]', ...bob)
    expect(set).toContain('Completed updating config for user bob.')
    const config = login('SCRAM-SHA-256', 'bob', 'pencil')
    expect((await produce(secured, config, 'from bob\n')).stderr).not.toMatch(/ERROR|Exception/)
    await configs('--alter', '--delete-config', 'SCRAM-SHA-256', ...bob)
    expect((await produce(secured, config, 'x\n')).stderr).toContain('SaslAuthenticationException')
  })
})
