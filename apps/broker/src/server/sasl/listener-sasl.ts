import { InvalidArgumentError, type ScramMechanism } from '@ottla/protocol'
import { listenerText } from '../../config/listener-text.js'
import type { ListenerConfig } from '../../config/listeners.js'
import { scramMechanismNumber } from '../../scram.js'
import type { BrokerServices } from '../../services.js'
import type { SaslOptions } from './authenticator.js'
import { OauthBearerExchange, type ValidateToken } from './oauthbearer-exchange.js'
import { PlainExchange } from './plain-exchange.js'
import { ScramExchange } from './scram-exchange.js'
import { readUnsecuredToken } from './unsecured-token.js'
import { type BrokerUser, plainPasswords } from './users.js'

/** 18 bytes of chance are 24 characters without padding. */
const nonceBytes = 18

/** What SASL means on a listener; undefined on one without it. Users set later, through the admin API, count at once. */
export const listenerSasl = (
  broker: BrokerServices,
  { name, mechanisms }: ListenerConfig,
  users: readonly BrokerUser[],
  validateToken: ValidateToken | undefined,
): SaslOptions | undefined => {
  if (mechanisms.length === 0) return undefined
  const { config, random } = broker
  const passwords = plainPasswords(users, config, name)
  const scram = (mechanism: ScramMechanism): ScramExchange =>
    new ScramExchange({
      mechanism,
      serverNonce: Buffer.from(random.bytes(nonceBytes)).toString('base64'),
      credentialOf: (user) =>
        broker.image.scramCredentials.get(scramMechanismNumber[mechanism])?.get(user),
    })
  const validate = validateToken ?? ((token, { nowMs }) => readUnsecuredToken(token, nowMs))
  const maxReauthMs = (mechanism: string): number => {
    const prefixed = `${mechanism.toLowerCase()}.connections.max.reauth.ms`
    const text =
      listenerText(config, name, prefixed) ??
      listenerText(config, name, 'connections.max.reauth.ms')
    return Number(text)
  }
  return {
    mechanisms,
    maxReauthMs,
    begin: (mechanism) => {
      switch (mechanism) {
        case 'PLAIN':
          return new PlainExchange((user) => passwords.get(user))
        case 'SCRAM-SHA-256':
        case 'SCRAM-SHA-512':
          return scram(mechanism)
        case 'OAUTHBEARER':
          return new OauthBearerExchange(validate, broker.clock)
        default:
          throw new InvalidArgumentError(`no such SASL mechanism: ${mechanism}`)
      }
    },
  }
}
