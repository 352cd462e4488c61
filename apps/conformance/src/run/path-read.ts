import type { Exchange } from '../client/exchange.js'
import type { Read } from '../match/compare.js'

type Path = readonly (string | number)[]

/** A place in an answer that a rule compared: what a generated fault breaks. */
export interface PathRead extends Read {
  readonly exchange: Exchange
}

/** A list of more elements is not the same list in every run: where one is in it may change. */
export const MOST_APART = 3

/** What was read of a part of an answer, for the same part in other runs: `*` is any element of a long list. */
export function placed(read: Read, part: Path, exchange: Exchange): PathRead {
  let value = exchange.response
  const own = part.map((step) => {
    const isLong = Array.isArray(value) && value.length > MOST_APART
    value = (value as Readonly<Record<string | number, unknown>> | undefined)?.[step]
    return isLong ? '*' : step
  })
  return { ...read, exchange, path: [...own, ...read.path.slice(part.length)] }
}
