import type { KafkaError } from '@ottla/protocol'

/** What every result of an item has: no `error` means that it went well. */
export interface ItemResult {
  readonly error?: KafkaError | undefined
}

/** A result without error. */
export type Succeeded<Result extends ItemResult> = Result & { readonly error?: undefined }

/** Some items of an operation failed. Code `OTTLA_ADMIN`; `results` tell of each item. */
export class AdminError extends AggregateError {
  readonly code = 'OTTLA_ADMIN'
  declare readonly errors: KafkaError[]
  readonly retriable: boolean
  readonly fatal: boolean
  readonly results: readonly ItemResult[]

  constructor(errors: readonly KafkaError[], results: readonly ItemResult[]) {
    const messages = errors.map((error) => error.message).join(' | ')
    super(errors, `${errors.length} of ${results.length} items failed: ${messages}`)
    this.results = results
    this.retriable = errors.every((error) => error.retriable)
    this.fatal = errors.some((error) => error.fatal)
  }
}
Object.defineProperty(AdminError.prototype, 'name', { value: 'AdminError' })

/**
 * Gives the results back if every item succeeded: `orThrow(await admin.createTopics([…]))`.
 *
 * @throws the error of the item if one failed; AdminError if several did.
 */
export const orThrow = <Result extends ItemResult>(
  results: readonly Result[],
): readonly Succeeded<Result>[] => {
  const errors = results.flatMap(({ error }) => (error === undefined ? [] : [error]))
  if (errors.length === 1) throw errors[0]
  if (errors.length > 1) throw new AdminError(errors, results)
  return results as readonly Succeeded<Result>[]
}
