/** A leaf of a pattern that more than one value satisfies. */
export class Matcher {
  /** Completes "expected …". */
  readonly says: string
  readonly matches: (actual: unknown) => boolean
  /**
   * Values near the actual one that do not satisfy it, for generated faults; empty when every value
   * would do.
   */
  readonly breakWith: (actual: unknown) => readonly unknown[]

  constructor(
    says: string,
    matches: (actual: unknown) => boolean,
    breakWith: (actual: unknown) => readonly unknown[],
  ) {
    this.says = says
    this.matches = matches
    this.breakWith = breakWith
  }
}

/** Null, nothing, or an empty text, list or bytes. */
export const isEmpty = (value: unknown): boolean =>
  value === null ||
  value === undefined ||
  value === '' ||
  ((Array.isArray(value) || value instanceof Uint8Array) && value.length === 0)

const emptied = (value: unknown) => {
  if (typeof value === 'string') return ['']
  if (Array.isArray(value)) return [[]]
  return value instanceof Uint8Array ? [new Uint8Array(0)] : []
}

/** Any value: says that the rule does not care. */
export const anything: Matcher = new Matcher(
  'anything',
  () => true,
  () => [],
)

/** A text, list or bytes with something in it. */
export const nonEmpty: Matcher = new Matcher('something not empty', (a) => !isEmpty(a), emptied)

/** Null, nothing, or an empty text, list or bytes. */
export const absent: Matcher = new Matcher('nothing', isEmpty, (actual) =>
  typeof actual === 'string' || actual === null ? ['there'] : [],
)

/** A number, or a bigint for int64 fields, of `least` and more. */
export function atLeast(least: number | bigint): Matcher {
  return new Matcher(
    `at least ${least}`,
    (actual) => (typeof actual === 'number' || typeof actual === 'bigint') && actual >= least,
    (actual) => [typeof actual === 'bigint' ? BigInt(least) - 1n : Number(least) - 1],
  )
}

/** A number or bigint of `least` to `most`, both included. */
export function between(least: number | bigint, most: number | bigint): Matcher {
  return new Matcher(
    `${least} to ${most}`,
    (actual) =>
      (typeof actual === 'number' || typeof actual === 'bigint') &&
      actual >= least &&
      actual <= most,
    (actual) =>
      typeof actual === 'bigint'
        ? [BigInt(least) - 1n, BigInt(most) + 1n]
        : [Number(least) - 1, Number(most) + 1],
  )
}

/** One of these values. */
export function oneOf(...values: readonly (string | number | bigint | boolean | null)[]): Matcher {
  const other = (actual: unknown): readonly unknown[] => {
    if (typeof actual === 'number') return [Math.max(...values.map(Number)) + 1]
    if (typeof actual === 'bigint')
      return [values.reduce<bigint>((a, b) => (BigInt(b ?? 0) > a ? BigInt(b ?? 0) : a), 0n) + 1n]
    return typeof actual === 'string' ? [`${actual}-not`] : []
  }
  return new Matcher(
    `one of ${values.map(String).join(', ')}`,
    (a) => values.includes(a as never),
    other,
  )
}

/** Any value but these. */
export function noneOf(...values: readonly (string | number | bigint | boolean | null)[]): Matcher {
  return new Matcher(
    `none of ${values.map(String).join(', ')}`,
    (actual) => !values.includes(actual as never),
    (actual) => values.filter((value) => typeof value === typeof actual),
  )
}

/** A text that a regular expression finds something in. */
export function text(pattern: RegExp): Matcher {
  return new Matcher(
    `text like ${pattern}`,
    (a) => typeof a === 'string' && pattern.test(a),
    () => ['', '\u0000'].filter((value) => !pattern.test(value)).slice(0, 1),
  )
}

/** A value that a function of the rule accepts. */
export function satisfying(says: string, matches: (actual: never) => boolean): Matcher {
  const test = matches as (actual: unknown) => boolean
  const near = (actual: unknown): readonly unknown[] => {
    if (typeof actual === 'number') return [actual - 1, actual + 1, 0, -1]
    if (typeof actual === 'bigint') return [actual - 1n, actual + 1n, 0n, -1n]
    return emptied(actual)
  }
  return new Matcher(says, test, (actual) =>
    near(actual)
      .filter((value) => !test(value))
      .slice(0, 1),
  )
}
