import { pbkdf2Sync, randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'

/** How a listener is protected, by Kafka's names. */
export type SecurityProtocol = 'PLAINTEXT' | 'SSL' | 'SASL_PLAINTEXT' | 'SASL_SSL'

/** A listener that a profile adds. */
export interface ListenerKind {
  readonly name: string
  readonly protocol: SecurityProtocol
  /** SASL mechanisms it offers; none without SASL. */
  readonly mechanisms: readonly string[]
  /** Whether clients have to show a certificate. */
  readonly needsCertificate: boolean
  /** After how long a client has to authenticate again; 0 is never. */
  readonly maxReauthMs: number
}

/** A listener of one node. */
export interface PlacedListener extends ListenerKind {
  readonly port: number
}

const MECHANISMS = ['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512', 'OAUTHBEARER']
const SCRAM = { 'SCRAM-SHA-256': ['sha256', 32], 'SCRAM-SHA-512': ['sha512', 64] } as const
const SCRAM_ITERATIONS = 4096

const listener = (
  name: string,
  protocol: SecurityProtocol,
  more: Partial<ListenerKind> = {},
): ListenerKind => ({
  name,
  protocol,
  mechanisms: protocol.startsWith('SASL') ? MECHANISMS : [],
  needsCertificate: false,
  maxReauthMs: 0,
  ...more,
})

/** The plain listener that every cluster has. */
export const PLAINTEXT: ListenerKind = listener('PLAINTEXT', 'PLAINTEXT')

/**
 * What the profile `security` adds. `MUTUAL` wants a client's certificate, `RENEWAL` (PLAIN
 * only) another authentication every 2 s.
 */
export const SECURITY_LISTENERS = [
  listener('SSL', 'SSL'),
  listener('MUTUAL', 'SSL', { needsCertificate: true }),
  listener('SASL_PLAINTEXT', 'SASL_PLAINTEXT'),
  listener('SASL_SSL', 'SASL_SSL'),
  listener('RENEWAL', 'SASL_PLAINTEXT', { mechanisms: ['PLAIN'], maxReauthMs: 2000 }),
] as const

/** Somebody who may log in with PLAIN and SCRAM. */
export interface TargetUser {
  readonly username: string
  readonly password: string
  /** Whether ACLs do not hold for it. */
  readonly isSuper: boolean
}

/** The users of the profile `security`; a password with what a configuration file may trip over is among them. */
export const SECURITY_USERS: readonly TargetUser[] = [
  { username: 'admin', password: 'admin-secret', isSuper: true },
  { username: 'alice', password: 'alice-secret', isSuper: false },
  { username: 'trucks', password: 'secret, with = and "', isSuper: false },
]

/** Certificates as PEM text. */
export interface TargetCertificates {
  /** The authority that signed the brokers' and the client's. */
  readonly ca: string
  /** A client's certificate, of `CN=trucks,OU=fleet,O=Ottla`, and its key. */
  readonly cert: string
  readonly key: string
}

/** Where the certificates are, made by `packages/network/test/certificates/make.sh`; brokers are `localhost` and `127.0.0.1`. */
export const certificateFile = (
  name: 'ca' | 'server' | 'server-key' | 'client' | 'client-key',
): URL =>
  new URL(`../../../packages/network/test/certificates/fixtures/${name}.pem`, import.meta.url)

const pem = (name: Parameters<typeof certificateFile>[0]): string =>
  readFileSync(certificateFile(name), 'utf8')

/** What a client needs to speak to the listeners with TLS. */
export function targetCertificates(): TargetCertificates {
  return { ca: pem('ca'), cert: pem('client'), key: pem('client-key') }
}

const supers = SECURITY_USERS.filter(({ isSuper }) => isSuper)

/** ACLs, for all but super users; the plain listener and the brokers among themselves are anonymous. */
export const SECURITY_SETTINGS: Readonly<Record<string, string>> = {
  'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
  'super.users': ['ANONYMOUS', ...supers.map((user) => user.username)]
    .map((name) => `User:${name}`)
    .join(';'),
  'delegation.token.secret.key': 'a key for tests',
}

const module = (path: string, options = ''): string =>
  `org.apache.kafka.common.security.${path} required${options};`

/** JAAS wants a quote in a value escaped. */
const plainUsers = SECURITY_USERS.map(
  ({ username, password }) => ` user_${username}="${password.replaceAll('"', '\\"')}"`,
).join('')

const LOGIN_MODULES: Readonly<Record<string, string>> = {
  PLAIN: module('plain.PlainLoginModule', plainUsers),
  'SCRAM-SHA-256': module('scram.ScramLoginModule'),
  'SCRAM-SHA-512': module('scram.ScramLoginModule'),
  OAUTHBEARER: module('oauthbearer.OAuthBearerLoginModule'),
}

/** The settings of one listener, each with the prefix that makes it the listener's own. */
function ownSettings({ name, protocol, ...kind }: ListenerKind): [string, string][] {
  const settings: [string, string][] = []
  if (protocol.endsWith('SSL')) {
    settings.push(
      ['ssl.keystore.type', 'PEM'],
      ['ssl.keystore.certificate.chain', pem('server').trim()],
      ['ssl.keystore.key', pem('server-key').trim()],
      ['ssl.truststore.type', 'PEM'],
      ['ssl.truststore.certificates', pem('ca').trim()],
      ['ssl.client.auth', kind.needsCertificate ? 'required' : 'none'],
    )
  }
  if (kind.mechanisms.length > 0) {
    settings.push(['sasl.enabled.mechanisms', kind.mechanisms.join(',')])
  }
  for (const mechanism of kind.mechanisms) {
    const prefix = mechanism.toLowerCase()
    settings.push([`${prefix}.sasl.jaas.config`, LOGIN_MODULES[mechanism] ?? ''])
    if (kind.maxReauthMs > 0) {
      settings.push([`${prefix}.connections.max.reauth.ms`, String(kind.maxReauthMs)])
    }
  }
  return settings.map(([key, value]) => [`listener.name.${name.toLowerCase()}.${key}`, value])
}

/** Where a node's clients find it, in Kafka's settings; ours takes them, too. */
export function listenerSettings(listeners: readonly PlacedListener[]): Record<string, string> {
  const addresses = listeners.map(({ name, port }) => `${name}://127.0.0.1:${port}`).join(',')
  return {
    listeners: addresses,
    'advertised.listeners': addresses,
    'listener.security.protocol.map': listeners
      .map(({ name, protocol }) => `${name}:${protocol}`)
      .join(','),
    ...Object.fromEntries(listeners.flatMap(ownSettings)),
  }
}

/** Arguments of kafka-storage that give every user its SCRAM credentials; salted here, so that any password will do. */
export function scramArguments(): string[] {
  return SECURITY_USERS.flatMap(({ username, password }) =>
    Object.entries(SCRAM).flatMap(([mechanism, [hash, bytes]]) => {
      const salt = randomBytes(16)
      const salted = pbkdf2Sync(password, salt, SCRAM_ITERATIONS, bytes, hash)
      const secret = `salt="${salt.toString('base64')}",saltedpassword="${salted.toString('base64')}"`
      return [
        '--add-scram',
        `${mechanism}=[name=${username},iterations=${SCRAM_ITERATIONS},${secret}]`,
      ]
    }),
  )
}
