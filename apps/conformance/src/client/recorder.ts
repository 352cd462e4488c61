import { AsyncLocalStorage } from 'node:async_hooks'
import type { AnyApi } from './any-api.js'
import type { Exchange } from './exchange.js'

/** Correlation ids of loops that wait for a state begin here: how many there are varies from run to run. */
export const FIRST_POLL = 1_000_000

/** One for all: every promise of the process copies each storage that there is. */
const loops = new AsyncLocalStorage<Recorder>()

/** Numbers and keeps the exchanges of one execution, over all its connections. */
export class Recorder {
  readonly exchanges: Exchange[] = []
  #next = 1
  #nextPoll = FIRST_POLL

  /** A new exchange; its index becomes the correlation id, by which a proxy knows it again. */
  begin(api: AnyApi, version: number, request: unknown): Exchange {
    const polling = loops.getStore() === this
    const index = polling ? this.#nextPoll++ : this.#next++
    const exchange: Exchange = { index, api, version, request, polling }
    this.exchanges.push(exchange)
    return exchange
  }

  /** Runs code whose exchanges belong to a loop. */
  inLoop<Value>(code: () => Promise<Value>): Promise<Value> {
    return loops.run(this, code)
  }
}
