import { ConnectionError, type KafkaError } from '@ottla/protocol'
import { publish } from '../diagnostics.js'
import { noBrokerReachable, type Unreachable } from './trouble.js'

/** What an `Outage` is told by, and whose it is. */
export interface OutageSetup {
  readonly clientId: string
  /** So long the names of all bootstrap addresses may be unknown before trying on is given up. */
  readonly bootstrapResolveTimeoutMs: number
}

/**
 * Watches whole rounds over all addresses. The first round of an outage in which every address fails is told on
 * `ottla:cluster:unreachable`: callers try on in silence until their time is up, which may be minutes. A client that has never
 * reached a broker gives up when no host name resolves: a name that is written wrong will not appear.
 */
export class Outage {
  readonly #setup: OutageSetup
  #isTold = false
  #hasConnected = false

  constructor(setup: OutageSetup) {
    this.#setup = setup
  }

  /** A broker was reached. */
  over(): void {
    this.#isTold = false
    this.#hasConnected = true
  }

  /** All addresses failed; returns the error to give up with, if trying on is no use. */
  goOn(places: readonly Unreachable[]): KafkaError | undefined {
    if (places.length === 0) return undefined
    if (!this.#isTold) {
      this.#isTold = true
      const { clientId } = this.#setup
      publish('ottla:cluster:unreachable', () => ({ clientId, error: noBrokerReachable(places) }))
    }
    if (this.#hasConnected || !places.every(isUnknownHost)) return undefined
    const limitMs = this.#setup.bootstrapResolveTimeoutMs
    return places.every(({ forMs }) => forMs >= limitMs) ? unknownHosts(places) : undefined
  }
}

const isUnknownHost = ({ error }: Unreachable): boolean => {
  const { code } = (error.cause ?? {}) as { readonly code?: unknown }
  return code === 'ENOTFOUND'
}

const unknownHosts = (places: readonly Unreachable[]): ConnectionError =>
  new ConnectionError(
    `no host name of bootstrapServers resolves: ${places.map(({ address }) => address).join(', ')}; correct them, or let the client wait longer for them with bootstrapResolveTimeoutMs`,
    {
      code: 'OTTLA_CONNECTION_UNKNOWN_HOST',
      cause: new AggregateError(places.map(({ error }) => error)),
      retriable: false,
    },
  )
