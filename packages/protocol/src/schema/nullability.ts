import { WireError } from '../errors.js'

/** What a reader makes of a null: null, or an error where the version does not allow it. */
export function nullOnRead(allowed: boolean, offset: number): null {
  if (allowed) return null
  throw new WireError({ message: 'null is not allowed here', offset })
}

/** Refuses to write a null where the version does not allow it. */
export function nullOnWrite(allowed: boolean): void {
  if (!allowed) throw new WireError({ message: 'null is not allowed here' })
}
