import type { AnyApi } from '../client/any-api.js'
import { loopOf } from '../client/recorder.js'

/** What was asked, and of which node. */
export interface Asked {
  readonly address: string
  readonly api: AnyApi
  readonly version: number
}

/**
 * The answers of one run of a rule, to be played back in another. A request outside of loops has the same correlation id
 * in each run; one of a loop gets what ended the loop then, at once.
 */
export class Recording {
  readonly #answers = new Map<string, Uint8Array>()

  /** Keeps the frame of an answer, without its size. */
  keep(correlationId: number, asked: Asked, frame: Uint8Array): void {
    this.#answers.set(keyOf(correlationId, asked), Uint8Array.from(frame))
  }

  /** What was answered to the same request, under the correlation id of this one; undefined where it was not asked. */
  answerTo(correlationId: number, asked: Asked): Uint8Array | undefined {
    const kept = this.#answers.get(keyOf(correlationId, asked))
    if (kept === undefined) return undefined
    const frame = Uint8Array.from(kept)
    new DataView(frame.buffer).setInt32(0, correlationId)
    return frame
  }
}

function keyOf(correlationId: number, { address, api, version }: Asked): string {
  const loop = loopOf(correlationId)
  const place = loop === undefined ? correlationId : `loop ${loop}`
  return `${address} ${api.key} ${version} ${place}`
}
