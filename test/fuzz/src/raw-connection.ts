import { connect, type Socket } from 'node:net'
import { BrokenProperty } from './must.js'

/** Longest wait for what has to come; longer than any pause of a busy machine, shorter than the watchdog's patience. */
const patienceMs = 20_000

/** Waits for something that has to come. */
export async function within<Value>(what: string, promise: Promise<Value>): Promise<Value> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new BrokenProperty(`not within 20 s: ${what}`)), patienceMs)
  })
  try {
    return await Promise.race([promise, late])
  } finally {
    clearTimeout(timer)
  }
}

/** A socket that says what it is told and counts what comes back. */
export class RawConnection {
  readonly #socket: Socket
  readonly #frames: Buffer[] = []
  readonly #watchers = new Set<() => void>()
  #rest: Buffer = Buffer.alloc(0)
  isClosed = false

  private constructor(socket: Socket) {
    this.#socket = socket
    socket.setNoDelay(true)
    socket.on('data', (chunk: Buffer) => this.#take(chunk))
    // The other end may cut it off; what counts is that it is closed.
    socket.on('error', () => {})
    socket.on('close', () => {
      this.isClosed = true
      this.#tell()
    })
  }

  static open(port: number): Promise<RawConnection> {
    return new Promise((resolve, reject) => {
      const socket = connect(port, '127.0.0.1', () => {
        socket.off('error', reject)
        resolve(new RawConnection(socket))
      })
      socket.once('error', reject)
    })
  }

  /** Frames that came and were not taken. */
  get frameCount(): number {
    return this.#frames.length
  }

  write(bytes: Uint8Array): void {
    if (!this.isClosed) this.#socket.write(bytes)
  }

  /** Resolves when `holds` does, or the connection is closed. */
  until(what: string, holds: () => boolean): Promise<void> {
    let watch: (() => void) | undefined
    const come = new Promise<void>((resolve) => {
      watch = () => {
        if (this.isClosed || holds()) resolve()
      }
      this.#watchers.add(watch)
      watch()
    })
    return within(what, come).finally(() => watch && this.#watchers.delete(watch))
  }

  /** The next frame. */
  async frame(what: string): Promise<Buffer> {
    await this.until(what, () => this.#frames.length > 0)
    const frame = this.#frames.shift()
    if (frame === undefined) throw new BrokenProperty(`closed instead of ${what}`)
    return frame
  }

  destroy(): void {
    this.#socket.destroy()
  }

  #take(chunk: Buffer): void {
    this.#rest = Buffer.concat([this.#rest, chunk])
    while (this.#rest.length >= 4) {
      const end = 4 + this.#rest.readInt32BE(0)
      if (this.#rest.length < end) break
      this.#frames.push(this.#rest.subarray(4, end))
      this.#rest = this.#rest.subarray(end)
    }
    this.#tell()
  }

  #tell(): void {
    for (const watch of this.#watchers) watch()
  }
}
