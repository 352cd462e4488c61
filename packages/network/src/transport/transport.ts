import type { TlsOptions, TlsServerOptions } from './tls-options.js'

/**
 * One connection that carries frames (int32 size + payload), the same for clients and brokers. Both ends are
 * symmetric; nothing here knows Kafka's messages.
 */
export interface FramedConnection {
  /** Unique in this process, for logs and diagnostics. */
  readonly id: number
  /** `host:port` of the other end (`[host]:port` for IPv6). */
  readonly remoteAddress: string
  /** `host:port` of this end. */
  readonly localAddress: string
  /** Whether the bytes travel inside TLS. */
  readonly encrypted: boolean
  /**
   * Subject of the other end's verified certificate (`CN=trucks,OU=fleet,O=Ottla`), where a TLS listener asks clients for
   * one; undefined without.
   */
  readonly peerSubject?: string | undefined
  /** Bytes handed to `send` that the operating system has not taken yet. */
  readonly bufferedBytes: number
  /**
   * Sends one frame: the size is added, `parts` follow in order. All frames of one event-loop turn leave in one write.
   * Parts of 4 KB and more are not copied: do not change them before `bufferedBytes` is 0 (a response to the frame
   * implies that it has left). After the end of the connection frames are dropped.
   *
   * @param onSent called once when the parts may be changed: they have left, or (false) the connection has ended before.
   * @returns false when `bufferedBytes` is above the high-water mark (1 MiB): wait for `onDrain`.
   */
  send(parts: Uint8Array | readonly Uint8Array[], onSent?: OnSent): boolean
  /** Takes back a frame that `onFrame` delivered and nobody looks at any more, so that its memory is read into again. */
  recycle(frame: Uint8Array): void
  /** From the next frame on, a longer one ends the connection before memory is taken for it; undefined: as at the start. */
  limitFrames(maxBytes: number | undefined): void
  /** Stops reading: no `onFrame` until `resume`, and the peer feels it through TCP. */
  pause(): void
  resume(): void
  /** Sends what is buffered, then closes. A peer that takes nothing is cut off after 5 s. Idempotent. */
  close(): void
  /** Sends a frame's size and the first half of its bytes, then closes: an end that died while it wrote, for tests. */
  closeMidFrame(frame: Uint8Array): void
  /** Closes at once; `error` is what `onClose` gets. Idempotent. */
  destroy(error?: Error): void
}

/** Told once that the operating system has taken a frame, or (false) that the connection has ended before. */
export type OnSent = (hasLeft: boolean) => void

/** What one end does with what arrives. An exception of `onFrame` ends the connection and becomes the reason. */
export interface ConnectionHandler {
  /**
   * One frame without its size. The bytes belong to the receiver and are not written again, unless it gives them back with
   * `recycle`; a frame may share its memory (256 KB at most) with its neighbours, so copy what you keep for long.
   */
  onFrame(frame: Uint8Array): void
  /** After `send` returned false: everything has left. */
  onDrain?(): void
  /** Called exactly once, for every connection that was made; without an error after a clean end at a frame boundary. */
  onClose(error?: Error): void
}

/** Where and how to connect. */
export interface ConnectOptions {
  readonly host: string
  readonly port: number
  /** Limit for name look-up and connecting, over all addresses of the host. */
  readonly timeoutMs: number
  /** A longer incoming frame ends the connection before memory is taken for it. */
  readonly maxFrameBytes: number
  readonly signal?: AbortSignal | undefined
  /** Speak TLS; `{}` with the well-known authorities. Undefined: plain text. */
  readonly tls?: TlsOptions | undefined
}

/** Where to accept connections. */
export interface ListenOptions {
  readonly host: string
  /** 0 takes a free port. */
  readonly port: number
  /** A longer incoming frame ends its connection before memory is taken for it. */
  readonly maxFrameBytes: number
  /** Speak TLS. Undefined: plain text. */
  readonly tls?: TlsServerOptions | undefined
}

/** A listening socket. */
export interface Listener {
  readonly host: string
  /** The port it got. */
  readonly port: number
  /** Accepts no more and frees the port. Accepted connections live on: they are their owner's to close. Idempotent. */
  close(): Promise<void>
}

/** A way to make and accept connections: TCP, or the memory network of a simulation. */
export interface Network {
  /**
   * @throws ConnectionError (which address, why, what to do), TimeoutError, AuthenticationError when TLS finds a side that
   * is not to be trusted, InvalidArgumentError for unusable TLS options, or the signal's reason.
   */
  connect(options: ConnectOptions, handler: ConnectionHandler): Promise<FramedConnection>
  /**
   * @param accept called for each connection before anything is read from it.
   * @throws ConnectionError when the address is taken or not ours, InvalidArgumentError for unusable TLS options.
   */
  listen(
    options: ListenOptions,
    accept: (connection: FramedConnection) => ConnectionHandler,
  ): Promise<Listener>
}

/** `send` answers false above this many buffered bytes. */
export const highWaterMarkBytes = 1024 * 1024
