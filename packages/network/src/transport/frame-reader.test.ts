import { describe, expect, it } from 'vitest'
import { seededRandom } from '../platform/seeded-random.js'
import { BufferPool } from './buffer-pool.js'
import { FrameReader } from './frame-reader.js'

const framed = (payloads: readonly Uint8Array[]): Uint8Array => {
  const parts = payloads.flatMap((payload) => {
    const size = Buffer.alloc(4)
    size.writeInt32BE(payload.length)
    return [size, payload]
  })
  return new Uint8Array(Buffer.concat(parts))
}

/** Feeds a stream in random pieces, read in place or copied in, with random pauses; returns copies made on delivery. */
const run = (seed: number): void => {
  const random = seededRandom(seed)
  const pick = (count: number): number => Math.floor(random.next() * count)
  const sizes = [0, 1, 3, 100, 4000, 4090, 5000, 16_384, 40_000, 65_535, 65_536, 200_000]
  const payloads = Array.from({ length: 30 }, () =>
    random.bytes(random.next() < 0.3 ? pick(300) : (sizes[pick(sizes.length)] as number)),
  )
  const stream = framed(payloads)
  const delivered: Uint8Array[] = []
  const copies: Uint8Array[] = []
  let isPaused = false
  const reader = new FrameReader(200_000, (frame) => {
    expect(isPaused).toBe(false)
    delivered.push(frame)
    copies.push(new Uint8Array(frame))
    if (pick(20) === 0) {
      reader.pause()
      isPaused = true
    }
  })
  for (let at = 0; at < stream.length; ) {
    if (random.next() < 0.5) {
      const target = reader.target()
      expect(target.length).toBeGreaterThan(0)
      const most = pick(4) === 0 ? target.length : Math.min(target.length, 1 + pick(3000))
      const count = Math.min(most, stream.length - at)
      target.set(stream.subarray(at, at + count))
      reader.advance(count)
      at += count
    } else {
      const count = Math.min(1 + pick(pick(10) === 0 ? 100_000 : 500), stream.length - at)
      reader.push(stream.subarray(at, at + count))
      at += count
    }
    if (isPaused && pick(3) === 0) {
      isPaused = false
      reader.resume()
    }
  }
  while (isPaused) {
    isPaused = false
    reader.resume()
  }
  expect(reader.isMidFrame).toBe(false)
  expect(delivered.length).toBe(payloads.length)
  for (const [index, payload] of payloads.entries()) {
    expect(Buffer.compare(copies[index] as Uint8Array, payload)).toBe(0)
    // Nothing that came later was written over it.
    expect(Buffer.compare(delivered[index] as Uint8Array, payload)).toBe(0)
  }
}

describe('FrameReader', () => {
  it('cuts any stream in any pieces, and what it delivered stays as it is', () => {
    for (let seed = 1; seed <= 25; seed++) {
      try {
        run(seed)
      } catch (error) {
        throw new Error(`seed ${seed}: ${error}`, { cause: error })
      }
    }
  })

  it('reads a large frame into a buffer of exactly its size', () => {
    const frames: Uint8Array[] = []
    const reader = new FrameReader(1_000_000, (frame) => frames.push(frame))
    const stream = framed([new Uint8Array(500_000).fill(1)])
    reader.push(stream.subarray(0, 1000))
    expect(reader.target().length).toBe(500_000 - 996)
    reader.push(stream.subarray(1000))
    expect(frames[0]?.buffer.byteLength).toBe(500_000)
  })

  it('begins another chunk before reads become small, and does not copy the same bytes at every read', () => {
    const reader = new FrameReader(1_000_000, () => {})
    const stream = framed(Array.from({ length: 100 }, () => new Uint8Array(60_000)))
    const chunks = new Set<ArrayBufferLike>()
    for (let at = 0; at < stream.length; ) {
      const target = reader.target()
      chunks.add(target.buffer)
      expect(target.length).toBeGreaterThanOrEqual(target.buffer.byteLength / 4)
      const count = Math.min(target.length, 10_000, stream.length - at)
      target.set(stream.subarray(at, at + count))
      reader.advance(count)
      at += count
    }
    // Two or three frames fit into a chunk of 256 KB; a chunk per read would be 600.
    expect(chunks.size).toBeLessThan(110)
  })

  it('reads ever more at once while reads fill what they are given, wherever frames end', () => {
    for (const payload of [1000, 16_000]) {
      const reader = new FrameReader(1_000_000, () => {})
      const stream = framed(Array.from({ length: 2000 }, () => new Uint8Array(payload)))
      for (let at = 0; at < 900_000; ) {
        const target = reader.target()
        target.set(stream.subarray(at, at + target.length))
        at += target.length
        reader.advance(target.length)
      }
      expect(reader.target().buffer.byteLength).toBe(262_144)
    }
  })

  it('takes no memory for a frame above the limit, and names mix-ups', () => {
    const refusal = (bytes: readonly number[]): string => {
      const reader = new FrameReader(1000, () => {})
      try {
        reader.push(Uint8Array.from(bytes))
      } catch (error) {
        return (error as Error).message
      }
      return 'accepted'
    }
    expect(refusal([0, 0, 3, 232])).toBe('accepted')
    expect(refusal([0, 0, 3, 233])).toMatch(
      /a frame of 1001 bytes was announced, but 1000 is the limit/,
    )
    expect(refusal([255, 255, 255, 255])).toMatch(/a frame of -1 bytes/)
    expect(refusal([...Buffer.from('HTTP/1.1 400')])).toMatch(/speaks HTTP/)
    expect(refusal([0x15, 3, 1, 0, 2])).toMatch(/speaks TLS/)
    expect(refusal([0x16, 3, 1, 0, 2])).toMatch(/speaks TLS/)
  })

  it('costs an idle connection little', () => {
    expect(new FrameReader(1000, () => {}).target().buffer.byteLength).toBe(4096)
  })
})

