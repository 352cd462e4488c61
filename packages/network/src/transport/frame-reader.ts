import { ConnectionError } from '@ottla/protocol'

/** Frames from this size on get a buffer of their own; smaller ones are slices of a chunk. */
const ownBufferBytes = 64 * 1024
const firstChunkBytes = 4 * 1024
const lastChunkBytes = 256 * 1024
/** With less than this part of a chunk left, the next one is begun: a read that carries little costs as much as any. */
const leastRoom = 1 / 4

/**
 * Cuts a byte stream into frames (int32 size + payload) without copying: the socket reads straight into `target()`, and
 * `advance` hands out slices of it.
 *
 * ```
 * chunk   |····delivered····|size|frame|size|part of a frame··|      room for the next read       |
 *                           ^ start                           ^ end
 * ```
 *
 * A frame of 64 KB or more moves to a buffer of exactly its size, which the socket then fills to its last byte. Chunks are
 * never rewound, so what was handed out stays as it is. A chunk starts at 4 KB, so that an idle connection costs little,
 * and doubles up to 256 KB while reads fill it.
 */
export class FrameReader {
  readonly #maxFrameBytes: number
  readonly #onFrame: (frame: Uint8Array) => void
  #chunk: Buffer = Buffer.allocUnsafeSlow(firstChunkBytes)
  #start = 0
  #end = 0
  #own: Buffer | undefined
  #ownFilled = 0
  #paused = false
  #delivering = false

  constructor(maxFrameBytes: number, onFrame: (frame: Uint8Array) => void) {
    this.#maxFrameBytes = maxFrameBytes
    this.#onFrame = onFrame
  }

  /** Whether bytes of an unfinished (or, while paused, undelivered) frame are held. */
  get isMidFrame(): boolean {
    return this.#own !== undefined || this.#end > this.#start
  }

  /** Where the next bytes of the stream go; never empty. */
  target(): Buffer {
    if (this.#own !== undefined && this.#ownFilled < this.#own.length) {
      return this.#own.subarray(this.#ownFilled)
    }
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
    this.#deliver()
    if (isFull && this.#end === this.#chunk.length) this.#nextChunk(this.#chunk.length * 2)
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

  /** Delivers nothing until `resume`; what comes in meanwhile is kept, so stop the socket too. */
  pause(): void {
    this.#paused = true
  }

  /** Delivers what is complete already. May throw as `advance` does. */
  resume(): void {
    this.#paused = false
    this.#deliver()
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
      this.#own = undefined
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
      this.#onFrame(this.#chunk.subarray(from, this.#start))
      return true
    }
    if (size >= ownBufferBytes) {
      this.#own = Buffer.allocUnsafeSlow(size)
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
    const size = Math.min(Math.max(this.#chunk.length, wantedBytes), lastChunkBytes)
    const next = Buffer.allocUnsafeSlow(Math.max(size, 2 * held))
    this.#end = this.#chunk.copy(next, 0, this.#start, this.#end)
    this.#start = 0
    this.#chunk = next
  }
}

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
