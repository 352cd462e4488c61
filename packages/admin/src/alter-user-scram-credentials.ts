import type { Cluster } from '@ottla/network'
import {
  AlterUserScramCredentials,
  BrokerError,
  ErrorCode,
  InvalidArgumentError,
  type ScramMechanism,
  scramIterationsMin,
} from '@ottla/protocol'
import { scramMechanismNumbers } from './describe-user-scram-credentials.js'
import type { OperationOptions } from './options.js'
import type { ItemResult } from './results.js'
import { resultsOf, retryItems } from './retry-items.js'
import { saltPassword } from './salt-password.js'

/** A SCRAM credential to set or to delete; of a user and a mechanism there is one. */
export type ScramCredentialAlteration =
  | {
      readonly user: string
      readonly mechanism: ScramMechanism
      /** Never leaves this process: brokers get the salted hash. */
      readonly password: string
      /** From 4096 to 16384; default 4096, as Kafka's own tools. */
      readonly iterations?: number | undefined
      /** Default: fresh random bytes. */
      readonly salt?: Uint8Array | undefined
      readonly delete?: false | undefined
    }
  | { readonly user: string; readonly mechanism: ScramMechanism; readonly delete: true }

/** What became of an alteration. */
export interface AlteredScramCredential extends ItemResult {
  readonly user: string
  readonly mechanism: ScramMechanism
}

/** Most iterations that brokers store. */
const iterationsMax = 16_384
const saltBytes = 26

/** See `Admin.alterUserScramCredentials`. */
export const alterUserScramCredentials = async (
  cluster: Cluster,
  alterations: readonly ScramCredentialAlteration[],
  options: OperationOptions = {},
): Promise<AlteredScramCredential[]> => {
  check(alterations)
  const encoded = await Promise.all(
    alterations.map((alteration) =>
      encode(alteration, () => cluster.platform.random.bytes(saltBytes)),
    ),
  )
  const outcomes = await retryItems<Encoded, AlteredScramCredential>(
    cluster,
    'altering SCRAM credentials',
    encoded,
    options,
    async (open, { timeoutMs, signal, mayBeDone }) => {
      const { response, version, node } = await cluster.request(
        AlterUserScramCredentials,
        {
          deletions: open.flatMap(({ deletion }) => deletion ?? []),
          upsertions: open.flatMap(({ upsertion }) => upsertion ?? []),
        },
        { node: 'controller', timeoutMs, signal },
      )
      const results = new Map(response.results.map((result) => [result.user, result]))
      return open.map(({ user, mechanism, deletion }) => {
        const result = results.get(user)
        const errorCode = result?.errorCode ?? ErrorCode.UNKNOWN_SERVER_ERROR
        // When the answer to an earlier attempt got lost, that attempt is who deleted it.
        const isGone = errorCode === ErrorCode.RESOURCE_NOT_FOUND && deletion !== undefined
        if (errorCode === ErrorCode.NONE || (mayBeDone && isGone)) return { user, mechanism }
        const place = { api: AlterUserScramCredentials.name, version, node, path: `user ${user}` }
        return new BrokerError(errorCode, { ...place, text: result?.errorMessage })
      })
    },
  )
  return resultsOf(alterations, outcomes, ({ user, mechanism }, error) => ({
    user,
    mechanism,
    error,
  }))
}

interface Encoded {
  readonly user: string
  readonly mechanism: ScramMechanism
  readonly deletion?: { readonly name: string; readonly mechanism: number }
  readonly upsertion?: {
    readonly name: string
    readonly mechanism: number
    readonly iterations: number
    readonly salt: Uint8Array
    readonly saltedPassword: Uint8Array
  }
}

const encode = async (
  alteration: ScramCredentialAlteration,
  freshSalt: () => Uint8Array,
): Promise<Encoded> => {
  const { user, mechanism } = alteration
  const names = { name: user, mechanism: scramMechanismNumbers[mechanism] }
  if (alteration.delete === true) return { user, mechanism, deletion: names }
  const { password, iterations = scramIterationsMin, salt = freshSalt() } = alteration
  const saltedPassword = await saltPassword(mechanism, password, salt, iterations)
  return { user, mechanism, upsertion: { ...names, iterations, salt, saltedPassword } }
}

const check = (alterations: readonly ScramCredentialAlteration[]): void => {
  const seen = new Set<string>()
  for (const alteration of alterations) {
    const { user, mechanism } = alteration
    const refuse = (what: string): never => {
      throw new InvalidArgumentError(
        `the SCRAM credential of user ${JSON.stringify(user)}: ${what}`,
      )
    }
    if (typeof user !== 'string' || user === '') refuse('the user must be a non-empty string')
    if (!Object.hasOwn(scramMechanismNumbers, mechanism)) {
      const known = Object.keys(scramMechanismNumbers).join(' or ')
      refuse(`the mechanism is ${known}, not ${mechanism}`)
    }
    if (seen.has(`${mechanism} ${user}`)) refuse(`${mechanism} appears twice`)
    seen.add(`${mechanism} ${user}`)
    if (alteration.delete === true) continue
    const { password, iterations = scramIterationsMin } = alteration
    if (typeof password !== 'string' || password === '') refuse('it needs a password')
    const isInRange = iterations >= scramIterationsMin && iterations <= iterationsMax
    if (!Number.isInteger(iterations) || !isInRange) {
      refuse(`iterations must be from ${scramIterationsMin} to ${iterationsMax}, not ${iterations}`)
    }
  }
}