describe('FrameReader whose chunk has become too large', () => {
  const largestChunk = 1024 * 1024

  /** A reader whose frames come back at once, after a stretch in which every read filled its chunk. */
  const grown = (): {
    reader: FrameReader
    pool: BufferPool
    frames: Buffer[]
    deliverOne(): void
  } => {
    const pool = new BufferPool(8 * largestChunk)
    const frames: Buffer[] = []
    let pausesAfter = false
    const reader = new FrameReader(
      1_000_000,
      (frame) => {
        frames.push(Buffer.from(frame))
        reader.recycle(frame)
        if (pausesAfter) reader.pause()
      },
      pool,
    )
    const frame = framed([new Uint8Array(1020)])
    while (reader.target().buffer.byteLength < largestChunk || reader.isMidFrame) {
      const { length } = reader.target()
      reader.push(Buffer.alloc(Math.ceil(length / 1024) * 1024, frame))
    }
    frames.length = 0
    const deliverOne = (): void => {
      pausesAfter = true
      reader.resume()
    }
    return { reader, pool, frames, deliverOne }
  }

  const chunkBytes = (reader: FrameReader): number => reader.target().buffer.byteLength

  it('halves it after 65 small reads each, down to 4 KB, with half a frame in hand, and gives the memory back', () => {
    const { reader, pool, frames } = grown()
    const before = pool.freeBytes
    const sent = Array.from({ length: 700 }, (_, index) => Buffer.alloc(100, `${index} `))
    const stream = framed(sent)
    const sizes: number[] = []
    const reads: number[] = []
    // Every read ends in the middle of a frame, whose first half has to come along.
    reader.push(stream.subarray(0, 52))
    for (let at = 52; at < stream.length; at += 104) {
      reader.push(stream.subarray(at, at + 104))
      if (sizes.at(-1) !== chunkBytes(reader)) {
        sizes.push(chunkBytes(reader))
        reads.push(0)
      }
      reads[reads.length - 1] = (reads.at(-1) ?? 0) + 1
    }
    expect(sizes).toEqual([20, 19, 18, 17, 16, 15, 14, 13, 12].map((bits) => 2 ** bits))
    expect(new Set(reads.slice(1, -1))).toEqual(new Set([65]))
    expect(frames.length).toBe(sent.length)
    for (const [index, frame] of frames.entries())
      expect(frame.equals(sent[index] as Buffer)).toBe(true)
    expect(pool.freeBytes).toBeGreaterThanOrEqual(before + largestChunk)
  })

  it('keeps it while one read in sixty takes more than an eighth of it', () => {
    const { reader } = grown()
    const small = framed([new Uint8Array(10)])
    const large = framed([new Uint8Array(largestChunk / 4)])
    for (let round = 0; round < 400; round++) reader.push(round % 30 === 0 ? large : small)
    expect(chunkBytes(reader)).toBe(largestChunk)
  })

  it('keeps it while what waits in it, undelivered, fills more than a quarter', () => {
    const { reader, frames, deliverOne } = grown()
    const sent = Array.from({ length: 500 }, (_, index) => Buffer.alloc(700, `${index} `))
    reader.pause()
    reader.push(framed(sent))
    let least = largestChunk
    let heldBytes = 0
    for (let index = 0; index < sent.length; index++) {
      heldBytes = (sent.length - index) * 704
      deliverOne()
      const bytes = chunkBytes(reader)
      if (heldBytes > largestChunk / 4) expect(bytes).toBe(largestChunk)
      least = Math.min(least, bytes)
    }
    expect(least).toBeLessThan(largestChunk)
    expect(frames.map((frame) => frame.toString())).toEqual(sent.map((frame) => frame.toString()))
  })
})
