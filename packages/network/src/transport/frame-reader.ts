import { ConnectionError } from '@ottla/protocol'
import type { BufferPool } from './buffer-pool.js'

const firstChunkBytes = 4 * 1024

/** How much memory serves a stream. */
interface Sizes {
  /** Frames from this size on get a buffer of their own; smaller ones are slices of a chunk. */
  readonly ownBufferBytes: number
  readonly lastChunkBytes: number
}

/** What is handed out is kept, and must not keep much more than itself from being freed. */
const keptSizes: Sizes = { ownBufferBytes: 64 * 1024, lastChunkBytes: 256 * 1024 }

/** What is handed out comes back: then one read takes in many frames, and nothing is copied from chunk to buffer. */
const pooledSizes: Sizes = { ownBufferBytes: 256 * 1024, lastChunkBytes: 1024 * 1024 }

/** A chunk of which no read in so many rounds took more than an eighth is too large. */
const roundsBeforeShrinking = 64
/** Smaller chunks are not worth keeping. */
const leastPooledBytes = 16 * 1024
/** With less than this part of a chunk left, the next one is begun: a read that carries little costs as much as any. */
const leastRoom = 1 / 4

/** Memory with frames in it that were handed out, and how many of them are not given back. */
interface Block {
  readonly bytes: Buffer
  lent: number
}

/** Blocks that are remembered; what older ones lent is left to the garbage collector. */
const maxLentBlocks = 8

/**
 * Cuts a byte stream into frames (int32 size + payload) without copying: the socket reads straight into `target()`, and
 * `advance` hands out slices of it.
 *
 * ```
 * chunk   |····delivered····|size|frame|size|part of a frame··|      room for the next read       |
 *                           ^ start                           ^ end
 * ```
 *
 * A large frame moves to a buffer of its own, which the socket then fills to the frame's last byte. Chunks are not rewound
 * while anybody has a frame of theirs, so what was handed out stays as it is. A chunk starts at 4 KB, so that an idle
 * connection costs little, and doubles while reads fill it.
 *
 * With a pool, memory whose frames were all given back (`recycle`) is used again. Two chunks take turns then: frames of
 * one are worked on while the socket fills the other, and a chunk that has become too large for what comes in shrinks.
 */
export class FrameReader {
  /** What it was made with. */
  readonly #largestFrameBytes: number
  #maxFrameBytes: number
  readonly #onFrame: (frame: Uint8Array) => void
  readonly #pool: BufferPool | undefined
  readonly #sizes: Sizes
  /** Blocks that the next bytes do not go to, but that have frames out; only with a pool. */
  readonly #lentBlocks: Block[] = []
  #chunk: Buffer = Buffer.allocUnsafeSlow(firstChunkBytes)
  /** Frames of the chunk that are out. */
  #lent = 0
  /** Size of the next chunk, after a read that filled this one. */
  #nextBytes = 0
  /** Times in a row that the chunk began anew after reads that were small for it. */
  #smallRounds = 0
  #start = 0
  #end = 0
  /** The frame that has a buffer of its own, and that buffer, which may be longer. */
  #own: Buffer | undefined
  #ownBuffer: Buffer | undefined
  #ownFilled = 0
  #paused = false
  #delivering = false
  #isResuming = false

  /** @param pool where to take large memory from, if frames will be given back. */
  constructor(maxFrameBytes: number, onFrame: (frame: Uint8Array) => void, pool?: BufferPool) {
    this.#largestFrameBytes = maxFrameBytes
    this.#maxFrameBytes = maxFrameBytes
    this.#onFrame = onFrame
    this.#pool = pool
    this.#sizes = pool === undefined ? keptSizes : pooledSizes
  }

  /** Whether bytes of an unfinished (or, while paused, undelivered) frame are held. */
  get isMidFrame(): boolean {
    return this.#own !== undefined || this.#end > this.#start
  }

  /** Takes no memory for longer frames from here on; undefined: the limit it was made with. */
  limitFrames(maxBytes: number = this.#largestFrameBytes): void {
    this.#maxFrameBytes = maxBytes
  }

