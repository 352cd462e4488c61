import { ConnectionError } from '@ottla/protocol'
import type { Clock, Timer } from '../platform/clock.js'
import { frameTooLarge } from './frame-reader.js'
import { nextConnectionId } from './tcp-connection.js'
import {
  type ConnectionHandler,
  type FramedConnection,
  highWaterMarkBytes,
  type OnSent,
} from './transport.js'

/** What the two ends of a connection have in common. */
export interface MemoryPipeOptions {
  readonly clock: Clock
  /** Draws the travel time of the next frame. */
  readonly delayMs: () => number
  /** Whether bytes stand still at the moment. */
  readonly isCut: () => boolean
  /** Client's, then server's. */
  readonly machines: readonly [string, string]
  readonly addresses: readonly [string, string]
  readonly maxFrameBytes: readonly [number, number]
  /** Called once when both ends are closed. */
  readonly onEnd: () => void
}

/** One connection of the memory network: two ends and the frames travelling between them. */
export class MemoryPipe {
  readonly client: MemoryEnd
  readonly server: MemoryEnd
  readonly machines: readonly [string, string]
  readonly #onEnd: () => void

  constructor(options: MemoryPipeOptions) {
    this.machines = options.machines
    this.#onEnd = options.onEnd
    const ended = (): void => {
      if (this.client.isClosed && this.server.isClosed) this.#onEnd()
    }
    this.client = new MemoryEnd(options, 0, ended)
    this.server = new MemoryEnd(options, 1, ended)
    this.client.join(this.server)
    this.server.join(this.client)
  }

  /** Bytes may move again. */
  wake(): void {
    this.client.wake()
    this.server.wake()
  }

  /** Both ends see a reset at once. */
  reset(): void {
    for (const end of [this.client, this.server]) {
      end.destroy(new ConnectionError(`connection to ${end.remoteAddress} lost: connection reset`))
    }
  }
}

type Item = Uint8Array | 'end' | 'end in a frame'

/** One end: what it sends travels in `#outgoing` until the other end takes it. */
export class MemoryEnd implements FramedConnection {
  readonly id = nextConnectionId()
  readonly remoteAddress: string
  readonly localAddress: string
  readonly encrypted = false
  readonly #options: MemoryPipeOptions
  readonly #largestFrameBytes: number
  #maxFrameBytes: number
  readonly #onEnd: () => void
  readonly #outgoing: { readonly item: Item; readonly atMs: number }[] = []
  #peer: MemoryEnd | undefined
  #handler: ConnectionHandler | undefined
  #timer: Timer | undefined
  #bufferedBytes = 0
  #lastAtMs = 0
  #isPaused = false
  #needsDrain = false
  #isClosing = false
  isClosed = false

  constructor(options: MemoryPipeOptions, side: 0 | 1, onEnd: () => void) {
    this.#options = options
    this.#onEnd = onEnd
    this.localAddress = options.addresses[side]
    this.remoteAddress = options.addresses[side === 0 ? 1 : 0]
    this.#largestFrameBytes = options.maxFrameBytes[side]
    this.#maxFrameBytes = this.#largestFrameBytes
  }

  join(peer: MemoryEnd): void {
    this.#peer = peer
  }

  start(handler: ConnectionHandler): void {
    this.#handler = handler
    this.wake()
    this.#peer?.wake()
  }

  get bufferedBytes(): number {
    return this.#bufferedBytes
  }

  send(parts: Uint8Array | readonly Uint8Array[], onSent?: OnSent): boolean {
    if (this.isClosed || this.#isClosing) {
      onSent?.(false)
      return true
    }
    const frame = new Uint8Array(Buffer.concat(parts instanceof Uint8Array ? [parts] : parts))
    onSent?.(true)
    this.#bufferedBytes += frame.length
    this.#push(frame)
    if (this.#bufferedBytes <= highWaterMarkBytes) return true
    this.#needsDrain = true
    return false
  }

  /** Every frame is a copy of its own. */
  limitFrames(maxBytes: number = this.#largestFrameBytes): void {
    this.#maxFrameBytes = maxBytes
  }

  recycle(): void {}

  pause(): void {
    this.#isPaused = true
  }

  resume(): void {
    this.#isPaused = false
    this.#peer?.wake()
  }

  close(): void {
    this.#close('end')
  }

  closeMidFrame(): void {
    this.#close('end in a frame')
  }

  #close(how: 'end' | 'end in a frame'): void {
    if (this.isClosed || this.#isClosing) return
    this.#isClosing = true
    this.#push(how)
    // As with TCP: this end is through once its bytes are handed over, here to the network.
    this.#options.clock.setTimer(0, () => this.#finish(undefined))
  }

  destroy(error?: Error): void {
    if (this.isClosed) return
    if (!this.#isClosing) {
      this.#outgoing.length = 0
      this.#bufferedBytes = 0
      this.#isClosing = true
      this.#push('end')
    }
    this.#options.clock.setTimer(0, () => this.#finish(error))
  }

  /** Delivers what has arrived, and comes back for the rest. */
  wake(): void {
    this.#timer?.cancel()
    this.#timer = undefined
    const { clock, isCut } = this.#options
    const next = this.#outgoing[0]
    const peer = this.#peer
    if (next === undefined || peer === undefined || peer.#handler === undefined) return
    if (isCut() || peer.#isPaused) return
    this.#timer = clock.setTimer(next.atMs - clock.monotonic(), () => this.#deliver())
  }

  #push(item: Item): void {
    const { clock, delayMs } = this.#options
    this.#lastAtMs = Math.max(this.#lastAtMs, clock.monotonic() + delayMs())
    this.#outgoing.push({ item, atMs: this.#lastAtMs })
    if (this.#outgoing.length === 1) this.wake()
  }

  #deliver(): void {
    this.#timer = undefined
    const { clock, isCut } = this.#options
    const peer = this.#peer as MemoryEnd
    while (this.#outgoing.length > 0 && !isCut() && !peer.#isPaused) {
      const next = this.#outgoing[0] as { item: Item; atMs: number }
      if (next.atMs > clock.monotonic()) break
      this.#outgoing.shift()
      if (next.item === 'end') peer.#finish(undefined)
      else if (next.item === 'end in a frame') peer.#finish(midFrame(peer.remoteAddress))
      else {
        this.#bufferedBytes -= next.item.length
        peer.#receive(next.item)
      }
    }
    if (this.#needsDrain && this.#bufferedBytes === 0) {
      this.#needsDrain = false
      if (!this.isClosed) this.#handler?.onDrain?.()
    }
    this.wake()
  }

  #receive(frame: Uint8Array): void {
    if (this.isClosed || this.#isClosing) return
    if (frame.length <= this.#maxFrameBytes) this.#handler?.onFrame(frame)
    else this.destroy(frameTooLarge(frame.length, this.#maxFrameBytes))
  }

  #finish(error: Error | undefined): void {
    if (this.isClosed) return
    this.isClosed = true
    if (!this.#isClosing) {
      // The other end is gone: what was on its way there is lost.
      this.#isClosing = true
      this.#outgoing.length = 0
      this.#timer?.cancel()
    }
    this.#handler?.onClose(error)
    this.#onEnd()
  }
}

const midFrame = (address: string): ConnectionError =>
  new ConnectionError(`connection to ${address} ended in the middle of a frame`, { node: address })
