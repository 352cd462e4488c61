import type { Segment } from './segment.js'

interface Hint {
  readonly segment: Segment
  readonly position: number
}

/** Readers remembered per log. */
const limit = 16

/**
 * Where readers stopped: a consumer's next read starts exactly there, so it needs neither index nor scan.
 */
export class ReadHints {
  /** Made for the first reader: an empty map takes more memory than the rest of an idle log's state. */
  private hints: Map<number, Hint> | undefined

  /** Position of an offset in a segment if a read ended there. It is kept: several consumers may follow each other. */
  take(offset: number, segment: Segment): number | undefined {
    const hint = this.hints?.get(offset)
    return hint?.segment === segment ? hint.position : undefined
  }

  put(offset: number, segment: Segment, position: number): void {
    this.hints ??= new Map()
    const { hints } = this
    hints.delete(offset)
    if (hints.size === limit) {
      for (const oldest of hints.keys()) {
        hints.delete(oldest)
        break
      }
    }
    hints.set(offset, { segment, position })
  }

  clear(): void {
    this.hints = undefined
  }
}
