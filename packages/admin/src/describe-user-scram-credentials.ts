import type { Cluster } from '@ottla/network'
import {
  BrokerError,
  DescribeUserScramCredentials,
  ErrorCode,
  KafkaError,
  type ScramMechanism,
} from '@ottla/protocol'
import type { OperationOptions } from './options.js'
import type { ItemResult } from './results.js'
import { retryItems } from './retry-items.js'

/** Kafka's numbers of the SCRAM mechanisms. */
export const scramMechanismNumbers: { readonly [Name in ScramMechanism]: number } = {
  'SCRAM-SHA-256': 1,
  'SCRAM-SHA-512': 2,
}

/** The SCRAM credentials of a user; passwords and salts are told to nobody. */
export interface UserScramCredentials extends ItemResult {
  readonly user: string
  /** Empty when there is an error. */
  readonly credentials: readonly {
    readonly mechanism: ScramMechanism
    readonly iterations: number
  }[]
}

/** See `Admin.describeUserScramCredentials`. */
export const describeUserScramCredentials = async (
  cluster: Cluster,
  users?: readonly string[],
  options: OperationOptions = {},
): Promise<UserScramCredentials[]> => {
  if (users?.length === 0) return []
  // One item: the request asks for all users, and its error is about none of them.
  const [outcome] = await retryItems<readonly string[] | null, UserScramCredentials[]>(
    cluster,
    'describing SCRAM credentials',
    [users ?? null],
    options,
    async (_, { timeoutMs, signal }) => {
      const { response, version, node } = await cluster.request(
        DescribeUserScramCredentials,
        { users: users === undefined ? null : [...new Set(users)].map((name) => ({ name })) },
        { timeoutMs, signal },
      )
      const place = { api: DescribeUserScramCredentials.name, version, node }
      const { errorCode, errorMessage: text, results } = response
      if (errorCode !== ErrorCode.NONE) return [new BrokerError(errorCode, { ...place, text })]
      const described = results.map(
        ({ user, errorCode, errorMessage: text, credentialInfos }): UserScramCredentials => ({
          user,
          credentials: credentialInfos.flatMap(({ mechanism, iterations }) => {
            const name = mechanismNames.get(mechanism)
            return name === undefined ? [] : [{ mechanism: name, iterations }]
          }),
          error:
            errorCode === ErrorCode.NONE
              ? undefined
              : new BrokerError(errorCode, { ...place, path: `user ${user}`, text }),
        }),
      )
      if (users === undefined) return [described.sort(byUser)]
      const byName = new Map(described.map((one) => [one.user, one]))
      return [users.map((user) => byName.get(user) ?? { user, credentials: [] })]
    },
  )
  if (outcome instanceof KafkaError) throw outcome
  return outcome ?? []
}

const mechanismNames = new Map<number, ScramMechanism>(
  Object.entries(scramMechanismNumbers).map(([name, number]) => [number, name as ScramMechanism]),
)

const byUser = (one: UserScramCredentials, other: UserScramCredentials): number =>
  one.user < other.user ? -1 : 1
