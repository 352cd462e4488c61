import type { AnyApi } from './any-api.js'

/** One request and what came back. */
export interface Exchange {
  /** Counts the requests of an execution; the correlation id on the wire. */
  readonly index: number
  readonly api: AnyApi
  readonly version: number
  readonly request: unknown
  /** Undefined until it has arrived, and for requests without an answer. */
  response?: unknown
  /** Set-up, which a rule needs but does not judge. */
  readonly isSetUp?: boolean | undefined
}

/** Where an object of an answer comes from. */
export interface Place {
  readonly exchange: Exchange
  readonly path: readonly (string | number)[]
}

const places = new WeakMap<object, Place>()

/** Remembers for every object inside an answer where it is from, so that parts of it can be compared too. */
export function rememberPlaces(exchange: Exchange, response: unknown): void {
  const walk = (value: unknown, path: readonly (string | number)[]): void => {
    if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return
    places.set(value, { exchange, path })
    if (Array.isArray(value))
      value.forEach((element, index) => void walk(element, [...path, index]))
    else for (const [key, own] of Object.entries(value)) walk(own, [...path, key])
  }
  walk(response, [])
}

/** Remembers where one object is from. */
export function rememberPlace(value: object, place: Place): void {
  places.set(value, place)
}

/** Where an answer or a part of one is from; undefined for any other object. */
export function placeOf(value: object): Place | undefined {
  return places.get(value)
}
