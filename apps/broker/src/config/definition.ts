import { ErrorCode } from '@ottla/protocol'
import { refusal } from '../errors.js'

/** Kafka's config types with their numbers in DescribeConfigs responses. */
export const configTypes = {
  boolean: 1,
  string: 2,
  int: 3,
  short: 4,
  long: 5,
  double: 6,
  list: 7,
  password: 9,
} as const

/** The type of a config's value. */
export type ConfigType = keyof typeof configTypes

/** One row of a config table. Values are kept as Kafka keeps them: as text. */
export interface ConfigDefinition {
  readonly name: string
  readonly type: ConfigType
  /** Text of the default; null where Kafka has none. */
  readonly default: string | null
  readonly doc: string
  readonly check?: ConfigCheck | undefined
  /** Not described unless it is set. */
  readonly isInternal?: boolean | undefined
  /**
   * Configs of topics and groups only: the broker configs that set the default, strongest first, each with the factor
   * that turns its unit into the config's.
   */
  readonly synonyms?: readonly ConfigSynonym[] | undefined
}

/** A row of a table, in the order in which one reads it. */
export const configRow = (
  name: string,
  type: ConfigType,
  defaultText: string | null,
  doc: string,
  check?: ConfigCheck,
): ConfigDefinition => ({ name, type, default: defaultText, doc, check })

/** Checks a parsed value: what is wrong with it, or undefined. */
export type ConfigCheck = (value: ConfigValue) => Complaint | undefined

/** What is wrong with a value: a sentence, and if it is about a part of the value, that part; or the whole message. */
export type Complaint =
  | string
  | { readonly value: string; readonly reason: string }
  | { readonly message: string }

/** A broker config that stands in for a config of a topic or a group. */
export interface ConfigSynonym {
  readonly name: string
  /** 60,000 for minutes where the topic config is in milliseconds; 1 if absent. */
  readonly factor?: number | undefined
}

/** A config's value after parsing; `long` beyond 2^53 loses digits, which only "for ever" values do. */
export type ConfigValue = boolean | number | string | readonly string[]

const invalid = (name: string, value: string, reason: string): Error =>
  refusal(ErrorCode.INVALID_CONFIG, `Invalid value ${value} for configuration ${name}: ${reason}`)

const integerLimits = {
  short: 2n ** 15n,
  int: 2n ** 31n,
  long: 2n ** 63n,
} as const

const parseInteger = (type: keyof typeof integerLimits, text: string): number | undefined => {
  if (!/^[+-]?\d{1,19}$/.test(text)) return undefined
  const value = BigInt(text.startsWith('+') ? text.slice(1) : text)
  const limit = integerLimits[type]
  return value >= -limit && value < limit ? Number(value) : undefined
}

const parsers: Record<ConfigType, (text: string) => ConfigValue | string> = {
  boolean: (text) => {
    const lower = text.toLowerCase()
    return lower === 'true' ? true : lower === 'false' ? false : text
  },
  string: (text) => text,
  password: (text) => text,
  short: (text) => parseInteger('short', text) ?? text,
  int: (text) => parseInteger('int', text) ?? text,
  long: (text) => parseInteger('long', text) ?? text,
  double: (text) => (text === '' || Number.isNaN(Number(text)) ? text : Number(text)),
  list: (text) => (text === '' ? [] : text.split(/\s*,\s*/)),
}

/**
 * Parses and checks one value with Kafka's own rules and words.
 * @throws BrokerError INVALID_CONFIG
 */
export const parseConfig = (definition: ConfigDefinition, value: string): ConfigValue => {
  const { name, type, check } = definition
  const parsed = parsers[type](value.trim())
  if (type !== 'string' && type !== 'password' && typeof parsed === 'string') {
    const reason =
      type === 'boolean'
        ? 'Expected value to be either true or false'
        : `Not a number of type ${type.toUpperCase()}`
    throw invalid(name, value, reason)
  }
  const complaint = check?.(parsed)
  if (complaint === undefined) return parsed
  if (typeof complaint === 'object' && 'message' in complaint) {
    throw refusal(ErrorCode.INVALID_CONFIG, complaint.message)
  }
  if (typeof complaint === 'object') throw invalid(name, complaint.value, complaint.reason)
  throw invalid(name, shown(type, parsed, value), complaint)
}

/** A value as Kafka writes it once it has understood it: without spaces around it, and in a list nothing twice. */
export const canonicalText = ({ type }: ConfigDefinition, value: string): string => {
  const parsed = parsers[type](value.trim())
  if (typeof parsed === 'object') return [...new Set(parsed)].join(',')
  const isInteger = typeof parsed === 'number' && type !== 'double'
  return isInteger ? BigInt(value.trim()).toString() : shown(type, parsed, value.trim())
}

const shown = (type: ConfigType, parsed: ConfigValue, text: string): string =>
  type === 'double' && Number.isInteger(parsed) ? `${parsed}.0` : text

/** A number of at least `min`. */
export const atLeast =
  (min: number) =>
  (value: ConfigValue): string | undefined =>
    (value as number) < min ? `Value must be at least ${min}` : undefined

/** A number from `min` to `max`. */
export const between =
  (min: number, max: number) =>
  (value: ConfigValue): string | undefined => {
    if ((value as number) < min) return `Value must be at least ${min}`
    return (value as number) > max ? `Value must be no more than ${max}` : undefined
  }

/** One of these strings; for a list, each element. */
export const oneOf =
  (...allowed: readonly string[]) =>
  (value: ConfigValue): Complaint | undefined => {
    const values = typeof value === 'object' ? value : [String(value)]
    const bad = values.find((each) => !allowed.includes(each))
    return bad === undefined
      ? undefined
      : { value: bad, reason: `String must be one of: ${allowed.join(', ')}` }
  }

/** A list that has no empty element. */
export const noneEmpty =
  (name: string) =>
  (value: ConfigValue): Complaint | undefined =>
    (value as readonly string[]).includes('')
      ? { message: `Configuration '${name}' values must not be empty.` }
      : undefined

/** Finds a definition by name in a table. */
export const indexByName = (
  table: readonly ConfigDefinition[],
): ReadonlyMap<string, ConfigDefinition> => new Map(table.map((row) => [row.name, row]))
