import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'

/** A TCP proxy in front of a broker that cuts the connections through it when told to. */
export class CuttingProxy {
  readonly #server: Server
  readonly #open = new Set<Socket>()

  private constructor(targetPort: number) {
    this.#server = createServer((near) => {
      const far = connect(targetPort, '127.0.0.1')
      for (const [from, to] of [
        [near, far],
        [far, near],
      ] as const) {
        this.#open.add(from)
        from.on('error', () => to.destroy())
        from.on('close', () => {
          this.#open.delete(from)
          to.destroy()
        })
        from.setNoDelay(true)
        from.pipe(to)
      }
    })
  }

  /** Listens on a free port of the loopback interface. */
  static async start(targetPort: number): Promise<CuttingProxy> {
    const proxy = new CuttingProxy(targetPort)
    proxy.#server.listen(0, '127.0.0.1')
    await once(proxy.#server, 'listening')
    return proxy
  }

  get address(): string {
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  /** Ends every connection at once, wherever in a frame it is. @returns how many there were. */
  cut(): number {
    const sockets = [...this.#open]
    for (const socket of sockets) socket.destroy()
    return sockets.length / 2
  }

  async close(): Promise<void> {
    this.#server.close()
    this.cut()
    await once(this.#server, 'close')
  }
}