  /** Where the next bytes of the stream go; never empty. */
  target(): Buffer {
    if (this.#own !== undefined && this.#ownFilled < this.#own.length) {
      return this.#own.subarray(this.#ownFilled)
    }
    if (this.#pool !== undefined && this.#lent === 0) this.#rewind()
    if (this.#chunk.length - this.#end < this.#chunk.length * leastRoom) this.#nextChunk(0)
    return this.#chunk.subarray(this.#end)
  }

  /**
   * `count` bytes were written to the start of `target()`; delivers the frames they complete.
   *
   * @throws ConnectionError for a size that is negative or above the limit; the stream is then useless.
   */
  advance(count: number): void {
    if (this.#own !== undefined && this.#ownFilled < this.#own.length) {
      this.#ownFilled += count
      if (this.#ownFilled === this.#own.length) this.#deliver()
      return
    }
    this.#end += count
    const isFull = this.#end === this.#chunk.length
    this.#nextBytes = isFull ? this.#chunk.length * 2 : 0
    if (count > this.#chunk.length >> 3) this.#smallRounds = 0
    this.#deliver()
    if (isFull && this.#end === this.#chunk.length) this.#nextChunk(0)
  }

  /** For bytes that were read elsewhere: copies them in. */
  push(bytes: Uint8Array): void {
    for (let offset = 0; offset < bytes.length; ) {
      const target = this.target()
      const count = Math.min(target.length, bytes.length - offset)
      target.set(bytes.subarray(offset, offset + count))
      offset += count
      this.advance(count)
    }
  }

  /** Takes back a delivered frame that nobody looks at any more; once per frame. Without it the garbage collector does. */
  recycle(frame: Uint8Array): void {
    if (this.#pool === undefined) return
    const memory = frame.buffer
    if (memory === this.#chunk.buffer) {
      this.#lent -= 1
      return
    }
    for (let index = 0; index < this.#lentBlocks.length; index++) {
      const block = this.#lentBlocks[index] as Block
      if (block.bytes.buffer !== memory) continue
      block.lent -= 1
      if (block.lent > 0) return
      this.#lentBlocks.splice(index, 1)
      this.#pool.give(block.bytes)
      return
    }
  }

  /** The connection has ended: memory that nobody has a frame of serves others. */
  close(): void {
    if (this.#lent === 0 && this.#end === this.#start) this.#retire()
    this.#chunk = noChunk
    this.#start = this.#end = this.#lent = 0
  }

  /** Delivers nothing until `resume`; what comes in meanwhile is kept, so stop the socket too. */
  pause(): void {
    this.#paused = true
  }

  /** Delivers what is complete already. May throw as `advance` does. The socket may still write to the last `target()`. */
  resume(): void {
    this.#paused = false
    this.#isResuming = true
    try {
      this.#deliver()
    } finally {
      this.#isResuming = false
    }
  }

  #deliver(): void {
    if (this.#delivering) return
    this.#delivering = true
    try {
      while (!this.#paused && this.#deliverOne()) {}
    } finally {
      this.#delivering = false
    }
  }

  /** Delivers the next frame if all of it is there. */
  #deliverOne(): boolean {
    if (this.#own !== undefined) {
      if (this.#ownFilled < this.#own.length) return false
      const frame = this.#own
      const buffer = this.#ownBuffer
      this.#own = this.#ownBuffer = undefined
      if (buffer !== undefined) this.#remember({ bytes: buffer, lent: 1 })
      this.#onFrame(frame)
      return true
    }
    const held = this.#end - this.#start
    if (held < 4) return false
    const size = this.#chunk.readInt32BE(this.#start)
    if (size < 0 || size > this.#maxFrameBytes) throw badSize(size, this.#maxFrameBytes)
    const from = this.#start + 4
    if (held - 4 >= size) {
      this.#start = from + size
      this.#lent += 1
      this.#onFrame(this.#chunk.subarray(from, this.#start))
      return true
    }
    if (size >= this.#sizes.ownBufferBytes) {
      this.#ownBuffer = this.#pool?.take(size)
      this.#own = this.#ownBuffer?.subarray(0, size) ?? Buffer.allocUnsafeSlow(size)
      this.#ownFilled = this.#chunk.copy(this.#own, 0, from, this.#end)
      this.#start = this.#end
    } else if (from + size > this.#chunk.length) {
      this.#nextChunk(4 + size)
    }
    return false
  }

  /** Goes on in a fresh chunk of `wantedBytes` within limits, taking along what is not delivered. */
  #nextChunk(wantedBytes: number): void {
    const held = this.#end - this.#start
    const wanted = Math.max(this.#chunk.length, wantedBytes, this.#nextBytes)
    this.#nextBytes = 0
    const size = Math.min(wanted, this.#sizes.lastChunkBytes)
    const bytes = Math.max(size, 2 * held)
    const isPooled = this.#pool !== undefined && bytes >= leastPooledBytes
    const next = isPooled ? this.#pool.take(bytes) : Buffer.allocUnsafeSlow(bytes)
    const end = this.#chunk.copy(next, 0, this.#start, this.#end)
    this.#retire()
    this.#start = 0
    this.#end = end
    this.#chunk = next
    this.#lent = 0
  }

  /** Nobody has a frame of the chunk: what it holds of the next one moves to its start, or to a smaller chunk. */
  #rewind(): void {
    if (this.#start === 0) return
    this.#smallRounds += 1
    if (this.#smallRounds > roundsBeforeShrinking && this.#chunk.length > firstChunkBytes) {
      this.#shrink()
      return
    }
    this.#chunk.copyWithin(0, this.#start, this.#end)
    this.#end -= this.#start
    this.#start = 0
  }

  #shrink(): void {
    const half = this.#chunk.length >> 1
    this.#smallRounds = 0
    if (this.#end - this.#start > half >> 1) return
    const next = half < leastPooledBytes ? Buffer.allocUnsafeSlow(half) : this.#pool?.take(half)
    if (next === undefined) return
    this.#end = this.#chunk.copy(next, 0, this.#start, this.#end)
    this.#start = 0
    this.#retire()
    this.#chunk = next
  }

  /** No more bytes go into the chunk. */
  #retire(): void {
    if (this.#pool === undefined || this.#chunk.length < leastPooledBytes || this.#isResuming)
      return
    if (this.#lent === 0) this.#pool.give(this.#chunk)
    else this.#remember({ bytes: this.#chunk, lent: this.#lent })
  }

  #remember(block: Block): void {
    this.#lentBlocks.push(block)
    if (this.#lentBlocks.length > maxLentBlocks) this.#lentBlocks.shift()
  }
}

const noChunk: Buffer = Buffer.allocUnsafeSlow(0)

const frameSizeCode = 'OTTLA_CONNECTION_FRAME_SIZE'
const tlsRecord = 0x1503
const httpResponse = 0x48545450

/** A size that no Kafka peer of ours sends; two frequent mix-ups are named. */
const badSize = (size: number, maxFrameBytes: number): ConnectionError => {
  if (size === httpResponse) {
    return new ConnectionError('the peer speaks HTTP, not Kafka; check the port', {
      code: frameSizeCode,
      retriable: false,
    })
  }
  if (size >>> 16 === tlsRecord || size >>> 16 === tlsRecord + 0x100) {
    return new ConnectionError(
      'the peer speaks TLS and this connection is in plain text; a client needs the option tls (`tls: true`), or the port of a PLAINTEXT listener',
      { code: frameSizeCode, retriable: false },
    )
  }
  return frameTooLarge(size, maxFrameBytes)
}

/** The error for a frame above the limit of its receiver. */
export const frameTooLarge = (size: number, maxFrameBytes: number): ConnectionError =>
  new ConnectionError(
    `a frame of ${size} bytes was announced, but ${maxFrameBytes} is the limit; either the peer does not speak Kafka or the limit is too low`,
    { code: frameSizeCode, retriable: false },
  )
