import type { AnyApi } from '../client/any-api.js'
import { loopOf } from '../client/recorder.js'

/** What was asked, and of which node. */
export interface Asked {
  readonly address: string
  readonly api: AnyApi
  readonly version: number
}

/** A loop of more requests waited for a state, and is not waited for again. */
const MOST_STEPS = 40

/**
 * The answers of one run of a rule, to be played back in another. A request has the same correlation id in each run, also
 * in a loop that goes the same way; a long one, or one that goes on, gets what ended it.
 */
export class Recording {
  readonly #answers = new Map<string, Uint8Array>()
  readonly #lastOfLoops = new Map<string, Uint8Array>()
  readonly #steps = new Map<number, number>()

  /** Keeps the frame of an answer, without its size. */
  keep(correlationId: number, asked: Asked, frame: Uint8Array): void {
    const kept = Uint8Array.from(frame)
    this.#answers.set(keyOf(correlationId, asked), kept)
    const loop = loopOf(correlationId)
    if (loop === undefined) return
    this.#lastOfLoops.set(keyOf(`loop ${loop}`, asked), kept)
    this.#steps.set(loop, (this.#steps.get(loop) ?? 0) + 1)
  }

  /** What was answered to the same request, under the correlation id of this one; undefined where it was not asked. */
  answerTo(correlationId: number, asked: Asked): Uint8Array | undefined {
    const kept = this.#find(correlationId, asked)
    if (kept === undefined) return undefined
    const frame = Uint8Array.from(kept)
    new DataView(frame.buffer).setInt32(0, correlationId)
    return frame
  }

  #find(correlationId: number, asked: Asked): Uint8Array | undefined {
    const own = this.#answers.get(keyOf(correlationId, asked))
    const loop = loopOf(correlationId)
    if (loop === undefined) return own
    const isLong = (this.#steps.get(loop) ?? 0) > MOST_STEPS
    return (isLong ? undefined : own) ?? this.#lastOfLoops.get(keyOf(`loop ${loop}`, asked))
  }
}

const keyOf = (place: number | string, { address, api, version }: Asked) =>
  `${address} ${api.key} ${version} ${place}`
