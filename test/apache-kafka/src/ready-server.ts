import { readFile } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'
import { untilReady } from './probe.js'
import { ServerProcess } from './server-process.js'

const START_TIMEOUT_MS = 30_000
const PAUSE_MS = 10

/** A server that prints `ready HOST:PORT` once it serves, and keeps its port over restarts. */
export class ReadyServer {
  readonly #server: ServerProcess
  #address = '127.0.0.1:0'

  /**
   * @param args for the address to listen on: `127.0.0.1:0` at the first start, then the one it got
   * @param logFile takes its output
   */
  constructor(command: string, args: (address: string) => readonly string[], logFile: string) {
    this.#server = new ServerProcess(command, () => args(this.#address), logFile)
  }

  /** `HOST:PORT` that it serves on, after the first start. */
  get address(): string {
    return this.#address
  }

  /** The id of its process, while it runs. */
  get pid(): number | undefined {
    return this.#server.pid
  }

  /**
   * Starts it and waits until it answers.
   *
   * @throws Error with the end of its log when it does not
   */
  async start(): Promise<void> {
    const server = this.#server
    const seen = await readFile(server.logFile, 'utf8').catch(() => '')
    server.start()
    const deadline = Date.now() + START_TIMEOUT_MS
    for (;;) {
      const fresh = (await readFile(server.logFile, 'utf8')).slice(seen.length)
      const ready = /^ready (\S+)\n/m.exec(fresh)?.[1]
      if (ready !== undefined) {
        this.#address = ready
        break
      }
      if (!server.isRunning || Date.now() > deadline) {
        await server.kill()
        throw new Error(`The server is not ready:\n${server.logTail()}`)
      }
      await delay(PAUSE_MS)
    }
    await untilReady(this.#address, 1, () => server.isRunning, START_TIMEOUT_MS)
  }

  /** SIGTERM; resolves when the process is gone. */
  stop(): Promise<void> {
    return this.#server.stop()
  }

  /** SIGKILL; resolves when the process is gone. */
  kill(): Promise<void> {
    return this.#server.kill()
  }
}
