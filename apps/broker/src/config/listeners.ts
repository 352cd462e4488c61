import type { TlsServerOptions } from '@ottla/network'
import { InvalidArgumentError } from '@ottla/protocol'
import { type HostPort, parseHostPort } from '../server/address.js'
import type { BrokerConfig } from './broker-config.js'
import { listenerText, listOf } from './listener-text.js'
import { resolveTls } from './tls-config.js'

/** Kafka's security protocols with their numbers in the metadata log. */
export const securityProtocols = { PLAINTEXT: 0, SSL: 1, SASL_PLAINTEXT: 2, SASL_SSL: 3 } as const

/** What a listener speaks. */
export type SecurityProtocol = keyof typeof securityProtocols

/** Kafka's names of the mechanisms that are served. */
export const saslMechanisms = ['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512', 'OAUTHBEARER'] as const

/** An address to listen on, with all that its connections need. */
export interface ListenerConfig {
  /** In capitals, as Kafka has it. */
  readonly name: string
  readonly protocol: SecurityProtocol
  readonly host: string
  /** 0 takes a free one. */
  readonly port: number
  /** Where clients are sent to, if not to the address listened on; port 0 stands for the port that was taken. */
  readonly advertise: HostPort | undefined
  readonly tls: TlsServerOptions | undefined
  /** Empty without SASL. */
  readonly mechanisms: readonly string[]
}

/** A listener's name and address, as in `listeners` and `advertised.listeners`. */
interface NamedAddress extends HostPort {
  readonly name: string
}

/** Reads `NAME://host:port`. @throws InvalidArgumentError that names the config. */
export const parseListener = (text: string, config: string): NamedAddress => {
  const match = /^([A-Za-z0-9_.-]+):\/\/(.*)$/.exec(text)
  if (match === null) {
    throw new InvalidArgumentError(
      `${config} must be NAME://host:port, such as PLAINTEXT://127.0.0.1:9092, not ${text}`,
    )
  }
  const [, name = '', address = ''] = match
  return { name: name.toUpperCase(), ...parseHostPort(address, config) }
}

const parseListeners = (text: string | null, config: string): NamedAddress[] => {
  const listeners = listOf(text).map((each) => parseListener(each, config))
  const names = listeners.map(({ name }) => name)
  const twice = names.find((name, index) => names.indexOf(name) !== index)
  if (twice !== undefined) {
    throw new InvalidArgumentError(`${config} names the listener ${twice} twice: names must differ`)
  }
  return listeners
}

/** Which protocol each listener name speaks. */
const protocolsOf = (config: BrokerConfig): Map<string, SecurityProtocol> => {
  const protocols = new Map<string, SecurityProtocol>()
  for (const pair of listOf(config.text('listener.security.protocol.map'))) {
    const [name = '', protocol = ''] = pair.split(':')
    if (!(protocol in securityProtocols)) {
      const known = Object.keys(securityProtocols).join(', ')
      throw new InvalidArgumentError(
        `listener.security.protocol.map gives ${name} the protocol ${protocol}; known are ${known}`,
      )
    }
    protocols.set(name.toUpperCase(), protocol as SecurityProtocol)
  }
  return protocols
}

const mechanismsOf = (config: BrokerConfig, listener: string): string[] => {
  const enabled = listOf(listenerText(config, listener, 'sasl.enabled.mechanisms'))
  const served: readonly string[] = saslMechanisms
  const unknown = enabled.find((each) => !served.includes(each))
  if (unknown !== undefined) {
    throw new InvalidArgumentError(
      `sasl.enabled.mechanisms names ${unknown}, which this broker does not serve; it serves ${served.join(', ')}`,
    )
  }
  if (enabled.length === 0) {
    throw new InvalidArgumentError(
      `the listener ${listener} has no mechanism: set sasl.enabled.mechanisms`,
    )
  }
  return enabled
}

/**
 * The listeners that a configuration asks for, without those of controllers.
 * @param tlsByListener TLS given in code instead of in `ssl.*` configs.
 * @throws InvalidArgumentError that names what does not fit together.
 */
export const resolveListeners = (
  config: BrokerConfig,
  tlsByListener: ReadonlyMap<string, TlsServerOptions>,
): ListenerConfig[] => {
  const protocols = protocolsOf(config)
  const controllers = listOf(config.text('controller.listener.names')).map((each) =>
    each.toUpperCase(),
  )
  const advertised = parseListeners(config.text('advertised.listeners'), 'advertised.listeners')
  const bound = parseListeners(config.text('listeners'), 'listeners').filter(
    ({ name }) => !controllers.includes(name),
  )
  checkNames(config, bound, advertised)
  return bound.map(({ name, host, port }) => {
    const protocol = protocols.get(name)
    if (protocol === undefined) {
      throw new InvalidArgumentError(
        `no protocol is known for the listener ${name}: add ${name}:PLAINTEXT (or SSL, SASL_PLAINTEXT, SASL_SSL) to listener.security.protocol.map`,
      )
    }
    return {
      name,
      protocol,
      host,
      port,
      advertise: advertised.find((each) => each.name === name),
      tls: protocol.endsWith('SSL')
        ? (tlsByListener.get(name) ?? resolveTls(config, name))
        : undefined,
      mechanisms: protocol.startsWith('SASL') ? mechanismsOf(config, name) : [],
    }
  })
}

const checkNames = (
  config: BrokerConfig,
  bound: readonly NamedAddress[],
  advertised: readonly NamedAddress[],
): void => {
  const names = bound.map(({ name }) => name)
  if (names.length === 0) throw new InvalidArgumentError('there is no listener for clients')
  for (const { name, host } of advertised) {
    if (!names.includes(name)) {
      throw new InvalidArgumentError(
        `advertised.listeners names ${name}, which is none of the listeners ${names.join(', ')}`,
      )
    }
    if (host === '0.0.0.0' || host === '::' || host === '') {
      throw new InvalidArgumentError(
        `clients cannot connect to the address ${host || '(none)'} that is to be advertised for ${name}: name a host they can reach`,
      )
    }
  }
  const interBroker = config.text('inter.broker.listener.name')?.toUpperCase()
  if (interBroker !== undefined && !names.includes(interBroker)) {
    throw new InvalidArgumentError(
      `inter.broker.listener.name is ${interBroker}, which is none of the listeners ${names.join(', ')}`,
    )
  }
}
