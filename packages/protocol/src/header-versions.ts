import { type HeaderVersions, headerVersionsOf } from './schema/api.js'

/**
 * First flexible version (KIP-482) of the APIs older than it; every API since (55 and up) is
 * flexible from version 0. -1: never. A table, so that reading a request's header does not load all
 * schemas; a test compares it with them.
 */
const FIRST_FLEXIBLE = [
  9, 12, 6, 9, 4, 2, 6, 3, 8, 6, 3, 6, 4, 4, 4, 5, 3, -1, 3, 5, 4, 2, 2, 4, 3, 3, 3, 1, 3, 2, 2, 2,
  4, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 1, 0, 0, -1, 1, 1, 0, 0, 0, 1, 1,
]

/**
 * Versions of the request and response header that go with a version of an API, for peers that know
 * only the numbers: a server reading a request, a proxy. With an {@link Api} at hand use its own
 * `headerVersions`.
 */
export function headerVersions(apiKey: number, apiVersion: number): HeaderVersions {
  const first = FIRST_FLEXIBLE[apiKey] ?? 0
  return headerVersionsOf(apiKey, apiVersion, first >= 0 && apiVersion >= first)
}
