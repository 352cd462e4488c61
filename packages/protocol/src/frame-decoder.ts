import { InvalidArgumentError, WireError } from './errors.js'

/** Limits of a {@link FrameDecoder}. */
export interface FrameDecoderOptions {
  /**
   * Largest size a frame may announce, in bytes. Kafka's brokers: socket.request.max.bytes,
   * 104857600.
   */
  readonly maxBytes: number
}

/** Cuts a stream of chunks into frames. */
export interface FrameDecoder {
  /** Bytes held for a frame that is not complete yet. */
  readonly bufferedBytes: number
  /**
   * Takes a chunk and returns the frames it completes, without their size prefix. A frame inside
   * one chunk is a view of it, so chunks must not be overwritten; one that spans chunks is joined
   * when its last byte is there, so that memory follows what has arrived and never what a prefix
   * announces.
   * @throws WireError for a negative or too large size: the stream is lost and the connection must
   * be closed.
   */
  push(chunk: Uint8Array): Uint8Array[]
}

const PREFIX_BYTES = 4

/**
 * A decoder for one direction of one connection: each frame on it is an int32 size and that many
 * bytes.
 */
export function createFrameDecoder({ maxBytes }: FrameDecoderOptions): FrameDecoder {
  if (!(maxBytes > 0)) throw new InvalidArgumentError(`maxBytes must be positive, got ${maxBytes}`)
  let held: Uint8Array[] = []
  let heldBytes = 0
  /** Below this many held bytes there is nothing new to find. */
  let wantedBytes = PREFIX_BYTES

  return {
    get bufferedBytes() {
      return heldBytes
    },
    push(chunk) {
      held.push(chunk)
      heldBytes += chunk.length
      if (heldBytes < wantedBytes) return []
      const bytes = held.length === 1 ? chunk : Buffer.concat(held, heldBytes)
      const frames: Uint8Array[] = []
      let at = 0
      wantedBytes = PREFIX_BYTES
      while (bytes.length - at >= PREFIX_BYTES) {
        wantedBytes = PREFIX_BYTES + frameSize(bytes, at, maxBytes)
        if (at + wantedBytes > bytes.length) break
        frames.push(bytes.subarray(at + PREFIX_BYTES, at + wantedBytes))
        at += wantedBytes
        wantedBytes = PREFIX_BYTES
      }
      held = at < bytes.length ? [bytes.subarray(at)] : []
      heldBytes = bytes.length - at
      return frames
    },
  }
}

function frameSize(bytes: Uint8Array, at: number, maxBytes: number): number {
  const size = new DataView(bytes.buffer, bytes.byteOffset + at, PREFIX_BYTES).getInt32(0)
  if (size >= 0 && size <= maxBytes) return size
  throw new WireError({ message: `frame of ${size} bytes (0 to ${maxBytes} are allowed)` })
}
