import { isDeepStrictEqual } from 'node:util'
import { KafkaError } from '@ottla/protocol'

/** What an input has broken. */
export class BrokenProperty extends Error {
  override readonly name = 'BrokenProperty'
}

/** Says what is broken if it is. */
export function must(holds: boolean, otherwise: () => string): asserts holds {
  if (!holds) throw new BrokenProperty(otherwise())
}

/** Both are the same in every part. */
export function mustEqual(actual: unknown, expected: unknown, what: string): void {
  must(
    isDeepStrictEqual(actual, expected),
    () => `${what}: ${text(actual)} is not ${text(expected)}`,
  )
}

/** The value, or undefined where it was refused as it may be: with an error of ours. Any other error is the property broken. */
export function valueOrRefusal<Value>(read: () => Value): Value | undefined {
  try {
    return read()
  } catch (error) {
    if (error instanceof KafkaError) return undefined
    throw error
  }
}

const text = (value: unknown): string => {
  const whole = JSON.stringify(value, (_, inner) => {
    if (typeof inner === 'bigint') return `${inner}n`
    return Number.isNaN(inner) ? 'NaN' : inner
  })
  return whole.length > 400 ? `${whole.slice(0, 400)}…` : whole
}
