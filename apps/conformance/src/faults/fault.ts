import type { AnyApi } from '../client/any-api.js'

/** The answers that a fault is put into: of one request, or of every request of a loop. */
export interface FaultPlace {
  readonly api: AnyApi
  readonly version: number
  /** The only one; undefined for a loop. */
  readonly correlationId?: number | undefined
  /** Its number. */
  readonly loop?: number | undefined
}

/** Changes all texts inside of a value. */
export type Rename = (value: unknown) => unknown

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
  /** Each rule that it is tried on has to notice; else one of them is enough. */
  readonly isForEveryRule?: boolean
  /** Rules it is meant for, as ids or prefixes; of generated ones the rule that read the field. */
  readonly rules: readonly string[]
  /** A connection that the broker closes stays open to the rule. */
  readonly keepsOpen?: boolean
  /**
   * Breaks a decoded answer; `named` turns names of the execution that it was made of into those of this one. Undefined where there is nothing to break, {@link withheld} for one that
   * is never sent.
   */
  apply(answer: unknown, api: AnyApi, named: Rename): unknown | undefined
  /** Breaks the bytes of an answer with its correlation id in front, after it was encoded. */
  damage?(frame: Uint8Array): Uint8Array
  /** Changes a decoded request, so that the broker does something else than it was asked; undefined leaves it. */
  applyToRequest?(request: unknown, api: AnyApi): unknown | undefined
}

/** What `apply` returns for an answer that is never sent. */
export const withheld: unique symbol = Symbol('withheld')
