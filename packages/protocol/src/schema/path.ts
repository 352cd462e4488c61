import { WireError } from '../errors.js'

/**
 * A `WireError` on its way out through arrays and structs. Each adds its index or field name on the
 * way, so that paths cost nothing while all goes well; the message's codec turns it back into a
 * `WireError`.
 */
class Unwinding extends Error {
  readonly error: WireError
  path = ''

  constructor(error: WireError) {
    super(error.message)
    this.error = error
  }
}

/** Adds one step to the path of an error that passes by; other errors pass untouched. */
export function stepOut(error: unknown, step: string | number): unknown {
  if (!(error instanceof WireError) && !(error instanceof Unwinding)) return error
  const unwinding = error instanceof Unwinding ? error : new Unwinding(error)
  unwinding.path = `/${step}${unwinding.path}`
  return unwinding
}

/**
 * The final error: name and version of the message, the collected path, and the byte where decoding
 * stopped.
 */
export function placeError(
  error: unknown,
  place: { messageName: string; version: number; offset?: number | undefined },
): unknown {
  const source = error instanceof Unwinding ? error.error : error
  if (!(source instanceof WireError)) return error
  return new WireError({
    message: source.detail,
    messageName: place.messageName,
    version: place.version,
    path: error instanceof Unwinding ? error.path : '/',
    offset: source.offset ?? place.offset,
    cause: source.cause,
  })
}
