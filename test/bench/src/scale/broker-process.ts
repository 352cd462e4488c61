import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { cpuSecondsOf, rssMegabytesOf } from '../brokers/process-usage.ts'

const bin = fileURLToPath(new URL('../../../../apps/cli/bin/ottla.js', import.meta.url))

/** `ottla broker` as a process, started and ended to the millisecond. Needs a build. */
export class BrokerProcess {
  readonly address: string
  /** From the start of the process until it said that it serves. */
  readonly readyMs: number
  readonly #child: ChildProcess

  private constructor(child: ChildProcess, address: string, readyMs: number) {
    this.#child = child
    this.address = address
    this.readyMs = readyMs
  }

  /** @throws Error with its exit status if it ends instead */
  static async start(node: string, args: readonly string[]): Promise<BrokerProcess> {
    const began = performance.now()
    const child = spawn(node, [bin, 'broker', '--listen', '127.0.0.1:0', ...args], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const kill = (): boolean => child.kill('SIGKILL')
    process.once('exit', kill)
    child.once('exit', () => process.off('exit', kill))
    let output = ''
    const address = await new Promise<string>((resolve, reject) => {
      child.once('exit', (status) =>
        reject(new Error(`the broker ended with ${status}\n${output}`)),
      )
      child.stdout.on('data', (chunk: Buffer) => {
        output += chunk.toString()
        const ready = /^ready (\S+)$/m.exec(output)?.[1]
        if (ready !== undefined) resolve(ready)
      })
    })
    return new BrokerProcess(child, address, performance.now() - began)
  }

  get rssMegabytes(): number {
    return rssMegabytesOf([this.#pid])
  }

  get cpuSeconds(): number {
    return cpuSecondsOf([this.#pid])
  }

  get openFiles(): number {
    return readdirSync(`/proc/${this.#pid}/fd`).length
  }

  /** Resolves when the process is gone, with the time that took. */
  async end(signal: 'SIGTERM' | 'SIGKILL'): Promise<number> {
    const began = performance.now()
    const gone = once(this.#child, 'exit')
    this.#child.kill(signal)
    await gone
    return performance.now() - began
  }

  get #pid(): number {
    return this.#child.pid as number
  }
}

/** Percent of a core that the broker takes while `seconds` pass. */
export async function cpuPercentOf(broker: BrokerProcess, seconds: number): Promise<number> {
  const before = broker.cpuSeconds
  const began = performance.now()
  await pause(seconds * 1000)
  return ((broker.cpuSeconds - before) * 1e5) / (performance.now() - began)
}

export const pause = (ms: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, ms)
  })
