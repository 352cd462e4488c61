import type { Socket } from 'node:net'
import { highWaterMarkBytes, type OnSent } from './transport.js'

/** Parts below this size are copied together: cheaper than one more entry in the write list. */
const copyBelowBytes = 4 * 1024
const slabBytes = 16 * 1024

/**
 * Collects the frames of one event-loop turn and hands them to the socket in one vectored write. Small parts are copied
 * into a slab, large ones go by reference. The slab is used again once the kernel has taken it, which is nearly always
 * before `flush` returns.
 */
export class FrameWriter {
  readonly #socket: Socket
  #slab: Buffer = emptySlab
  /** The slab holds the bytes of the current turn from `#from` to `#to`. */
  #from = 0
  #to = 0
  #pending: Uint8Array[] = []
  #pendingBytes = 0
  /** To be called when what is pending, and what came before, has left. */
  #onSent: OnSent[] = []
  #isScheduled = false
  #needsDrain = false
  readonly #flush = (): void => this.flush()

  constructor(socket: Socket) {
    this.#socket = socket
  }

  get bufferedBytes(): number {
    return this.#pendingBytes + this.#socket.writableLength
  }

  /** Whether `send` answered false since the last call: then `onDrain` is due. */
  takeNeedsDrain(): boolean {
    const needed = this.#needsDrain
    this.#needsDrain = false
    return needed
  }

  send(parts: Uint8Array | readonly Uint8Array[], onSent?: OnSent): boolean {
    if (onSent !== undefined) this.#onSent.push(onSent)
    if (parts instanceof Uint8Array) {
      this.#putSize(parts.length)
      this.#put(parts)
    } else {
      let size = 0
      for (const part of parts) size += part.length
      this.#putSize(size)
      for (const part of parts) this.#put(part)
    }
    if (!this.#isScheduled) {
      this.#isScheduled = true
      // Ticks run after the code that is running and before the loop goes on, and promises run with them: every send that
      // follows from one read or one timer is in.
      process.nextTick(this.#flush)
    }
    if (this.#pendingBytes + this.#socket.writableLength <= highWaterMarkBytes) return true
    this.#needsDrain = true
    return false
  }

  /** The size of a whole frame, but only half of its bytes; the next `flush` writes them. */
  sendHalf(frame: Uint8Array): void {
    this.#putSize(frame.length)
    this.#put(frame.subarray(0, frame.length >> 1))
  }

  flush(): void {
    this.#isScheduled = false
    this.#cutSlab()
    const pending = this.#pending
    if (pending.length === 0) return
    this.#pending = []
    this.#pendingBytes = 0
    const socket = this.#socket
    if (socket.destroyed || !socket.writable) {
      this.drop()
      return
    }
    // Called when the last part has left, or with an error.
    const sent = this.#takeOnSent()
    const last = pending.length - 1
    if (last > 0) socket.cork()
    for (let index = 0; index < last; index++) socket.write(pending[index] as Uint8Array)
    socket.write(pending[last] as Uint8Array, sent)
    if (last > 0) socket.uncork()
    if (socket.writableLength === 0) this.#from = this.#to = 0
    else this.#slab = emptySlab
  }

  /** Nothing more leaves: whoever waits for it need not. */
  drop(): void {
    this.#pending = []
    this.#pendingBytes = 0
    this.#takeOnSent()?.(notSent)
  }

  #takeOnSent(): ((error?: Error | null) => void) | undefined {
    const callbacks = this.#onSent
    if (callbacks.length === 0) return undefined
    this.#onSent = []
    return (error) => {
      for (const callback of callbacks) callback(error === null || error === undefined)
    }
  }

  #putSize(size: number): void {
    const at = this.#reserve(4)
    this.#slab.writeInt32BE(size, at)
  }

  #put(part: Uint8Array): void {
    if (part.length < copyBelowBytes) {
      const at = this.#reserve(part.length)
      this.#slab.set(part, at)
      return
    }
    this.#cutSlab()
    this.#pending.push(part)
    this.#pendingBytes += part.length
  }

  #reserve(bytes: number): number {
    if (this.#to + bytes > this.#slab.length) {
      this.#cutSlab()
      this.#slab = Buffer.allocUnsafeSlow(slabBytes)
      this.#from = this.#to = 0
    }
    const at = this.#to
    this.#to += bytes
    this.#pendingBytes += bytes
    return at
  }

  /** Moves what was copied since the last cut to the write list. */
  #cutSlab(): void {
    if (this.#to === this.#from) return
    this.#pending.push(this.#slab.subarray(this.#from, this.#to))
    this.#from = this.#to
  }
}

const notSent = new Error('the connection has ended')

const emptySlab: Buffer = Buffer.allocUnsafeSlow(0)
