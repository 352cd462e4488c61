import type { TlsServerOptions } from '@ottla/network'
import { InvalidArgumentError } from '@ottla/protocol'
import { readText } from '../platform.js'
import type { BrokerConfig } from './broker-config.js'
import { listenerText, listOf } from './listener-text.js'

/**
 * TLS of a listener as Kafka's `ssl.*` configs describe it, in PEM (KIP-651).
 * @throws InvalidArgumentError where key or certificate are missing, come in another form than PEM, or with the password
 * of a store, which PEM does not have.
 */
export const resolveTls = (config: BrokerConfig, listener: string): TlsServerOptions => {
  const text = (name: string): string | undefined =>
    listenerText(config, listener, name) ?? undefined
  const pem = (store: 'keystore' | 'truststore', inline: string): string | undefined => {
    const location = text(`ssl.${store}.location`)
    const type = text(`ssl.${store}.type`)
    if (text(inline) === undefined && location === undefined) return undefined
    if (type !== 'PEM') {
      throw new InvalidArgumentError(
        `ssl.${store}.type is ${type}, but only PEM is understood: convert the ${store} and set ssl.${store}.type=PEM`,
      )
    }
    if (text(`ssl.${store}.password`) !== undefined) {
      throw new InvalidArgumentError(
        `ssl.${store}.password must not be set: a ${store} in PEM has no password, only a key may have one (ssl.key.password)`,
      )
    }
    return text(inline) ?? readText(location ?? '')
  }
  const cert = pem('keystore', 'ssl.keystore.certificate.chain')
  const key = pem('keystore', 'ssl.keystore.key')
  if (cert === undefined || key === undefined) {
    throw new InvalidArgumentError(
      `the listener ${listener} speaks TLS and has no key and certificate: give its option tls { key, cert }, or ssl.keystore.type=PEM with ssl.keystore.key and ssl.keystore.certificate.chain`,
    )
  }
  const clientAuth = text('ssl.client.auth')
  const versions = listOf(text('ssl.enabled.protocols') ?? null)
  return {
    cert,
    key,
    ca: pem('truststore', 'ssl.truststore.certificates'),
    passphrase: text('ssl.key.password'),
    requestCert: clientAuth !== 'none',
    rejectUnauthorized: clientAuth === 'required',
    minVersion: versions.includes('TLSv1.2') ? 'TLSv1.2' : 'TLSv1.3',
    maxVersion: versions.includes('TLSv1.3') ? 'TLSv1.3' : 'TLSv1.2',
  }
}
