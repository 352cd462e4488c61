import type { MessageType } from './message.js'
import type { Versions } from './versions.js'

/** A request and its response. */
export interface Api<
  Request extends MessageType = MessageType,
  Response extends MessageType = MessageType,
> {
  /** Kafka's name, such as `OffsetCommit`. */
  readonly name: string
  readonly key: number
  readonly request: Request
  readonly response: Response
  /** Versions that both messages have. */
  readonly versions: Versions
  /** Versions of the request and response header that go with a version of the API. */
  headerVersions(version: number): HeaderVersions
}

/** Versions of {@link RequestHeader} and {@link ResponseHeader}. */
export interface HeaderVersions {
  readonly request: number
  readonly response: number
}

const API_VERSIONS = 18
const CONTROLLED_SHUTDOWN = 7

/**
 * Header versions of a message: flexible ones have request header 2 and response header 1, others 1
 * and 0. Two exceptions: the ApiVersions response keeps header 0, because it may answer a version
 * that the broker does not know (KIP-511), and version 0 of ControlledShutdown, the oldest request
 * of all, has no client id.
 */
export function headerVersionsOf(key: number, version: number, flexible: boolean): HeaderVersions {
  if (key === CONTROLLED_SHUTDOWN && version === 0) return oldest
  if (!flexible) return inflexible
  return key === API_VERSIONS ? mixed : bothFlexible
}

// Objects that all requests share: this runs for each of them.
const oldest: HeaderVersions = { request: 0, response: 0 }
const inflexible: HeaderVersions = { request: 1, response: 0 }
const mixed: HeaderVersions = { request: 2, response: 0 }
const bothFlexible: HeaderVersions = { request: 2, response: 1 }

/** Joins a request and its response; the name is the request's without `Request`. */
// @__NO_SIDE_EFFECTS__
export function api<Request extends MessageType, Response extends MessageType>(
  request: Request,
  response: Response,
): Api<Request, Response> {
  const key = request.apiKey ?? -1
  return {
    name: request.name.replace(/Request$/, ''),
    key,
    request,
    response,
    versions: request.versions,
    headerVersions: (version) => headerVersionsOf(key, version, request.flexible(version)),
  }
}
