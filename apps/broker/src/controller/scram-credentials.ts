import { ErrorCode, scramCredential, scramIterationsMin } from '@ottla/protocol'
import { noError } from '../errors.js'
import type { MetadataImage } from '../image/image.js'
import type { MetadataRecordInput } from '../image/metadata-record.js'
import { type ScramMechanismNumber, scramCryptoOf, scramMechanismNumbers } from '../scram.js'

/** A credential to remove. */
export interface ScramDeletion {
  readonly name: string
  /** Kafka's number: 1 SCRAM-SHA-256, 2 SCRAM-SHA-512. */
  readonly mechanism: number
}

/** A credential to set: the client has salted the password, so the broker never sees it (KIP-554). */
export interface ScramUpsertion extends ScramDeletion {
  readonly iterations: number
  readonly salt: Uint8Array
  readonly saltedPassword: Uint8Array
}

/** What became of a user's change. */
export interface ScramResult {
  readonly user: string
  readonly errorCode: number
  readonly errorMessage: string | null
}

/** Kafka stores no credential of more; one would keep every login busy. */
const iterationsMax = 16_384

const alteredTwice: Omit<ScramResult, 'user'> = {
  errorCode: ErrorCode.DUPLICATE_RESOURCE,
  errorMessage: 'A user credential cannot be altered twice in the same request',
}

const isMechanism = (mechanism: number): mechanism is ScramMechanismNumber =>
  mechanism in scramMechanismNumbers

/** The records of a change, and a result per user; a user that is named twice fails as a whole. */
export const planScramChanges = (
  image: MetadataImage,
  deletions: readonly ScramDeletion[],
  upsertions: readonly ScramUpsertion[],
): { readonly records: MetadataRecordInput[]; readonly results: ScramResult[] } => {
  const planned = new Map<string, MetadataRecordInput | Omit<ScramResult, 'user'>>()
  const plan = (name: string, one: () => MetadataRecordInput | Omit<ScramResult, 'user'>): void => {
    const earlier = planned.get(name)
    if (earlier === undefined) planned.set(name, one())
    else if ('type' in earlier) planned.set(name, alteredTwice)
  }
  for (const deletion of deletions) plan(deletion.name, () => planDeletion(image, deletion))
  for (const upsertion of upsertions) plan(upsertion.name, () => planUpsertion(upsertion))
  const records: MetadataRecordInput[] = []
  const results: ScramResult[] = []
  for (const [user, outcome] of planned) {
    if ('type' in outcome) {
      records.push(outcome)
      results.push({ user, ...noError })
    } else results.push({ user, ...outcome })
  }
  return { records, results }
}

const refuse = (errorCode: number, errorMessage: string): Omit<ScramResult, 'user'> => ({
  errorCode,
  errorMessage,
})

const checkUser = ({ name, mechanism }: ScramDeletion): Omit<ScramResult, 'user'> | undefined => {
  if (name === '') return refuse(ErrorCode.UNACCEPTABLE_CREDENTIAL, 'Username must not be empty')
  if (isMechanism(mechanism)) return undefined
  return refuse(ErrorCode.UNSUPPORTED_SASL_MECHANISM, 'Unknown SCRAM mechanism')
}

const planDeletion = (
  image: MetadataImage,
  deletion: ScramDeletion,
): MetadataRecordInput | Omit<ScramResult, 'user'> => {
  const { name, mechanism } = deletion
  const complaint = checkUser(deletion)
  if (complaint !== undefined) return complaint
  if (!image.scramCredentials.get(mechanism)?.has(name)) {
    const text = 'Attempt to delete a user credential that does not exist'
    return refuse(ErrorCode.RESOURCE_NOT_FOUND, text)
  }
  return { type: 'RemoveUserScramCredentialRecord', value: { name, mechanism } }
}

const planUpsertion = (
  upsertion: ScramUpsertion,
): MetadataRecordInput | Omit<ScramResult, 'user'> => {
  const { name, mechanism, iterations, salt, saltedPassword } = upsertion
  const complaint = checkUser(upsertion)
  if (complaint !== undefined) return complaint
  if (iterations < scramIterationsMin) {
    return refuse(ErrorCode.UNACCEPTABLE_CREDENTIAL, 'Too few iterations')
  }
  if (iterations > iterationsMax) {
    return refuse(ErrorCode.UNACCEPTABLE_CREDENTIAL, 'Too many iterations')
  }
  const crypto = scramCryptoOf(scramMechanismNumbers[mechanism as ScramMechanismNumber])
  const { storedKey, serverKey } = scramCredential(crypto, saltedPassword)
  return {
    type: 'UserScramCredentialRecord',
    value: { name, mechanism, salt, storedKey, serverKey, iterations },
  }
}
