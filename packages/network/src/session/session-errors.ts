import { ConnectionError, TimeoutError } from '@ottla/protocol'
import type { Call } from './call.js'
import type { Peer } from './peer.js'

/** Why sessions and their calls end, in words. */

/** A call was made before the connection was ready. */
export const notConnected = ({ name, node }: Peer): ConnectionError =>
  new ConnectionError(`${name} is not connected yet`, { node })

/**
 * An answer that is not that of the oldest request: the two sides no longer agree on what the bytes are.
 *
 * @param expected what the oldest request waits for; undefined when none waits.
 */
export const outOfStep = (
  { name, node }: Peer,
  correlationId: number | undefined,
  expected: { readonly correlationId: number | undefined; readonly apiName: string } | undefined,
): ConnectionError => {
  const wanted = expected === undefined ? 'none' : `${expected.correlationId} (${expected.apiName})`
  return new ConnectionError(
    `${name} answered with correlation id ${correlationId}, expected ${wanted}; the connection is out of step and closed`,
    { code: 'OTTLA_CONNECTION_CORRELATION', node, api: expected?.apiName },
  )
}

/** A session that nobody used for `maxIdleMs`. */
export const idle = ({ name, node }: Peer, maxIdleMs: number): ConnectionError =>
  new ConnectionError(`${name} was not used for ${maxIdleMs} ms`, {
    code: 'OTTLA_CONNECTION_IDLE',
    node,
  })

/** The broker or the application took too long over SASL. */
export const slowAuthentication = (
  { name, node }: Peer,
  mechanism: string | undefined,
  timeoutMs: number,
): TimeoutError =>
  new TimeoutError(
    `SASL/${mechanism} with ${name} did not end within ${timeoutMs} ms; the broker is slow, or the callback that brings credentials`,
    { node },
  )

/** A call waited in vain to be sent. */
export const notSent = (
  { name, node }: Peer,
  { api, timeoutMs }: Call,
  why: string,
): TimeoutError =>
  new TimeoutError(`${api.name} could not be sent to ${name} within ${timeoutMs} ms: ${why}`, {
    node,
    api: api.name,
  })

/** A call that has no answer waited in vain for its bytes to leave. */
export const notTaken = ({ name, node }: Peer, { api, timeoutMs }: Call): TimeoutError =>
  new TimeoutError(
    `${name} took no bytes of ${api.name} within ${timeoutMs} ms; the connection is closed, and whether it has the request is unknown`,
    { node, api: api.name },
  )

/** A call waited in vain for its answer. */
export const notAnswered = ({ name, node }: Peer, api: string, timeoutMs: number): TimeoutError =>
  new TimeoutError(
    `${name} did not answer ${api} within ${timeoutMs} ms; the connection is closed, and whether the broker acted on the request is unknown`,
    { node, api },
  )

/** What the other calls of a session hear that ends because one was not answered. */
export const closedUnanswered = (
  { name, node }: Peer,
  api: string,
  timeoutMs: number,
): ConnectionError =>
  new ConnectionError(
    `connection to ${name} closed because it did not answer ${api} within ${timeoutMs} ms`,
    { node },
  )
