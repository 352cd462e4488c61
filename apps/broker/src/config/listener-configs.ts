import { atLeast, type ConfigDefinition, oneOf, configRow as row } from './definition.js'

/** Broker configs of listeners, connections, TLS and SASL, with Kafka's defaults. */
export const listenerConfigTable: readonly ConfigDefinition[] = [
  row(
    'advertised.listeners',
    'list',
    null,
    'Addresses that clients are told to connect to; the listeners if unset.',
  ),
  row(
    'connection.failed.authentication.delay.ms',
    'int',
    '100',
    'How long a failed authentication waits for its answer and its end.',
    atLeast(0),
  ),
  row(
    'connections.max.idle.ms',
    'long',
    '600000',
    'A connection without requests for this long is closed.',
    atLeast(1),
  ),
  row(
    'connections.max.reauth.ms',
    'long',
    '0',
    'Longest session after a SASL authentication; clients re-authenticate before its end. 0 is no limit.',
  ),
  row(
    'controller.listener.names',
    'list',
    null,
    'Listeners that are for controllers; this broker, being its own controller, opens none of them.',
  ),
  row(
    'inter.broker.listener.name',
    'string',
    null,
    'The listener that other brokers would use; it must exist.',
  ),
  row('listeners', 'list', 'PLAINTEXT://:9092', 'Addresses this broker listens on.'),
  row(
    'listener.security.protocol.map',
    'string',
    'SASL_SSL:SASL_SSL,PLAINTEXT:PLAINTEXT,SSL:SSL,SASL_PLAINTEXT:SASL_PLAINTEXT',
    'Which protocol a listener speaks, by its name.',
  ),
  row(
    'max.connections',
    'int',
    '2147483647',
    'Most connections at a time; later ones are closed at once.',
    atLeast(0),
  ),
  row(
    'max.connections.per.ip',
    'int',
    '2147483647',
    'Most connections at a time from one address.',
    atLeast(0),
  ),
  row(
    'max.connections.per.ip.overrides',
    'string',
    '',
    'Other limits for some addresses, such as 10.0.0.7:100,10.0.0.8:5.',
  ),
  row('sasl.enabled.mechanisms', 'list', 'GSSAPI', 'Mechanisms that SASL listeners offer.'),
  row(
    'sasl.jaas.config',
    'password',
    null,
    'Users of PLAIN in the form of Kafka’s login module: user_NAME="PASSWORD".',
  ),
  row(
    'sasl.server.max.receive.size',
    'int',
    '524288',
    'Longest request before authentication; a longer one ends its connection.',
  ),
  row(
    'ssl.client.auth',
    'string',
    'none',
    'Whether TLS listeners ask clients for a certificate.',
    oneOf('required', 'requested', 'none'),
  ),
  row(
    'ssl.enabled.protocols',
    'list',
    'TLSv1.2,TLSv1.3',
    'Versions of TLS.',
    oneOf('TLSv1.2', 'TLSv1.3'),
  ),
  row('ssl.key.password', 'password', null, 'Password of the private key.'),
  row('ssl.keystore.certificate.chain', 'password', null, 'Certificate of TLS listeners, as PEM.'),
  row('ssl.keystore.key', 'password', null, 'Private key of TLS listeners, as PEM.'),
  row('ssl.keystore.location', 'string', null, 'File with private key and certificate, as PEM.'),
  row('ssl.keystore.password', 'password', null, 'Password of a keystore; PEM has none.'),
  row('ssl.keystore.type', 'string', 'JKS', 'Only PEM is understood.'),
  row(
    'ssl.truststore.certificates',
    'password',
    null,
    'Certificates of the authorities that sign those of clients, as PEM.',
  ),
  row('ssl.truststore.location', 'string', null, 'File with those certificates, as PEM.'),
  row('ssl.truststore.password', 'password', null, 'Password of a truststore; PEM has none.'),
  row('ssl.truststore.type', 'string', 'JKS', 'Only PEM is understood.'),
]

/** Configs that a listener may have for itself, with `listener.name.<name>.` before the name. */
const ownOfListener: ReadonlySet<string> = new Set(
  listenerConfigTable
    .map(({ name }) => name)
    .filter((name) => /^(ssl|sasl)\.|^connections\.max\.reauth\.ms$/.test(name)),
)

/**
 * The config that a name with a listener's prefix is about: `sasl.jaas.config` of
 * `listener.name.external.plain.sasl.jaas.config`. Undefined for other names.
 */
export const baseConfigName = (name: string): string | undefined => {
  const prefix =
    /^listener\.name\.[a-z0-9_-]+\.(?:(?:plain|scram-sha-256|scram-sha-512|oauthbearer)\.)?/
  const base = name.replace(prefix, '')
  return base !== name && ownOfListener.has(base) ? base : undefined
}
