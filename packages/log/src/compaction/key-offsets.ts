/** What an entry costs beside its key, about: a string, its place in the map, the number. */
const entryBytes = 96

/**
 * The newest offset of every key of a stretch of the log, in bounded memory. Kafka keeps a hash of 128 bits for each key;
 * here it is the key itself, a byte a character, so that no two keys are ever taken for one.
 */
export class KeyOffsets {
  private readonly offsets = new Map<string, number>()
  private readonly maxBytes: number
  private bytes = 0

  constructor(maxBytes: number) {
    this.maxBytes = maxBytes
  }

  /** Whether no more should be put in. */
  get isFull(): boolean {
    return this.bytes >= this.maxBytes
  }

  /** Notes that a key was written at an offset, which is larger than all before. */
  put(key: Buffer, offset: number): void {
    const text = key.toString('latin1')
    if (!this.offsets.has(text)) this.bytes += entryBytes + text.length
    this.offsets.set(text, offset)
  }

  get(key: Buffer): number | undefined {
    return this.offsets.get(key.toString('latin1'))
  }
}
