import { type Exchange, placeOf, rememberPlace } from '../client/exchange.js'
import { loopOf } from '../client/recorder.js'
import { same } from '../match/compare.js'
import { isEmpty } from '../match/matcher.js'
import { MOST_APART, type PathRead } from './path-read.js'

type Path = readonly (string | number)[]

/**
 * Sees which fields of answers a rule reads, so that a fact it works out from them and compares can be broken where it
 * comes from. An answer is handed to the rule as a view of itself that notes each leaf that is read.
 */
export class ReadTracker {
  /** Leaves read since the last comparison, the latest last. */
  #recent: PathRead[] = []
  /** Those of the answer read last that were read before that: several facts may be taken of it at once. */
  #before: PathRead[] = []
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

  /** The reads that a compared fact comes from. What was read until now was compared. */
  take(fact: unknown): PathRead[] {
    const whole = this.original(fact)
    const parts = (Array.isArray(whole) ? whole : [whole]).map((part) => this.original(part))
    const found = readsOf(parts, this.#recent, this.#before)
    this.forget()
    return summed(found)
  }

  /** What was read until now was compared, or is not compared at all. */
  forget(): void {
    const last = this.#recent.at(-1)?.exchange
    if (last === undefined) return
    const before = this.#before.at(0)?.exchange === last ? this.#before : []
    this.#before = [...before, ...this.#recent.filter(({ exchange }) => exchange === last)]
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

/**
 * The reads of the values that a fact consists of: the read just before it, or those of the same values. A fact that was
 * worked out comes from what was read of the last answer in
 * which there was something, not of set-up.
 */
function readsOf(
  parts: readonly unknown[],
  recent: readonly PathRead[],
  before: readonly PathRead[],
): readonly PathRead[] {
  const isPart = ({ actual }: PathRead) => parts.some((part) => same(part, actual))
  const latest = recent.at(-1)
  if (parts.length === 1 && latest !== undefined && isPart(latest)) return [latest]
  const direct = judged(recent.filter(isPart))
  if (direct.length > 0) return direct
  const early = recent.length === 0 ? before.filter(isPart) : []
  if (early.length > 0) return early
  const own = recent.filter(({ exchange, actual }) => exchange.isSetUp !== true && !isEmpty(actual))
  const last = own.at(-1)?.exchange
  const loop = loopOf(last?.index ?? 0)
  const isOfLast = ({ exchange }: PathRead) =>
    loop === undefined ? exchange === last : loopOf(exchange.index) === loop
  return lastOfEachPath(own.filter(isOfLast))
}

/** What each place held when it was read last. */
function lastOfEachPath(reads: readonly PathRead[]): readonly PathRead[] {
  return [...new Map(reads.map((read) => [read.path.join(' '), read])).values()]
}

/** Those that are not of set-up, if there are any. */
function judged(reads: readonly PathRead[]): readonly PathRead[] {
  const own = reads.filter(({ exchange }) => exchange.isSetUp !== true)
  return own.length > 0 ? own : reads
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
