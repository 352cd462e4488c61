import { WireError } from '../errors.js'

/** Refuses a null that was read where the version does not allow one. */
export function presentOnRead<Value>(value: Value | null, offset: number): Value {
  if (value === null) throw new WireError({ message: 'null is not allowed here', offset })
  return value
}

/** Refuses a null to be written where the version does not allow one. */
export function presentOnWrite<Value>(value: Value | null): Value {
  if (value === null) throw new WireError({ message: 'null is not allowed here' })
  return value
}
