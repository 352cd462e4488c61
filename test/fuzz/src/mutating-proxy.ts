import { connect, createServer, type Server, type Socket } from 'node:net'
import { type Mutation, mutate } from './mutations.js'

/** What is done to one answer. */
export interface Meddling {
  /** Which answer, counted from 0 over all connections; undefined: all of them. */
  readonly index: number | undefined
  /** `change` its bytes with a right size before them, `misframe` size and all, `hold` it back, or `cut` the connection in it. */
  readonly way: (typeof ways)[number]
  readonly mutation: Mutation
}

/** Ways to meddle. */
export const ways = ['change', 'change', 'change', 'misframe', 'hold', 'cut'] as const

/** Stands between clients and a broker; what the broker answers is meddled with on its way. */
export class MutatingProxy {
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  #target = 0
  #script: readonly Meddling[] = []
  #answers = 0
  #onEmpty: () => void = () => {}

  private constructor() {
    this.#server = createServer((client) => this.#join(client))
  }

  static async listen(): Promise<MutatingProxy> {
    const proxy = new MutatingProxy()
    await new Promise<void>((resolve) => proxy.#server.listen(0, '127.0.0.1', resolve))
    return proxy
  }

  get port(): number {
    const address = this.#server.address()
    return typeof address === 'object' && address !== null ? address.port : 0
  }

  /** Where connections from here on lead, and what is done to the answers. */
  begin(targetPort: number, script: readonly Meddling[]): void {
    this.#target = targetPort
    this.#script = script
    this.#answers = 0
  }

  /** Resolves when no connection is left. */
  empty(): Promise<void> {
    return new Promise((resolve) => {
      this.#onEmpty = () => {
        if (this.#sockets.size === 0) resolve()
      }
      this.#onEmpty()
    })
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  #join(client: Socket): void {
    const broker = connect(this.#target, '127.0.0.1')
    for (const socket of [client, broker]) {
      socket.setNoDelay(true)
      socket.on('error', () => {})
    }
    this.#sockets.add(client)
    client.on('data', (chunk: Buffer) => broker.write(chunk))
    client.on('close', () => {
      this.#sockets.delete(client)
      broker.destroy()
      this.#onEmpty()
    })
    broker.on('close', () => client.end())
    let rest: Buffer = Buffer.alloc(0)
    broker.on('data', (chunk: Buffer) => {
      rest = Buffer.concat([rest, chunk])
      while (rest.length >= 4 && rest.length >= 4 + rest.readInt32BE(0)) {
        const end = 4 + rest.readInt32BE(0)
        this.#answer(client, rest.subarray(0, end))
        rest = rest.subarray(end)
      }
    })
  }

  #answer(client: Socket, framed: Buffer): void {
    const index = this.#answers
    this.#answers += 1
    let bytes = framed
    for (const meddling of this.#script) {
      if (meddling.index !== undefined && meddling.index !== index) continue
      const { way, mutation } = meddling
      if (way === 'hold') return
      if (way === 'cut') {
        client.end(bytes.subarray(0, mutation.at % bytes.length))
        return
      }
      bytes =
        way === 'misframe' ? mutate(bytes, mutation) : reframed(mutate(bytes.subarray(4), mutation))
    }
    if (client.writable) client.write(bytes)
  }
}

function reframed(frame: Buffer): Buffer {
  const bytes = Buffer.alloc(4 + frame.length)
  bytes.writeInt32BE(frame.length)
  bytes.set(frame, 4)
  return bytes
}
