import type { AnyApi } from '../client/any-api.js'

/** The answer a fault is put into: the exchange of that number, or every one of a loop. */
export interface FaultPlace {
  readonly api: AnyApi
  readonly version: number
  /** Correlation id; undefined for all answers of loops. */
  readonly correlationId: number | undefined
}

/** One thing that a proxy does wrong. */
export interface Fault {
  /** What is done, such as `topics[0].errorCode: off by one`. */
  readonly name: string
  /** Where; undefined for every answer that `apply` takes. */
  readonly place?: FaultPlace | undefined
  /** The field it breaks, of generated ones. */
  readonly path?: readonly (string | number)[] | undefined
  /** What the matcher said that the broken value does not satisfy. */
  readonly says?: string | undefined
  /** It needs no field that a rule compares: tried on rules that compare none. */
  readonly ofWholeAnswers?: boolean
  /** Rules it is meant for, as ids or prefixes; of generated ones the rule that read the field. */
  readonly rules: readonly string[]
  /** Breaks a decoded answer; undefined where there is nothing to break. `drop` never sends it. */
  apply(answer: unknown, api: AnyApi, version: number): unknown | undefined
  /** Breaks the bytes of an answer with its correlation id in front, after it was encoded. */
  damage?(frame: Uint8Array): Uint8Array
}

/** What `apply` returns for an answer that is never sent. */
export const withheld: unique symbol = Symbol('withheld')
