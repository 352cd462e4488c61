import { WireError } from '../errors.js'
import type { CompressionName } from './codec.js'

/** A block that does not follow its codec's format. */
export const badBlock = (codec: CompressionName, what: string, cause?: unknown): WireError =>
  new WireError({ message: `the ${codec} block is malformed: ${what}`, messageName: codec, cause })

/** A block that would become larger than the caller allows. */
export const tooLarge = (codec: CompressionName, maxBytes: number): WireError =>
  new WireError({
    message: `the ${codec} block decompresses to more than the ${maxBytes} bytes allowed`,
    messageName: codec,
  })
