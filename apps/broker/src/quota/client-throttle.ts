import type { BrokerConfig } from '../config/broker-config.js'
import type { MetadataImage } from '../image/image.js'
import type { Clock } from '../platform.js'
import { type AppliedQuota, findQuota, type QuotaClient } from './find-quota.js'
import { type RateWindows, rateWindows, SampledRate } from './sampled-rate.js'
import { Sensors } from './sensors.js'
import { TokenBucket } from './token-bucket.js'

/** The quotas that are held here, by Kafka's name. */
export const throttledQuotas = {
  produce: 'producer_byte_rate',
  fetch: 'consumer_byte_rate',
  request: 'request_percentage',
  mutations: 'controller_mutation_rate',
} as const

/** A quota that is held here. */
export type ThrottledQuota = (typeof throttledQuotas)[keyof typeof throttledQuotas]

/** The connection of a client that may be told to wait. */
export interface ThrottledConnection {
  /** Reads nothing more from the client until the returned function is called. */
  stopReading(): () => void
  /** Calls back when the connection ends. @returns a function that forgets it. */
  onDisconnect(callback: () => void): () => void
}

/** What a request says of the client that sent it. */
export interface QuotaRequest {
  readonly principal: string
  readonly clientId: string | null
  readonly origin: ThrottledConnection
}

/** What a throttle needs. */
export interface ClientThrottleOptions {
  readonly config: BrokerConfig
  readonly clock: Clock
  readonly image: () => MetadataImage
}

/** Kafka forgets a client that was silent for an hour. */
const forgetAfterMs = 3_600_000

interface Muted {
  untilMs: number
}

/**
 * Holds clients to their quotas (KIP-13, KIP-124): what they send, get and cost is measured; whoever is above the limit is
 * told how long it takes until the average is down to it, and is not read from for so long (KIP-219).
 */
export class ClientThrottle {
  readonly #options: ClientThrottleOptions
  readonly #windows: RateWindows
  readonly #mutationBurstSeconds: number
  readonly #rates = new Sensors(() => new SampledRate(this.#windows), forgetAfterMs)
  readonly #buckets = new Sensors(() => new TokenBucket(), forgetAfterMs)
  readonly #muted = new WeakMap<ThrottledConnection, Muted>()

  constructor(options: ClientThrottleOptions) {
    this.#options = options
    const { config } = options
    this.#windows = rateWindows(config)
    this.#mutationBurstSeconds =
      config.number('controller.quota.window.num') *
      config.number('controller.quota.window.size.seconds')
  }

  /** Whether anybody has a quota at all. */
  get isActive(): boolean {
    return this.#options.image().clientQuotas.size > 0
  }

  /** Most bytes that one fetch may bring without breaking the client's quota by itself. */
  maxFetchBytes(request: QuotaRequest): number {
    const quota = this.#find(throttledQuotas.fetch, request)
    if (quota === undefined) return Number.POSITIVE_INFINITY
    const { samples, windowMs } = this.#windows
    return quota.limit * (samples - 1) * (windowMs / 1000)
  }

  /** Measures, and says for how many milliseconds the client has to wait; 0 for one that keeps its quota. */
  record(name: ThrottledQuota, request: QuotaRequest, amount: number): number {
    const quota = this.#find(name, request)
    if (quota === undefined) return 0
    const nowMs = this.#options.clock.monotonic()
    const rate = this.#rates.of(quota.sharedKey, nowMs)
    rate.record(amount, nowMs)
    const { perSecond, spanMs } = rate.measure(nowMs)
    if (perSecond <= quota.limit) return 0
    const waitMs = Math.round(((perSecond - quota.limit) / quota.limit) * spanMs)
    // Time that was used cannot be given back, so for the request quota Kafka waits a window at most.
    return name === throttledQuotas.request ? Math.min(waitMs, this.#windows.windowMs) : waitMs
  }

  /** Takes back what was recorded but not sent after all. */
  takeBack(name: ThrottledQuota, request: QuotaRequest, amount: number): void {
    const quota = this.#find(name, request)
    if (quota === undefined) return
    const nowMs = this.#options.clock.monotonic()
    this.#rates.of(quota.sharedKey, nowMs).record(-amount, nowMs)
  }

  /**
   * Takes the tokens of so many mutations; with `isStrict` only if none are owed.
   * @returns for how many milliseconds the client has to wait.
   */
  recordMutations(request: QuotaRequest, mutations: number, isStrict: boolean): number {
    const quota = this.#find(throttledQuotas.mutations, request)
    if (quota === undefined) return 0
    const nowMs = this.#options.clock.monotonic()
    const bucket = this.#buckets.of(quota.sharedKey, nowMs)
    let tokens = bucket.fill(quota.limit, this.#mutationBurstSeconds, nowMs)
    if (!isStrict || tokens >= 0) {
      bucket.take(mutations)
      if (isStrict) return 0
      tokens -= mutations
    }
    // Rounded up: a client that owes less than a millisecond's tokens owes them all the same.
    return tokens < 0 ? Math.ceil((-tokens / quota.limit) * 1000) : 0
  }

  /** Reads nothing from a client for so long. */
  mute({ origin }: QuotaRequest, throttleTimeMs: number): void {
    const { clock } = this.#options
    const untilMs = clock.monotonic() + throttleTimeMs
    const muted = this.#muted.get(origin)
    if (muted !== undefined) {
      muted.untilMs = Math.max(muted.untilMs, untilMs)
      return
    }
    const mark: Muted = { untilMs }
    this.#muted.set(origin, mark)
    const resume = origin.stopReading()
    const wait = (): (() => void) => {
      const timer = clock.setTimer(Math.max(0, mark.untilMs - clock.monotonic()), () => {
        if (clock.monotonic() < mark.untilMs) cancel = wait()
        else finish()
      })
      return () => timer.cancel()
    }
    const finish = (): void => {
      this.#muted.delete(origin)
      forget()
      resume()
    }
    let cancel = wait()
    const forget = origin.onDisconnect(() => cancel())
  }

  #find(name: ThrottledQuota, { principal, clientId }: QuotaRequest): AppliedQuota | undefined {
    const client: QuotaClient = { user: principal.slice('User:'.length), clientId: clientId ?? '' }
    return findQuota(this.#options.image(), name, client)
  }
}
