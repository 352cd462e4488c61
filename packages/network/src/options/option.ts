import { InvalidArgumentError } from '@ottla/protocol'
import { show } from './show.js'

/**
 * One row of an options table: how a value is checked, what it becomes, and what stands in when it is left out.
 * `Input` is what the application writes, `Value` what the code gets.
 */
export interface Option<Input, Value, Required extends boolean> {
  /** What a value looks like, for error messages and documentation: `an integer from 1 to 10`. */
  readonly expected: string
  /** What the option does, one or two sentences. */
  readonly doc: string
  readonly required: Required
  /** The value when the option is left out (absent when required). */
  readonly default?: Value
  /** What other Kafka clients call this option; who uses such a name is told this one. */
  readonly aliases?: readonly string[] | undefined
  /** Checks and converts; undefined means refused. May throw InvalidArgumentError to say which part is wrong. */
  readonly read: (input: unknown) => Value | undefined
  /** Never set; carries `Input` for inference. */
  readonly input?: Input
}

interface Described {
  readonly doc: string
  /** What other Kafka clients call it. */
  readonly aliases?: readonly string[]
}

/** A row that may be left out and then is `defaultValue`. */
interface Optional<Value> extends Described {
  readonly default: Value
}

interface Range {
  readonly min?: number
  readonly max?: number
}

const describeRange = (kind: string, { min, max }: Range): string => {
  if (min !== undefined && max !== undefined) return `${kind} from ${min} to ${max}`
  if (min !== undefined) return `${kind} of at least ${min}`
  return max === undefined ? kind : `${kind} of at most ${max}`
}

const numberIn =
  ({ min = -Infinity, max = Infinity }: Range, accept: (value: number) => boolean) =>
  (input: unknown): number | undefined =>
    typeof input === 'number' && accept(input) && input >= min && input <= max ? input : undefined

/** The kinds of options. Each takes the documentation, and a default unless the option is required. */
export const option = {
  /** A whole number; durations end in `Ms`, sizes in `Bytes` or are named as Kafka names them. */
  integer: (row: Optional<number> & Range): Option<number, number, false> => ({
    expected: describeRange('an integer', row),
    doc: row.doc,
    aliases: row.aliases,
    required: false,
    default: row.default,
    read: numberIn(row, Number.isSafeInteger),
  }),

  /** Any finite number. */
  number: (row: Optional<number> & Range): Option<number, number, false> => ({
    expected: describeRange('a number', row),
    doc: row.doc,
    aliases: row.aliases,
    required: false,
    default: row.default,
    read: numberIn(row, Number.isFinite),
  }),

  boolean: (row: Optional<boolean>): Option<boolean, boolean, false> => ({
    expected: 'true or false',
    doc: row.doc,
    aliases: row.aliases,
    required: false,
    default: row.default,
    read: (input) => (typeof input === 'boolean' ? input : undefined),
  }),

  /** A non-empty string; the default may be undefined. */
  string: <const D extends string | undefined>(
    row: Optional<D>,
  ): Option<string, string | D, false> => ({
    expected: 'a non-empty string',
    doc: row.doc,
    aliases: row.aliases,
    required: false,
    default: row.default,
    read: (input) => (typeof input === 'string' && input !== '' ? input : undefined),
  }),

  /** A non-empty string that must be given. */
  requiredString: (row: Described): Option<string, string, true> => ({
    expected: 'a non-empty string',
    doc: row.doc,
    aliases: row.aliases,
    required: true,
    read: (input) => (typeof input === 'string' && input !== '' ? input : undefined),
  }),

  /** One of a few strings or numbers. */
  choice: <const C extends string | number>(
    row: Optional<NoInfer<C>> & { readonly choices: readonly C[] },
  ): Option<C, C, false> => ({
    expected: `one of ${row.choices.map((choice) => show(choice)).join(', ')}`,
    doc: row.doc,
    aliases: row.aliases,
    required: false,
    default: row.default,
    read: (input) => row.choices.find((choice) => choice === input),
  }),

  /** A value of another type, checked and converted by `read`; undefined refuses it. */
  value: <Input, Value>(
    row: Optional<Value> & {
      readonly expected: string
      readonly read: (input: unknown) => Value | undefined
    },
  ): Option<Input, Value, false> => ({ ...row, required: false }),

  /** As `value`, and must be given. */
  requiredValue: <Input, Value>(
    row: Described & {
      readonly expected: string
      readonly read: (input: unknown) => Value | undefined
    },
  ): Option<Input, Value, true> => ({ ...row, required: true }),
} as const

/** Any row. */
export type AnyOption = Option<unknown, unknown, boolean>

/** The error for a value that an option refuses. */
export const refuseOption = (
  owner: string,
  name: string,
  row: AnyOption,
  input: unknown,
): InvalidArgumentError =>
  new InvalidArgumentError(
    `${owner} option ${name} must be ${row.expected}, not ${show(input)}. ${row.doc}`,
  )
