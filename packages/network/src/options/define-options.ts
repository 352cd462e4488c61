import { InvalidArgumentError } from '@ottla/protocol'
import { nearestName } from './nearest-name.js'
import { type AnyOption, type Option, refuseOption } from './option.js'

/** A table of options: one row per option. */
export interface OptionTable {
  readonly [name: string]: AnyOption
}

type InputOf<Row> = Row extends Option<infer Input, infer _Value, boolean> ? Input : never
type ValueOf<Row> = Row extends Option<infer _Input, infer Value, boolean> ? Value : never
type RequiredNames<Table> = {
  [Name in keyof Table]: Table[Name] extends { readonly required: true } ? Name : never
}[keyof Table]

/** What the application may write for a table: required rows required, the rest optional. */
export type OptionsInput<Table> = {
  readonly [Name in keyof Table as Name extends RequiredNames<Table> ? Name : never]: InputOf<
    Table[Name]
  >
} & {
  readonly [Name in keyof Table as Name extends RequiredNames<Table> ? never : Name]?:
    | InputOf<Table[Name]>
    | undefined
}

/** What the code gets from a table: every option present, checked and converted. */
export type ResolvedOptions<Table> = { readonly [Name in keyof Table]: ValueOf<Table[Name]> }

/** A table with the function that checks an application's options against it. */
export interface OptionsDefinition<Table> {
  /** Who takes these options, for error messages: `Producer`. */
  readonly owner: string
  readonly table: Table
  /**
   * Checks every value, fills in defaults.
   *
   * @throws InvalidArgumentError: an unknown name (with the nearest known one), a missing or a refused value (with what
   * is expected).
   */
  resolve(input: OptionsInput<Table>): ResolvedOptions<Table>
}

/**
 * Defines the options of one class. A package extends another's table by spreading it:
 * `defineOptions('Producer', { ...clientOptions.table, lingerMs: option.integer({ … }) })`.
 */
export const defineOptions = <const Table extends OptionTable>(
  owner: string,
  table: Table,
): OptionsDefinition<Table> => ({
  owner,
  table,
  resolve: (input) => resolveOptions(owner, table, input) as ResolvedOptions<Table>,
})

const resolveOptions = (owner: string, table: OptionTable, input: unknown): object => {
  if (typeof input !== 'object' || input === null || Array.isArray(input)) {
    throw new InvalidArgumentError(
      `${owner} takes an object of options, such as { ${Object.keys(table)[0]}: … }`,
    )
  }
  for (const name of Object.keys(input)) {
    if (!Object.hasOwn(table, name)) throw unknownOption(owner, name, table)
  }
  const resolved: Record<string, unknown> = {}
  for (const [name, row] of Object.entries(table)) {
    resolved[name] = resolveOption(owner, name, row, (input as Record<string, unknown>)[name])
  }
  return resolved
}

const resolveOption = (owner: string, name: string, row: AnyOption, given: unknown): unknown => {
  if (given === undefined) {
    if (!row.required) return row.default
    throw new InvalidArgumentError(`${owner} needs the option ${name}: ${row.expected}. ${row.doc}`)
  }
  const value = row.read(given)
  if (value === undefined) throw refuseOption(owner, name, row, given)
  return value
}

const notYet = 'it is not supported yet'
const logging =
  'set NODE_DEBUG=ottla in the environment to see what happens, or listen on the diagnostics channels ottla:*'

/** What to say of options of other Kafka clients that have no counterpart here. */
const absent: Readonly<Record<string, string>> = {
  transactionalId: notYet,
  groupProtocol: notYet,
  retry:
    'what can be tried again is, until its time limit is over, with pauses from retryBackoffMs to retryBackoffMaxMs; ' +
    'handlers of a consumer are tried again by run({ retry, deadLetter })',
  logLevel: logging,
  logCreator: logging,
}

const unknownOption = (owner: string, name: string, table: OptionTable): InvalidArgumentError => {
  const why = Object.hasOwn(absent, name) ? absent[name] : undefined
  if (why !== undefined) {
    return new InvalidArgumentError(`${owner} has no option ${name}: ${why}.`)
  }
  const known = Object.keys(table)
  const aliased = known.find((candidate) => table[candidate]?.aliases?.includes(name))
  const nearest = aliased ?? nearestName(name, known)
  const hint =
    nearest === undefined ? `Known are: ${known.join(', ')}.` : `Did you mean ${nearest}?`
  return new InvalidArgumentError(`${owner} has no option ${name}. ${hint}`)
}
