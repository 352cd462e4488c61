import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { readFileSync } from 'node:fs'
import { type ClientOptions, Cluster, clientOptions, systemPlatform } from '@ottla/network'
import { AlterUserScramCredentials, type KafkaError, scramMechanisms } from '@ottla/protocol'
import { type ApacheKafka, freePorts, requires, startApacheKafka } from '@ottla-test/apache-kafka'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

requires('java')

const pem = (name: string): string =>
  readFileSync(
    new URL(`../../packages/network/test/certificates/fixtures/${name}.pem`, import.meta.url),
    'utf8',
  )
/** A properties file holds line ends as `\n`. */
const inline = (name: string): string => pem(name).trim().replaceAll('\n', '\\n')

const user = { username: 'trucks', password: 'secret, with = and "' }
const plainModule = 'org.apache.kafka.common.security.plain.PlainLoginModule required'
const scramModule = 'org.apache.kafka.common.security.scram.ScramLoginModule required;'
const tokenModule = 'org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule required;'

/** An unsecured token (alg none), as Kafka's validator for tests takes it. */
const tokenFor = (subject: string, lifetimeMs = 3_600_000): string => {
  const nowS = Date.now() / 1000
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')
  return `${part({ alg: 'none' })}.${part({ sub: subject, iat: nowS, exp: nowS + lifetimeMs / 1000 })}.`
}

let kafka: ApacheKafka
let sslPort = 0
let saslPort = 0
let renewalPort = 0
const clusters: Cluster[] = []

const clusterOf = (port: number, options: Partial<ClientOptions>): Cluster => {
  const cluster = new Cluster(
    clientOptions.resolve({ bootstrapServers: `localhost:${port}`, ...options }),
  )
  clusters.push(cluster)
  return cluster
}

/** How a client gets on that only wants metadata. */
const outcome = async (port: number, options: Partial<ClientOptions>): Promise<string> => {
  try {
    await clusterOf(port, { defaultApiTimeoutMs: 3000, ...options }).refreshMetadata({
      topics: [],
      timeoutMs: 3000,
    })
    return 'in'
  } catch (error) {
    const { code, message } = error as KafkaError
    return `${code}: ${message}`
  }
}

beforeAll(async () => {
  const ports = await freePorts(3)
  ;[sslPort = 0, saslPort = 0, renewalPort = 0] = ports
  const listeners = [
    'PLAINTEXT://127.0.0.1:{port}',
    `TLS://127.0.0.1:${sslPort}`,
    `SASL://127.0.0.1:${saslPort}`,
    `RENEWAL://127.0.0.1:${renewalPort}`,
  ]
  const keystore = (listener: string) => ({
    [`listener.name.${listener}.ssl.keystore.type`]: 'PEM',
    [`listener.name.${listener}.ssl.keystore.certificate.chain`]: inline('server'),
    [`listener.name.${listener}.ssl.keystore.key`]: inline('server-key'),
  })
  const escaped = user.password.replaceAll('"', '\\\\"')
  kafka = await startApacheKafka({
    configs: {
      listeners: `${listeners.join(',')},CONTROLLER://127.0.0.1:{controllerPort}`,
      'advertised.listeners': listeners.join(',').replaceAll('127.0.0.1', 'localhost'),
      'listener.security.protocol.map':
        'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,TLS:SSL,SASL:SASL_SSL,RENEWAL:SASL_PLAINTEXT',
      ...keystore('tls'),
      ...keystore('sasl'),
      'listener.name.tls.ssl.client.auth': 'required',
      'listener.name.tls.ssl.truststore.type': 'PEM',
      'listener.name.tls.ssl.truststore.certificates': inline('ca'),
      'listener.name.sasl.sasl.enabled.mechanisms': 'PLAIN,SCRAM-SHA-256,SCRAM-SHA-512,OAUTHBEARER',
      'listener.name.sasl.plain.sasl.jaas.config': `${plainModule} user_trucks="${escaped}";`,
      'listener.name.sasl.scram-sha-256.sasl.jaas.config': scramModule,
      'listener.name.sasl.scram-sha-512.sasl.jaas.config': scramModule,
      'listener.name.sasl.oauthbearer.sasl.jaas.config': tokenModule,
      'listener.name.renewal.sasl.enabled.mechanisms': 'PLAIN',
      'listener.name.renewal.plain.sasl.jaas.config': `${plainModule} user_trucks="${escaped}";`,
      'listener.name.renewal.plain.connections.max.reauth.ms': 2000,
    },
  })
  const admin = clusterOf(Number(kafka.nodes[0]?.address.split(':')[1]), {})
  const salt = Buffer.from('a salt for trucks')
  for (const [mechanism, number] of [
    ['SCRAM-SHA-256', 1],
    ['SCRAM-SHA-512', 2],
  ] as const) {
    const { hash, keyBytes } = scramMechanisms[mechanism]
    const input = { salt, iterations: 8192, keyBytes }
    const saltedPassword = await systemPlatform.crypto.pbkdf2(hash, user.password, input)
    const upsertion = {
      name: user.username,
      mechanism: number,
      iterations: 8192,
      salt,
      saltedPassword,
    }
    // Kafka takes one mechanism of a user at a time.
    const { response } = await admin.request(
      AlterUserScramCredentials,
      { deletions: [], upsertions: [upsertion] },
      { node: 'controller' },
    )
    expect(response.results.map(({ errorCode }) => errorCode)).toEqual([0])
  }
}, 180_000)

