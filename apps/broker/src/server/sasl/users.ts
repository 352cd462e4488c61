import { InvalidArgumentError, type ScramMechanism, scramCredential } from '@ottla/protocol'
import type { BrokerConfig } from '../../config/broker-config.js'
import { listenerText } from '../../config/listener-text.js'
import { saslMechanisms } from '../../config/listeners.js'
import type { Controller } from '../../controller/controller.js'
import type { Random } from '../../platform.js'
import { saltPassword, scramCryptoOf, scramMechanismNumber } from '../../scram.js'

/** Mechanisms that know users by their passwords. */
export type PasswordMechanism = 'PLAIN' | ScramMechanism

/** A user that the broker knows from its start on. */
export interface BrokerUser {
  readonly name: string
  readonly password: string
  /** Default: every enabled mechanism that has passwords. */
  readonly mechanisms?: readonly PasswordMechanism[] | undefined
}

const userForm = "{ name: 'alice', password: 'secret' }"

/** @throws InvalidArgumentError for what is no list, a user without name or password, or an unknown mechanism. */
export const checkUsers = (users: readonly BrokerUser[]): void => {
  if (!Array.isArray(users)) {
    throw new InvalidArgumentError(`users must be a list such as [${userForm}]`)
  }
  for (const [index, user] of users.entries()) checkUser(user, index)
}

const checkUser = (user: BrokerUser | null, index: number): void => {
  if (typeof user !== 'object' || user === null) {
    throw new InvalidArgumentError(`users[${index}] must be ${userForm}, not ${typeof user}`)
  }
  const { name, password, mechanisms = [] } = user
  if (typeof name !== 'string' || name === '') {
    const others = Object.keys(user).join(', ') || 'nothing'
    throw new InvalidArgumentError(
      `users[${index}] has no name: it has ${others}; give ${userForm}`,
    )
  }
  if (typeof password !== 'string' || password === '') {
    throw new InvalidArgumentError(`the user ${name} in users has no password`)
  }
  const known: readonly string[] = saslMechanisms.filter((each) => each !== 'OAUTHBEARER')
  const unknown = mechanisms.find((each) => !known.includes(each))
  if (unknown !== undefined) {
    throw new InvalidArgumentError(
      `the user ${name} has the mechanism ${unknown}; passwords are for ${known.join(', ')}`,
    )
  }
}

/** The passwords that PLAIN checks on a listener: those of the users, and of Kafka's login module in `sasl.jaas.config`. */
export const plainPasswords = (
  users: readonly BrokerUser[],
  config: BrokerConfig,
  listener: string,
): ReadonlyMap<string, string> => {
  const passwords = new Map<string, string>()
  const jaas =
    listenerText(config, listener, 'plain.sasl.jaas.config') ??
    listenerText(config, listener, 'sasl.jaas.config') ??
    ''
  for (const [, name = '', password = ''] of jaas.matchAll(/\buser_(\S+?)\s*=\s*"([^"]*)"/g)) {
    passwords.set(name, password)
  }
  for (const { name, password, mechanisms } of users) {
    if (mechanisms?.includes('PLAIN') ?? true) passwords.set(name, password)
  }
  return passwords
}

/** Kafka's own tools use as many. */
const iterations = 4096
const saltBytes = 24

/**
 * Puts the SCRAM credentials of users into the metadata, those whose password is not there already; a restart with the
 * same users writes nothing.
 */
export const storeScramUsers = async (
  users: readonly BrokerUser[],
  enabled: readonly string[],
  controller: Controller,
  random: Random,
): Promise<void> => {
  for (const { name, password, mechanisms } of users) {
    for (const mechanism of ['SCRAM-SHA-256', 'SCRAM-SHA-512'] as const) {
      if (!(mechanisms ?? enabled).includes(mechanism)) continue
      const number = scramMechanismNumber[mechanism]
      const stored = controller.image.scramCredentials.get(number)?.get(name)
      const salt = stored?.salt ?? random.bytes(saltBytes)
      const rounds = stored?.iterations ?? iterations
      const saltedPassword = saltPassword(mechanism, password, salt, rounds)
      const { storedKey } = scramCredential(scramCryptoOf(mechanism), saltedPassword)
      if (stored !== undefined && Buffer.compare(stored.storedKey, storedKey) === 0) continue
      const upsertion = { name, mechanism: number, iterations: rounds, salt, saltedPassword }
      await controller.alterScramCredentials([], [upsertion])
    }
  }
}
