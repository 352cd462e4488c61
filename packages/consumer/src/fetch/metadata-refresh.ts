import type { Clock, Cluster } from '@ottla/network'

/** What a `MetadataRefresh` works with. */
export interface MetadataRefreshSetup {
  readonly cluster: Cluster
  readonly clock: Clock
  readonly signal: AbortSignal
  readonly backoffMs: (failures: number) => number
  /** Asks to be asked again at that time. */
  readonly wakeAt: (atMs: number) => void
  /** The metadata is new, or could not be had for now. */
  readonly onRefreshed: () => void
}

/** Asks for new metadata when fetching finds the old wrong: once at a time, and not in a storm. */
export class MetadataRefresh {
  readonly #setup: MetadataRefreshSetup
  #isAsking = false
  /** Refreshes in a row that left a partition without leader. */
  #count = 0
  #notBeforeMs = -Infinity

  constructor(setup: MetadataRefreshSetup) {
    this.#setup = setup
  }

  /** Refreshes these topics, unless that is under way or was done just now. */
  ask(topics: Iterable<string>): void {
    const { cluster, signal, clock, wakeAt } = this.#setup
    if (this.#isAsking || signal.aborted) return
    if (this.#notBeforeMs > clock.monotonic()) {
      wakeAt(this.#notBeforeMs)
      return
    }
    this.#isAsking = true
    const done = (): void => this.#onDone()
    cluster.refreshMetadata({ topics: [...new Set(topics)], signal }).then(done, done)
  }

  /** Nothing is missing at the moment. */
  calm(): void {
    if (!this.#isAsking) this.#count = 0
  }

  #onDone(): void {
    const { clock, backoffMs, onRefreshed } = this.#setup
    this.#isAsking = false
    this.#notBeforeMs = clock.monotonic() + backoffMs(this.#count++)
    onRefreshed()
  }
}
