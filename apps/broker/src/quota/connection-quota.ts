import type { BrokerConfig } from '../config/broker-config.js'
import { quotaKey } from '../image/client-quotas.js'
import type { MetadataImage } from '../image/image.js'
import type { Clock } from '../platform.js'
import { type RateWindows, rateWindows, SampledRate } from './sampled-rate.js'
import { Sensors } from './sensors.js'

/** What a connection quota needs. */
export interface ConnectionQuotaOptions {
  readonly config: BrokerConfig
  readonly clock: Clock
  readonly image: () => MetadataImage
}

/** Kafka's name of the quota, which addresses have. */
const quotaName = 'connection_creation_rate'

/**
 * Holds addresses to how many connections a second they may open (KIP-612). One too many is left without an answer for a
 * while and then closed, so that a client that connects again at once does not do so all the time.
 */
export class ConnectionQuota {
  readonly #options: ConnectionQuotaOptions
  readonly #windows: RateWindows
  /** Of addresses that have a quota and have connected within the windows. */
  readonly #rates: Sensors<SampledRate>

  constructor(options: ConnectionQuotaOptions) {
    this.#options = options
    const windows = rateWindows(options.config)
    const { samples, windowMs } = windows
    this.#windows = windows
    this.#rates = new Sensors(() => new SampledRate(windows), (samples + 1) * windowMs)
  }

  /** Measures a new connection. @returns after how many milliseconds it is to be closed; 0 for one that may stay. */
  record(host: string): number {
    const limit = this.#limitOf(host)
    if (limit === undefined) {
      this.#rates.delete(host)
      return 0
    }
    const nowMs = this.#options.clock.monotonic()
    const rate = this.#rates.of(host, nowMs)
    rate.record(1, nowMs)
    const { perSecond, spanMs } = rate.measure(nowMs)
    if (perSecond <= limit) return 0
    // It does not come to be: the next one is measured without it.
    rate.record(-1, nowMs)
    const waitMs = Math.round(((perSecond - limit) / limit) * spanMs)
    return Math.min(waitMs, this.#windows.windowMs)
  }

  #limitOf(host: string): number | undefined {
    const { clientQuotas } = this.#options.image()
    if (clientQuotas.size === 0) return undefined
    const own = clientQuotas.get(quotaKey(new Map([['ip', host]])))?.values.get(quotaName)
    return own ?? clientQuotas.get(anyAddress)?.values.get(quotaName)
  }
}

const anyAddress = quotaKey(new Map([['ip', null]]))
