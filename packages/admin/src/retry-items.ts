import { type Cluster, createBackoff, sleep } from '@ottla/network'
import { BrokerError, ErrorCode, KafkaError, TimeoutError } from '@ottla/protocol'
import type { OperationOptions } from './options.js'

/** What an attempt at some items knows. */
export interface ItemsAttempt {
  /** 1 for the first. */
  readonly number: number
  /** What is left of the limit, at most `requestTimeoutMs`. */
  readonly timeoutMs: number
  readonly signal: AbortSignal | undefined
  /** An earlier attempt got no answer and may have had its effect. */
  readonly mayBeDone: boolean
}

/** Asks one node about items; gives an outcome for each of them, in their order. */
export type AskNode<Node, Item, Result> = (
  node: Node,
  items: readonly Item[],
  attempt: ItemsAttempt,
) => Promise<readonly (Result | KafkaError)[]>

/**
 * Results for all items, in their order.
 *
 * @param failed makes the result of an item that failed.
 */
export const resultsOf = <Item, Result>(
  items: readonly Item[],
  outcomes: readonly (Result | KafkaError)[],
  failed: (item: Item, error: KafkaError) => Result,
): Result[] =>
  outcomes.map((outcome, index) =>
    outcome instanceof KafkaError ? failed(items[index] as Item, outcome) : outcome,
  )

/**
 * Runs an operation on items until each of them succeeded or failed for good. Items whose error is retriable are attempted
 * again, alone; a whole attempt that fails retriably (a broken connection) is repeated. Errors that mean stale metadata
 * have it refreshed first.
 *
 * @param attempt gives an outcome for each item, in their order.
 * @returns an outcome for each item: the result, or the error that remained; a TimeoutError with the last error as cause
 * for what was still being retried when the time was up.
 * @throws what an attempt throws that is not retriable, TimeoutError when nobody ever answered, the signal's reason.
 */
export const retryItems = async <Item, Result>(
  cluster: Cluster,
  what: string,
  items: readonly Item[],
  { timeoutMs = cluster.options.defaultApiTimeoutMs, signal }: OperationOptions,
  attempt: (
    items: readonly Item[],
    attempt: ItemsAttempt,
  ) => Promise<readonly (Result | KafkaError)[]>,
): Promise<(Result | KafkaError)[]> => {
  const { clock, random } = cluster.platform
  const { requestTimeoutMs, retryBackoffMs, retryBackoffMaxMs } = cluster.options
  const backoff = createBackoff({ random, baseMs: retryBackoffMs, maxMs: retryBackoffMaxMs })
  const deadlineMs = clock.monotonic() + timeoutMs
  const outcomes = new Map<Item, Result | KafkaError>()
  let open = items
  let mayBeDone = false
  for (let number = 1; open.length > 0; number++) {
    signal?.throwIfAborted()
    const leftMs = Math.max(deadlineMs - clock.monotonic(), 1)
    let trouble: KafkaError | undefined
    try {
      const limits = { timeoutMs: Math.min(leftMs, requestTimeoutMs), signal, mayBeDone, number }
      const results = await attempt(open, limits)
      open.forEach((item, index) => {
        outcomes.set(item, results[index] as Result | KafkaError)
      })
      open = open.filter((item) => isWorthRetrying(outcomes.get(item)))
      mayBeDone ||= open.some((item) => !(outcomes.get(item) instanceof BrokerError))
    } catch (error) {
      if (signal?.aborted || !(error instanceof KafkaError) || !error.retriable) throw error
      trouble = error
      mayBeDone = true
    }
    if (open.length === 0) break
    const pauseMs = backoff.delayMs(number)
    if (clock.monotonic() + pauseMs >= deadlineMs) {
      if (trouble !== undefined && outcomes.size === 0) throw timeout(what, timeoutMs, trouble)
      for (const item of open) {
        const cause = trouble ?? (outcomes.get(item) as KafkaError)
        outcomes.set(item, timeout(what, timeoutMs, cause))
      }
      break
    }
    await sleep(clock, pauseMs, signal)
    await cluster.refreshMetadata({ topics: [], timeoutMs: leftMs, signal }).catch(() => {})
  }
  return items.map((item) => outcomes.get(item) as Result | KafkaError)
}

/** An operation that the controller accepted and did not finish in time goes on there: asking again cannot help it. */
const isWorthRetrying = (outcome: unknown): boolean =>
  outcome instanceof KafkaError &&
  outcome.retriable &&
  !(outcome instanceof BrokerError && outcome.errorCode === ErrorCode.REQUEST_TIMED_OUT)

const timeout = (what: string, timeoutMs: number, cause: KafkaError): TimeoutError => {
  const { topic, partition, node, group } = cause
  const message = `${what} did not succeed within ${timeoutMs} ms: ${cause.message}`
  return new TimeoutError(message, { cause, topic, partition, node, group })
}