afterAll(async () => {
  await Promise.all(clusters.map((cluster) => cluster.close()))
  await kafka?.[Symbol.asyncDispose]()
})

describe('TLS with Apache Kafka', () => {
  test('lets in who shows a certificate and trusts the broker, and says what the others lack', async () => {
    const pair = { cert: pem('client'), key: pem('client-key') }
    expect(await outcome(sslPort, { tls: { ca: pem('ca'), ...pair } })).toBe('in')
    expect(await outcome(sslPort, { tls: { ca: pem('ca') } })).toMatch(
      /^OTTLA_AUTHENTICATION_TLS: .*tls\.cert and tls\.key/,
    )
    expect(await outcome(sslPort, { tls: true })).toMatch(/^OTTLA_AUTHENTICATION_TLS: .*tls\.ca/)
  })

  test('names the option when one side speaks plain text', async () => {
    const plain = Number(kafka.nodes[0]?.address.split(':')[1])
    expect(await outcome(plain, { tls: true })).toMatch(/leave out the option tls/)
    expect(await outcome(sslPort, {})).toMatch(/option tls/)
  })
})

describe('SASL with Apache Kafka', () => {
  const tls = { ca: pem('ca') }

  test.each(['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512'] as const)('%s', async (mechanism) => {
    expect(await outcome(saslPort, { tls, sasl: { mechanism, ...user } })).toBe('in')
    const wrong = { mechanism, username: user.username, password: 'wrong' }
    expect(await outcome(saslPort, { tls, sasl: wrong })).toMatch(
      new RegExp(`^OTTLA_AUTHENTICATION: .*refuses the credentials of SASL/${mechanism}`),
    )
  })

  test('OAUTHBEARER', async () => {
    const by = (value: string) =>
      outcome(saslPort, { tls, sasl: { mechanism: 'OAUTHBEARER', token: () => ({ value }) } })
    expect(await by(tokenFor('trucks'))).toBe('in')
    expect(await by(tokenFor('trucks', -3_600_000))).toMatch(
      /^OTTLA_AUTHENTICATION: .*OAUTHBEARER token: invalid_token/,
    )
  })

  test('names what is offered, and says when SASL is missing or not wanted', async () => {
    const sasl = { mechanism: 'SCRAM-SHA-256', ...user } as const
    expect(await outcome(renewalPort, { sasl })).toMatch(/it offers PLAIN/)
    expect(await outcome(Number(kafka.nodes[0]?.address.split(':')[1]), { sasl })).toMatch(
      /leave out the option sasl/,
    )
    expect(await outcome(renewalPort, {})).toMatch(/set the option sasl/)
  })

  test('authenticates again on the same connection while requests are pipelined', async () => {
    let renewals = 0
    let failures = 0
    const onRenewal = (event: unknown): void => {
      if ((event as { isAgain: boolean }).isAgain) renewals++
    }
    const clientId = 'renewing'
    const onFailure = (event: unknown): void => {
      if ((event as { clientId: string }).clientId === clientId) failures++
    }
    const sasl = { mechanism: 'PLAIN', ...user } as const
    const cluster = clusterOf(renewalPort, { clientId, sasl })
    await cluster.connect()
    subscribe('ottla:connection:authenticated', onRenewal)
    subscribe('ottla:connection:close', onFailure)
    while (renewals < 2) {
      await Promise.all(Array.from({ length: 20 }, () => cluster.refreshMetadata({ topics: [] })))
    }
    unsubscribe('ottla:connection:authenticated', onRenewal)
    unsubscribe('ottla:connection:close', onFailure)
    expect(failures).toBe(0)
  })
})
