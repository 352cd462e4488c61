import type { Matcher } from './matcher.js'

/** What {@link containing}, {@link inAnyOrder} and {@link lacking} make: a pattern for lists. */
export class ListPattern {
  readonly kind: 'containing' | 'inAnyOrder' | 'lacking'
  readonly elements: readonly unknown[]

  constructor(kind: ListPattern['kind'], elements: readonly unknown[]) {
    this.kind = kind
    this.elements = elements
  }
}

/** A part of an answer: structs by the fields that matter, lists whole, leaves as values or matchers. */
export type Pattern<Value> =
  | Matcher
  | (Value extends Uint8Array
      ? Uint8Array
      : Value extends readonly (infer Element)[]
        ? readonly Pattern<Element>[] | ListPattern
        : Value extends object
          ? { readonly [Key in keyof Value]?: Pattern<Value[Key]> }
          : Value)

/** A list with at least these elements, in any order. */
export function containing(...elements: readonly unknown[]): ListPattern {
  return new ListPattern('containing', elements)
}

/** A list with exactly these elements, in any order. */
export function inAnyOrder(...elements: readonly unknown[]): ListPattern {
  return new ListPattern('inAnyOrder', elements)
}

/** A list without any element like these. */
export function lacking(...elements: readonly unknown[]): ListPattern {
  return new ListPattern('lacking', elements)
}
