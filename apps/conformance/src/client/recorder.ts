import { AsyncLocalStorage } from 'node:async_hooks'
import type { AnyApi } from './any-api.js'
import type { Exchange } from './exchange.js'

/** Correlation ids of loops that wait for a state begin here: how many there are varies from run to run. */
const FIRST_POLL = 1_000_000
/** Each loop has ids of its own, so that a fault can be put into one of them. */
const POLLS_PER_LOOP = 10_000

/** The number of the loop that a correlation id belongs to; undefined for one outside of loops. */
export function loopOf(correlationId: number): number | undefined {
  return correlationId < FIRST_POLL
    ? undefined
    : Math.floor((correlationId - FIRST_POLL) / POLLS_PER_LOOP)
}

/** A loop of one execution, and the correlation id of its next request. */
interface Loop {
  readonly recorder: Recorder
  next: number
}

/** One for all: every promise of the process copies each storage that there is. */
const loops = new AsyncLocalStorage<Loop>()

/** Numbers and keeps the exchanges of one execution, over all its connections. */
export class Recorder {
  readonly exchanges: Exchange[] = []
  #next = 1
  #nextLoop = FIRST_POLL

  /** A new exchange; its index becomes the correlation id, by which a proxy knows it again. */
  begin(api: AnyApi, version: number, request: unknown, isSetUp?: boolean): Exchange {
    const loop = this.#loop()
    const index = loop === undefined ? this.#next++ : loop.next++
    const exchange: Exchange = { index, api, version, request, isSetUp }
    this.exchanges.push(exchange)
    return exchange
  }

  /** Runs code whose exchanges belong to a loop: to a new one, unless it runs inside of one already. */
  inLoop<Value>(code: () => Promise<Value>): Promise<Value> {
    if (this.#loop() !== undefined) return code()
    const next = this.#nextLoop
    this.#nextLoop += POLLS_PER_LOOP
    return loops.run({ recorder: this, next }, code)
  }

  #loop(): Loop | undefined {
    const loop = loops.getStore()
    return loop?.recorder === this ? loop : undefined
  }
}
