import { InvalidArgumentError } from '@ottla/protocol'
import type { ListenerConfig } from '../../config/listeners.js'

/** Who could come in on the SASL listeners of a broker. */
export interface Access {
  /** Users in the options. */
  readonly users: number
  /** Whether there are SCRAM credentials in the metadata. */
  readonly hasStored: boolean
  /** Passwords of PLAIN on a listener. */
  readonly plainUsers: (listener: string) => number
}

/**
 * Refuses users whom no listener asks for, and listeners that nobody could ever pass.
 * @throws InvalidArgumentError
 */
export const checkAccess = (listeners: readonly ListenerConfig[], access: Access): void => {
  const secured = listeners.filter(({ mechanisms }) => mechanisms.length > 0)
  if (secured.length === 0 && access.users > 0) {
    throw new InvalidArgumentError(
      'there are users, but no listener asks for them: add a listener SASL_PLAINTEXT or SASL_SSL, or leave the users out',
    )
  }
  // Where one listener lets in, SCRAM users of the others can still be added through it.
  if (secured.length < listeners.length || access.hasStored) return
  const isPassable = secured.some(
    ({ name, mechanisms }) =>
      mechanisms.includes('OAUTHBEARER') ||
      (mechanisms.includes('PLAIN') && access.plainUsers(name) > 0),
  )
  if (isPassable) return
  throw new InvalidArgumentError(
    `the listener ${secured[0]?.name} asks for a user, and there is none: give users, each with name and password`,
  )
}
