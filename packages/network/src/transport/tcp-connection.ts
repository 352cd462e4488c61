import type { Socket, SocketConstructorOpts } from 'node:net'
import { ConnectionError } from '@ottla/protocol'
import { formatAddress } from '../options/addresses.js'
import type { BufferPool } from './buffer-pool.js'
import { FrameReader } from './frame-reader.js'
import { FrameWriter } from './frame-writer.js'
import { tlsFailure } from './tls-failure.js'
import type { ConnectionHandler, FramedConnection, OnSent } from './transport.js'

/** A peer that takes no bytes holds up `close` this long. */
const closeTimeoutMs = 5000

/** So long a TLS connection reads on after its own end. */
const tlsLingerMs = 250

let lastId = 0
/** The next connection id of this process. */
export const nextConnectionId = (): number => ++lastId

/** What protects a connection. */
export interface Security {
  readonly encrypted: boolean
  readonly peerSubject?: string | undefined
}

/** No protection. */
export const plain: Security = { encrypted: false }

type OnRead = NonNullable<SocketConstructorOpts['onread']>

/**
 * Frames over one socket, made by either side. Created before the socket, because a socket takes its read buffer
 * (`onread`) only when it is constructed; `attach` then joins the two and `start` begins to deliver.
 */
export class TcpConnection implements FramedConnection {
  readonly id = nextConnectionId()
  remoteAddress = ''
  localAddress = ''
  encrypted = false
  peerSubject: string | undefined
  #handler: ConnectionHandler | undefined
  /** What `resume` delivered may have moved the place where the socket was told to write. */
  #isTargetStale = false
  #socket: Socket | undefined
  #writer: FrameWriter | undefined
  readonly #reader: FrameReader
  #isPaused = false
  #error: Error | undefined
  #closeTimer: NodeJS.Timeout | undefined

  /** @param pool memory that connections share whose frames are given back. */
  constructor(maxFrameBytes: number, pool?: BufferPool) {
    this.#reader = new FrameReader(maxFrameBytes, (frame) => this.#handler?.onFrame(frame), pool)
  }

  /** The socket option that makes libuv read straight into our buffers. */
  readonly onread: OnRead = {
    buffer: () => this.#reader.target(),
    callback: (count, bytes) => {
      if (this.#isTargetStale) {
        this.#isTargetStale = false
        // A copy, because the reader may use the place it came to for something else by now.
        this.#read(() => this.#reader.push(new Uint8Array(bytes.subarray(0, count))))
      } else {
        this.#read(() => this.#reader.advance(count))
      }
      return !this.#isPaused
    },
  }

  /** Takes over a connected socket. */
  attach(socket: Socket, security: Security = plain): void {
    this.#socket = socket
    this.encrypted = security.encrypted
    this.peerSubject = security.peerSubject
    this.#writer = new FrameWriter(socket)
    this.remoteAddress = addressOf(socket.remoteAddress, socket.remotePort)
    this.localAddress = addressOf(socket.localAddress, socket.localPort)
    socket.setNoDelay(true)
    socket.on('drain', () => {
      if (this.#writer?.takeNeedsDrain()) this.#handler?.onDrain?.()
    })
    socket.on('end', () => this.#onEnd())
    socket.on('error', (error) => {
      this.#error ??=
        tlsFailure(this.remoteAddress, error) ??
        new ConnectionError(`connection to ${this.remoteAddress} lost: ${error.message}`, {
          node: this.remoteAddress,
          cause: error,
        })
    })
    socket.once('close', () => this.#onClose())
  }

  /** From now on the handler is called. */
  start(handler: ConnectionHandler): void {
    this.#handler = handler
    // Comes only where `onread` is not known.
    this.#socket?.on('data', (chunk: Buffer) => this.#read(() => this.#reader.push(chunk)))
    if (this.#isPaused) this.#socket?.pause()
    else this.#socket?.resume()
  }

  get bufferedBytes(): number {
    return this.#writer?.bufferedBytes ?? 0
  }

  send(parts: Uint8Array | readonly Uint8Array[], onSent?: OnSent): boolean {
    return this.#writer?.send(parts, onSent) ?? true
  }

  limitFrames(maxBytes: number | undefined): void {
    this.#reader.limitFrames(maxBytes)
  }

  recycle(frame: Uint8Array): void {
    this.#reader.recycle(frame)
  }

  pause(): void {
    this.#isPaused = true
    this.#reader.pause()
    this.#socket?.pause()
  }

  resume(): void {
    if (!this.#isPaused) return
    this.#isPaused = false
    // Not from inside the caller: frames held back come as every frame comes, from the event loop.
    process.nextTick(() => {
      if (this.#isPaused || this.#socket?.destroyed) return
      this.#isTargetStale = true
      this.#read(() => this.#reader.resume())
      if (!this.#isPaused) this.#socket?.resume()
    })
  }

  close(): void {
    const socket = this.#socket
    if (socket === undefined || socket.destroyed || this.#closeTimer !== undefined) return
    this.#writer?.flush()
    this.#closeTimer = setTimeout(() => socket.destroy(), closeTimeoutMs)
    if (!this.encrypted) {
      socket.destroySoon()
      return
    }
    // TLS 1.3 sends tickets of its own accord. A socket destroyed before it has read them answers with a reset, which may
    // overtake our last bytes: so it reads on until the peer ends too, or for a moment.
    socket.end(() => {
      clearTimeout(this.#closeTimer)
      this.#closeTimer = setTimeout(() => socket.destroy(), tlsLingerMs)
    })
    socket.resume()
  }

  closeMidFrame(frame: Uint8Array): void {
    this.#writer?.sendHalf(frame)
    this.close()
  }

  destroy(error?: Error): void {
    if (this.#socket === undefined || this.#socket.destroyed) return
    this.#error ??= error
    this.#socket.destroy()
  }

  #read(deliver: () => void): void {
    // After `close` nothing is wanted any more.
    if (this.#socket?.destroyed || this.#closeTimer !== undefined) return
    try {
      deliver()
    } catch (error) {
      this.destroy(error instanceof Error ? error : new ConnectionError(String(error)))
    }
  }

  #onEnd(): void {
    if (!this.#reader.isMidFrame) return
    this.#error ??= new ConnectionError(
      `connection to ${this.remoteAddress} ended in the middle of a frame`,
      { node: this.remoteAddress },
    )
  }

  #onClose(): void {
    clearTimeout(this.#closeTimer)
    this.#reader.close()
    this.#writer?.drop()
    const handler = this.#handler
    this.#handler = undefined
    handler?.onClose(this.#error)
  }
}

const addressOf = (host = '?', port = 0): string => formatAddress({ host, port })
