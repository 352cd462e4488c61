import { type Exchange, placeOf, rememberPlace } from '../client/exchange.js'
import { same } from '../match/compare.js'
import type { PathRead } from './path-read.js'

type Path = readonly (string | number)[]

/** So many elements of a list are broken one by one. */
const MOST_APART = 3

/**
 * Sees which fields of answers a rule reads, so that a fact it works out from them and compares can be broken where it
 * comes from. An answer is handed to the rule as a view of itself that notes each leaf that is read.
 */
export class ReadTracker {
  /** Leaves read since the last comparison, the latest last. */
  #recent: PathRead[] = []
  readonly #originals = new WeakMap<object, object>()

  /** A view of an answer that notes what is read of it. */
  view<Body>(exchange: Exchange, body: Body): Body {
    return typeof body === 'object' && body !== null ? this.#wrap(exchange, body, []) : body
  }

  /** What a view is a view of; any other value as it is. */
  original<Value>(value: Value): Value {
    if (typeof value !== 'object' || value === null) return value
    return (this.#originals.get(value) as Value | undefined) ?? value
  }

  /**
   * The reads that a compared fact comes from: those of the same value, or, where it was worked out from others, those of
   * the answer that was read last. Loops are left out: what they read is looked for, not compared.
   */
  take(fact: unknown): PathRead[] {
    const recent = this.#recent.filter(({ exchange }) => !exchange.polling)
    this.#recent = []
    const whole = this.original(fact)
    const parts = (Array.isArray(whole) ? whole : [whole]).map((part) => this.original(part))
    const direct = recent.filter(({ actual }) => parts.some((part) => same(part, actual)))
    const last = recent.at(-1)?.exchange
    return summed(direct.length > 0 ? direct : recent.filter(({ exchange }) => exchange === last))
  }

  /** What was read until now was compared, or is not compared at all. */
  forget(): void {
    this.#recent = []
  }

  #wrap<Value extends object>(exchange: Exchange, value: Value, path: Path): Value {
    const children = new Map<string, object>()
    const view = new Proxy(value, {
      get: (target, key) => {
        const own: unknown = Reflect.get(target, key)
        if (typeof key === 'symbol' || typeof own === 'function') return own
        if (key === 'length' && Array.isArray(target)) return own
        const step = Array.isArray(target) ? Number(key) : key
        if (typeof own !== 'object' || own === null || own instanceof Uint8Array) {
          this.#recent.push({ exchange, path: [...path, step], wanted: own, actual: own })
          return own
        }
        const child = children.get(key) ?? this.#wrap(exchange, own, [...path, step])
        children.set(key, child)
        return child
      },
    })
    this.#originals.set(view, value)
    rememberPlace(view, placeOf(value) ?? { exchange, path })
    return view
  }
}

/** Where many elements of a list were read alike, it was searched: they are broken together. */
function summed(reads: readonly PathRead[]): PathRead[] {
  const alike = new Map<string, PathRead[]>()
  for (const read of reads) {
    const key = `${read.exchange.index} ${general(read.path).join(' ')}`
    alike.set(key, [...(alike.get(key) ?? []), read])
  }
  return [...alike.values()].flatMap((group) =>
    group.length <= MOST_APART ? group : group.slice(0, 1).map(forAll),
  )
}

const general = (path: Path): Path => path.map((step) => (typeof step === 'number' ? '*' : step))

const forAll = (read: PathRead): PathRead => ({ ...read, path: general(read.path) })
