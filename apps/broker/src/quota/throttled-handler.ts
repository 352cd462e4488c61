import { Produce } from '@ottla/protocol'
import { type Answer, type Handler, noResponse, type RequestContext } from '../server/handler.js'
import { throttledQuotas } from './client-throttle.js'

/**
 * The same handlers, held to the quotas of their clients: produced bytes, and the time that handling takes. While nobody
 * has a quota this costs a look at the metadata. Fetched bytes are held where the answer is put together, because a fetch that
 * is throttled is answered with nothing.
 */
export const throttledHandlers = (
  handlers: ReadonlyMap<number, Handler>,
): ReadonlyMap<number, Handler> =>
  new Map([...handlers].map(([key, handler]) => [key, throttled(handler)]))

const throttled = (handler: Handler): Handler => ({
  ...handler,
  serve: (context, reader) => {
    const { throttle, clock } = context.broker
    if (!throttle.isActive) return handler.serve(context, reader)
    // The header counts, too: the reader stands behind it, in the whole frame.
    const requestBytes = reader.end
    const startMs = clock.monotonic()
    const answer = handler.serve(context, reader)
    const busyMs = clock.monotonic() - startMs
    const conclude = (body: Answer<unknown>): Answer<unknown> =>
      limit(handler, context, { requestBytes, busyMs }, body)
    return answer instanceof Promise ? answer.then(conclude) : conclude(answer)
  },
})

/** Measures a request that is answered; the client is told, and waits, if it has used too much. */
const limit = (
  { api }: Handler,
  context: RequestContext,
  { requestBytes, busyMs }: { readonly requestBytes: number; readonly busyMs: number },
  body: Answer<unknown>,
): Answer<unknown> => {
  const { throttle } = context.broker
  const { produce, request } = throttledQuotas
  // In percent of one processor; the rate is per second.
  let throttleTimeMs = throttle.record(request, context, busyMs / 10)
  if (api === Produce) {
    throttleTimeMs = Math.max(throttleTimeMs, throttle.record(produce, context, requestBytes))
  }
  if (throttleTimeMs === 0) return body
  throttle.mute(context, throttleTimeMs)
  if (body === noResponse || typeof body !== 'object' || body === null) return body
  const told = 'throttleTimeMs' in body ? Number(body.throttleTimeMs) : 0
  return { ...body, throttleTimeMs: Math.max(told, throttleTimeMs) }
}
