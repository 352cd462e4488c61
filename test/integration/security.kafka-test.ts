import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { type ClientOptions, Cluster, clientOptions } from '@ottla/network'
import type { KafkaError } from '@ottla/protocol'
import {
  type ApacheKafka,
  listenerOf,
  requires,
  startApacheKafka,
  userOf,
} from '@ottla-test/apache-kafka'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

requires('java')

/** An unsecured token (alg none), as Kafka's validator for tests takes it. */
const tokenFor = (subject: string, lifetimeMs = 3_600_000): string => {
  const nowS = Date.now() / 1000
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')
  return `${part({ alg: 'none' })}.${part({ sub: subject, iat: nowS, exp: nowS + lifetimeMs / 1000 })}.`
}

let kafka: ApacheKafka
const clusters: Cluster[] = []

/** A client of one of the listeners. */
const clusterOf = (listener: string, options: Partial<ClientOptions>): Cluster => {
  const { bootstrapServers } = listenerOf(kafka, listener)
  const cluster = new Cluster(clientOptions.resolve({ bootstrapServers, ...options }))
  clusters.push(cluster)
  return cluster
}

/** How a client gets on that only wants metadata. */
const outcome = async (listener: string, options: Partial<ClientOptions>): Promise<string> => {
  try {
    await clusterOf(listener, { defaultApiTimeoutMs: 3000, ...options }).refreshMetadata({
      topics: [],
      timeoutMs: 3000,
    })
    return 'in'
  } catch (error) {
    const { code, message } = error as KafkaError
    return `${code}: ${message}`
  }
}

/** The user whose password has what a configuration may trip over. */
const trucks = () => {
  const { username, password } = userOf(kafka, 'trucks')
  return { username, password }
}
const ca = () => kafka.certificates?.ca ?? ''

beforeAll(async () => {
  kafka = await startApacheKafka({ profile: 'security' })
}, 180_000)

afterAll(async () => {
  await Promise.all(clusters.map((cluster) => cluster.close()))
  await kafka?.[Symbol.asyncDispose]()
})

describe('TLS with Apache Kafka', () => {
  test('lets in who shows a certificate and trusts the broker, and says what the others lack', async () => {
    expect(await outcome('MUTUAL', { tls: { ...kafka.certificates } })).toBe('in')
    expect(await outcome('MUTUAL', { tls: { ca: ca() } })).toMatch(
      /^OTTLA_AUTHENTICATION_TLS: .*tls\.cert and tls\.key/,
    )
    expect(await outcome('SSL', { tls: true })).toMatch(/^OTTLA_AUTHENTICATION_TLS: .*tls\.ca/)
  })

  test('names the option when one side speaks plain text', async () => {
    expect(await outcome('PLAINTEXT', { tls: true })).toMatch(/leave out the option tls/)
    expect(await outcome('SSL', {})).toMatch(/option tls/)
  })
})

describe('SASL with Apache Kafka', () => {
  test.each(['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512'] as const)('%s', async (mechanism) => {
    expect(await outcome('SASL_SSL', { tls: { ca: ca() }, sasl: { mechanism, ...trucks() } })).toBe(
      'in',
    )
    const wrong = { mechanism, username: 'trucks', password: 'wrong' }
    expect(await outcome('SASL_SSL', { tls: { ca: ca() }, sasl: wrong })).toMatch(
      new RegExp(`^OTTLA_AUTHENTICATION: .*refuses the credentials of SASL/${mechanism}`),
    )
  })

  test('OAUTHBEARER', async () => {
    const by = (value: string) =>
      outcome('SASL_SSL', {
        tls: { ca: ca() },
        sasl: { mechanism: 'OAUTHBEARER', token: () => ({ value }) },
      })
    expect(await by(tokenFor('trucks'))).toBe('in')
    expect(await by(tokenFor('trucks', -3_600_000))).toMatch(
      /^OTTLA_AUTHENTICATION: .*OAUTHBEARER token: invalid_token/,
    )
  })

  test('names what is offered, and says when SASL is missing or not wanted', async () => {
    const sasl = { mechanism: 'SCRAM-SHA-256', ...trucks() } as const
    expect(await outcome('RENEWAL', { sasl })).toMatch(/it offers PLAIN/)
    expect(await outcome('PLAINTEXT', { sasl })).toMatch(/leave out the option sasl/)
    expect(await outcome('SASL_PLAINTEXT', {})).toMatch(/set the option sasl/)
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
    const sasl = { mechanism: 'PLAIN', ...trucks() } as const
    const cluster = clusterOf('RENEWAL', { clientId, sasl })
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
