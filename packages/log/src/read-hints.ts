import type { Segment } from './segment.js'

/** Readers remembered per log. */
const limit = 16

/**
 * Where readers stopped: a consumer's next read starts exactly there, so it needs neither index nor scan.
 */
export class ReadHints {
  private readonly hints = new Map<
    number,
    { readonly segment: Segment; readonly position: number }
  >()

  /** Position of an offset in a segment if a read ended there. It is kept: several consumers may follow each other. */
  take(offset: number, segment: Segment): number | undefined {
    const hint = this.hints.get(offset)
    return hint?.segment === segment ? hint.position : undefined
  }

  put(offset: number, segment: Segment, position: number): void {
    this.hints.delete(offset)
    if (this.hints.size === limit) {
      for (const oldest of this.hints.keys()) {
        this.hints.delete(oldest)
        break
      }
    }
    this.hints.set(offset, { segment, position })
  }

  clear(): void {
    this.hints.clear()
  }
}
