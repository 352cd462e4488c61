import { InvalidArgumentError } from '@ottla/protocol'
import { nearestName } from './nearest-name.js'
import { show } from './show.js'

/** Mechanisms that prove a user by a password. */
export type PasswordMechanism = 'PLAIN' | 'SCRAM-SHA-256' | 'SCRAM-SHA-512'

/** A user and the password. */
export interface SaslCredentials {
  readonly username: string
  readonly password: string
}

/** An access token for OAUTHBEARER. */
export interface OauthToken {
  /** The token as the identity provider gave it. */
  readonly value: string
  /** How long it is good from now on. When given, the token serves all connections made in the first 80 % of that time. */
  readonly lifetimeMs?: number | undefined
  /** SASL extensions (KIP-342), such as `logicalCluster`. */
  readonly extensions?: Readonly<Record<string, string>> | undefined
}

/** What a callback of `SaslOptions` gets. */
export interface SaslCallbackOptions {
  /** Aborts when the connection that needs the answer is given up. */
  readonly signal: AbortSignal
}

type OrLowerCase<T extends string> = T | Lowercase<T>
type MaybePromise<T> = T | Promise<T>

/** How a client proves who it is. Names of mechanisms may be written in lower case. */
export type SaslOptions =
  | {
      readonly mechanism: OrLowerCase<PasswordMechanism>
      readonly username: string
      readonly password: string
    }
  | {
      readonly mechanism: OrLowerCase<PasswordMechanism>
      /** Asked for each connection and each re-authentication, so that a password can change. */
      readonly credentials: (options: SaslCallbackOptions) => MaybePromise<SaslCredentials>
    }
  | {
      readonly mechanism: OrLowerCase<'OAUTHBEARER'>
      /** Asked for each connection and each re-authentication (see `OauthToken.lifetimeMs`). */
      readonly token: (options: SaslCallbackOptions) => MaybePromise<OauthToken>
    }

/** `SaslOptions`, checked. */
export type ResolvedSasl =
  | {
      readonly mechanism: PasswordMechanism
      readonly credentials: (options: SaslCallbackOptions) => MaybePromise<SaslCredentials>
    }
  | {
      readonly mechanism: 'OAUTHBEARER'
      readonly token: (options: SaslCallbackOptions) => MaybePromise<OauthToken>
    }

const passwordMechanisms: readonly PasswordMechanism[] = ['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512']
const mechanisms: readonly string[] = [...passwordMechanisms, 'OAUTHBEARER']

const refuse = (message: string): never => {
  throw new InvalidArgumentError(message)
}

/**
 * Checks the option `sasl`; undefined when it is no object.
 *
 * @throws InvalidArgumentError that says which part is wrong (never showing a password).
 */
export const readSasl = (input: unknown): ResolvedSasl | undefined => {
  if (typeof input !== 'object' || input === null || Array.isArray(input)) return undefined
  const { mechanism, username, password, credentials, token } = input as Record<string, unknown>
  const wanted = typeof mechanism === 'string' ? mechanism.toUpperCase() : undefined
  if (wanted === undefined || !mechanisms.includes(wanted)) {
    return refuse(`sasl.mechanism must be one of ${mechanisms.join(', ')}, not ${show(mechanism)}`)
  }
  if (wanted === 'OAUTHBEARER') {
    checkNames(input, ['mechanism', 'token'])
    if (!isCallback<OauthToken>(token)) {
      return refuse(
        'sasl.token must be a function that returns (a promise of) { value, lifetimeMs? }, for OAUTHBEARER',
      )
    }
    return { mechanism: wanted, token }
  }
  checkNames(input, ['mechanism', 'username', 'password', 'credentials'])
  const chosen = wanted as PasswordMechanism
  if (credentials !== undefined) {
    if (!isCallback<SaslCredentials>(credentials)) {
      return refuse('sasl.credentials must be a function that returns { username, password }')
    }
    return { mechanism: chosen, credentials }
  }
  if (typeof username !== 'string' || username === '') {
    return refuse(`sasl.username must be a non-empty string for ${chosen}, not ${show(username)}`)
  }
  if (typeof password !== 'string') {
    return refuse(`sasl.password must be a string for ${chosen}; is its environment variable set?`)
  }
  const known = { username, password }
  return { mechanism: chosen, credentials: () => known }
}

const isCallback = <T>(
  value: unknown,
): value is (options: SaslCallbackOptions) => MaybePromise<T> => typeof value === 'function'

const checkNames = (input: object, known: readonly string[]): void => {
  for (const name of Object.keys(input)) {
    if (known.includes(name)) continue
    const nearest = nearestName(name, known)
    const hint =
      nearest === undefined ? `Known are: ${known.join(', ')}.` : `Did you mean ${nearest}?`
    refuse(`sasl has no ${name} with this mechanism. ${hint}`)
  }
}
