import { describe, expect, it } from 'vitest'
import { seededRandom } from '../platform/seeded-random.js'
import { BufferPool } from './buffer-pool.js'
import { FrameReader } from './frame-reader.js'

const sizes = [0, 3, 900, 4090, 30_000, 65_535, 65_536, 100_000, 250_000, 600_000]

/** A reader as a socket uses it: bytes go to the place it named last, which `resume` may have made stale. */
class Stream {
  readonly held: { readonly frame: Uint8Array; readonly expected: Uint8Array }[] = []
  readonly reader: FrameReader
  isPaused = false
  delivered = 0
  #at = 0
  #target: Buffer
  #isStale = false
  readonly #bytes: Buffer

  constructor(payloads: readonly Uint8Array[], pool: BufferPool, pausesAfter: () => boolean) {
    const parts = payloads.flatMap((payload) => {
      const size = Buffer.alloc(4)
      size.writeInt32BE(payload.length)
      return [size, payload]
    })
    this.#bytes = Buffer.concat(parts)
    const onFrame = (frame: Uint8Array): void => {
      this.held.push({ frame, expected: payloads[this.delivered] as Uint8Array })
      this.delivered += 1
      if (!pausesAfter()) return
      this.reader.pause()
      this.isPaused = true
    }
    this.reader = new FrameReader(1_000_000, onFrame, pool)
    this.#target = this.reader.target()
  }

  /** @returns false at the end of the stream. */
  read(most: number): boolean {
    const count = Math.min(most, this.#target.length, this.#bytes.length - this.#at)
    this.#target.set(this.#bytes.subarray(this.#at, this.#at + count))
    this.#at += count
    if (this.#isStale) this.reader.push(new Uint8Array(this.#target.subarray(0, count)))
    else this.reader.advance(count)
    this.#isStale = false
    this.#target = this.reader.target()
    return this.#at < this.#bytes.length
  }

  resume(): void {
    this.isPaused = false
    this.#isStale = true
    this.reader.resume()
  }
}

const run = (seed: number): void => {
  const random = seededRandom(seed)
  const pick = (count: number): number => Math.floor(random.next() * count)
  const pool = new BufferPool(2_000_000)
  const streams = [0, 1, 2].map(() => {
    const payloads = Array.from({ length: 40 }, () =>
      random.bytes(sizes[pick(sizes.length)] as number),
    )
    return new Stream(payloads, pool, () => pick(8) === 0)
  })
  const open = new Set(streams)
  for (let steps = 0; open.size > 0 && steps < 20_000; steps++) {
    const stream = [...open][pick(open.size)] as Stream
    if (stream.isPaused) stream.resume()
    else if (!stream.read(pick(3) === 0 ? 2000 : 300_000)) open.delete(stream)
    for (const { held, reader } of streams) {
      while (held.length > 0 && pick(3) > 0) {
        const [{ frame, expected }] = held.splice(pick(held.length), 1) as [(typeof held)[0]]
        expect(Buffer.compare(frame, expected)).toBe(0)
        reader.recycle(frame)
      }
    }
    expect(pool.freeBytes).toBeLessThanOrEqual(2_000_000)
  }
  for (const stream of streams) {
    while (stream.isPaused) stream.resume()
    expect(stream.delivered).toBe(40)
    for (const { frame, expected } of stream.held) {
      expect(Buffer.compare(frame, expected)).toBe(0)
    }
  }
}

describe('BufferPool', () => {
  it('gives out what it got back, if the size is about right, and keeps no more than it may', () => {
    const pool = new BufferPool(300_000)
    const first = pool.take(150_000)
    expect(first.length).toBe(163_840)
    pool.give(first)
    expect(pool.take(10_000)).not.toBe(first)
    expect(pool.take(160_000)).toBe(first)
    for (let count = 0; count < 3; count++) pool.give(Buffer.allocUnsafeSlow(131_072))
    pool.give(Buffer.allocUnsafeSlow(400_000))
    expect(pool.freeBytes).toBe(262_144)
  })

  it('is shared by readers, which write into no frame that was not given back', () => {
    for (let seed = 1; seed <= 12; seed++) {
      try {
        run(seed)
      } catch (error) {
        throw new Error(`seed ${seed}: ${error}`, { cause: error })
      }
    }
  })

  it('serves a stream of large frames with a handful of buffers', () => {
    const pool = new BufferPool(4_000_000)
    const memory = new Set<ArrayBufferLike>()
    let waiting: Uint8Array[] = []
    const reader = new FrameReader(1_000_000, (frame) => waiting.push(frame), pool)
    const frame = Buffer.alloc(4 + 100_000)
    frame.writeInt32BE(100_000)
    const stream = Buffer.concat(Array.from({ length: 100 }, () => frame))
    for (let at = 0; at < stream.length; ) {
      const target = reader.target()
      const count = stream.copy(target, 0, at)
      at += count
      reader.advance(count)
      for (const each of waiting) {
        memory.add(each.buffer)
        reader.recycle(each)
      }
      waiting = []
    }
    expect(memory.size).toBeLessThan(10)
  })
})
