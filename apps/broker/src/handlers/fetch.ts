import { Fetch, type FetchResponseInput } from '@ottla/protocol'
import { FetchOperation } from '../partition/fetch-operation.js'
import { handler, type RequestContext } from '../server/handler.js'

/** Reads record batches, waiting up to `maxWaitMs` for `minBytes` of them; the batches go out as they lie in the log. */
export const fetchHandler = handler(
  Fetch,
  { min: 4, max: 18, keepsNothing: true },
  (context, request) => {
    const { broker, apiVersion } = context
    const scope = broker.fetchSessions.begin(request, apiVersion)
    if (typeof scope === 'number') return sessionError(scope)
    const operation = new FetchOperation(context, request, scope)
    operation.read()
    if (operation.isComplete || request.maxWaitMs <= 0) return operation.respond()
    return park(context, operation, request.maxWaitMs)
  },
)

const sessionError = (errorCode: number): FetchResponseInput => ({
  throttleTimeMs: 0,
  errorCode,
  sessionId: 0,
  responses: [],
})

const park = (
  context: RequestContext,
  operation: FetchOperation,
  maxWaitMs: number,
): Promise<FetchResponseInput> =>
  new Promise((resolve) => {
    const finish = (): void => {
      forget()
      resolve(operation.respond())
    }
    const attempt = (): boolean => {
      if (!operation.isWorthReading) return false
      operation.read()
      if (!operation.isComplete) return false
      finish()
      return true
    }
    const expire = (): void => {
      operation.read()
      finish()
    }
    const cancel = context.broker.purgatory.park({ attempt, expire }, operation.watched, maxWaitMs)
    const forget = context.onDisconnect(cancel)
  })
