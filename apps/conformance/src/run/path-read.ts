import type { Exchange } from '../client/exchange.js'
import type { Read } from '../match/compare.js'

/** A place in an answer that a rule compared: what a generated fault breaks. */
export interface PathRead extends Read {
  readonly exchange: Exchange
}
