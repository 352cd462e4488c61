import { ErrorCode, ZERO_UUID } from '@ottla/protocol'
import { anyCodec, type Field } from '@ottla/protocol/registry'
import { same } from '../match/compare.js'
import { Matcher } from '../match/matcher.js'

type Path = readonly (string | number)[]

/** A way to break a value. */
export interface Mutation {
  readonly kind:
    | 'dropped'
    | 'emptied'
    | 'off by one'
    | 'another value'
    | 'outside'
    | 'leaked'
    | 'one more'
  /** The broken value. */
  readonly value: unknown
}

/**
 * The faults that the schema offers for a value: dropped (null, else the default), emptied, off by one, another of an
 * enumeration. Only those a rule can notice: for a matcher, values that it must not take.
 */
export function mutationsOf(
  actual: unknown,
  wanted: unknown,
  field: Field | undefined,
): Mutation[] {
  if (wanted instanceof Matcher) {
    return wanted.breakWith(actual).map((value) => ({ kind: 'outside', value }))
  }
  const all: Mutation[] = [...dropped(field), ...emptied(actual, field), ...shifted(actual)]
  const different = all.filter(({ value }) => !same(value, actual))
  return different.filter(
    ({ value }, index) => different.findIndex((other) => same(other.value, value)) === index,
  )
}

function dropped(field: Field | undefined): Mutation[] {
  if (field === undefined) return []
  const nullable = anyCodec(field.codec).kind === 'nullable'
  return [{ kind: 'dropped', value: nullable ? null : field.absent() }]
}

function emptied(actual: unknown, field: Field | undefined): Mutation[] {
  if (field?.codec.kind === 'uuid') return [{ kind: 'emptied', value: ZERO_UUID }]
  if (typeof actual === 'string') return [{ kind: 'emptied', value: '' }]
  if (Array.isArray(actual)) return [{ kind: 'emptied', value: [] }]
  return actual instanceof Uint8Array ? [{ kind: 'emptied', value: new Uint8Array(0) }] : []
}

function shifted(actual: unknown): Mutation[] {
  if (typeof actual === 'bigint') {
    return [actual - 1n, actual + 1n].map((value) => ({ kind: 'off by one', value }))
  }
  if (typeof actual === 'number') {
    return [actual + 1, actual - 1].map((value) => ({ kind: 'off by one', value }))
  }
  if (typeof actual === 'boolean') return [{ kind: 'another value', value: !actual }]
  return []
}

/** For error codes: another that there is, which is what a broker with a wrong branch would send. */
export function otherError(actual: unknown, wanted: unknown): Mutation[] {
  const others: number[] = [
    ErrorCode.NONE,
    ErrorCode.UNKNOWN_SERVER_ERROR,
    ErrorCode.INVALID_REQUEST,
  ]
  const takes = (value: number) =>
    wanted instanceof Matcher ? wanted.matches(value) : value === actual
  const value = others.find((code) => code !== actual && !takes(code))
  return value === undefined ? [] : [{ kind: 'another value', value }]
}

/** A copy with another value at a path, where `*` is every element of a list; undefined where the path leads nowhere. */
export function replaceAt(root: unknown, path: Path, value: unknown): unknown {
  const [step, ...rest] = path
  if (step === undefined) return value
  if (step === '*' && Array.isArray(root)) {
    return root.map((one) => replaceAt(one, rest, value) ?? one)
  }
  if (typeof root !== 'object' || root === null || !(step in root)) return undefined
  const own = replaceAt((root as Record<string | number, unknown>)[step], rest, value)
  if (own === undefined) return undefined
  if (Array.isArray(root)) return root.map((one, index) => (index === step ? own : one))
  return { ...root, [step]: own }
}
