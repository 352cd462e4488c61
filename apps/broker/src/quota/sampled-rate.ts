import type { BrokerConfig } from '../config/broker-config.js'

/** How a rate is measured: Kafka's `quota.window.num` and `quota.window.size.seconds`. */
export interface RateWindows {
  readonly samples: number
  readonly windowMs: number
}

/** How the configuration says that rates are measured. */
export const rateWindows = (config: BrokerConfig): RateWindows => ({
  samples: config.number('quota.window.num'),
  windowMs: config.number('quota.window.size.seconds') * 1000,
})

interface Sample {
  startMs: number
  lastMs: number
  sum: number
}

/** A rate, and the span of time it was taken over: a throttle time is a part of that span. */
export interface MeasuredRate {
  readonly perSecond: number
  readonly spanMs: number
}

/**
 * A rate over the last windows, reckoned as Kafka reckons it: the span is what has passed since the oldest sample, but never
 * less than all windows but the last, so that a burst after silence is spread over the whole time that was allowed for it.
 */
export class SampledRate {
  readonly #windows: RateWindows
  /** Oldest first; one more than the windows, because the oldest may lie partly outside. */
  #samples: Sample[] = []

  constructor(windows: RateWindows) {
    this.#windows = windows
  }

  /** Adds to the present sample; a negative amount takes back what was added. */
  record(amount: number, nowMs: number): void {
    const { samples, windowMs } = this.#windows
    let sample = this.#samples.at(-1)
    if (sample === undefined || nowMs - sample.startMs >= windowMs) {
      sample = { startMs: nowMs, lastMs: nowMs, sum: 0 }
      this.#samples.push(sample)
      if (this.#samples.length > samples + 1) this.#samples.shift()
    }
    sample.sum += amount
    sample.lastMs = nowMs
  }

  measure(nowMs: number): MeasuredRate {
    const { samples, windowMs } = this.#windows
    this.#samples = this.#samples.filter(({ lastMs }) => nowMs - lastMs < samples * windowMs)
    let spanMs = nowMs - (this.#samples[0]?.startMs ?? nowMs)
    const missing = samples - 1 - Math.floor(spanMs / windowMs)
    if (missing > 0) spanMs += missing * windowMs
    spanMs = Math.max(spanMs, windowMs)
    const sum = this.#samples.reduce((total, each) => total + each.sum, 0)
    return { perSecond: sum / (spanMs / 1000), spanMs }
  }
}
