import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'

/** A program of this folder in a process of its own, told what to do by one message and reporting by messages. */
export class Child<Report> {
  readonly name: string
  readonly #child: ChildProcess
  readonly #gone: Promise<unknown>
  readonly #listening: Promise<unknown>
  #output = ''

  constructor(program: string, name: string, order: object, onReport: (report: Report) => void) {
    this.name = name
    const child = fork(join(import.meta.dirname, program), [], {
      execArgv: ['--conditions', '@ottla/source', '--import', 'tsx'],
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    })
    this.#child = child
    this.#gone = once(child, 'exit')
    // Its first message says that it listens to signals.
    this.#listening = once(child, 'message').then(() =>
      child.on('message', (report) => onReport(report as Report)),
    )
    this.#listening.catch(() => {})
    const keep = (chunk: Buffer): void => {
      this.#output = (this.#output + chunk.toString()).slice(-20_000)
    }
    child.stdout?.on('data', keep)
    child.stderr?.on('data', keep)
    child.send(order)
  }

  get pid(): number {
    return this.#child.pid ?? 0
  }

  get isRunning(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null
  }

  /** What it printed last. */
  get output(): string {
    return this.#output
  }

  /** SIGKILL: it gets no chance to commit or to leave its group. */
  async kill(): Promise<void> {
    this.#child.kill('SIGKILL')
    await this.#gone
  }

  /**
   * SIGTERM, which lets it finish.
   *
   * @throws Error with its output when it does not end, or ends badly
   */
  async stop(timeoutMs: number): Promise<void> {
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), timeoutMs)
    await Promise.race([this.#listening, this.#gone])
    this.#child.kill('SIGTERM')
    await this.#gone
    clearTimeout(timer)
    if (this.#child.exitCode !== 0) {
      const end = this.#child.signalCode ?? `status ${this.#child.exitCode}`
      throw new Error(`${this.name} ended with ${end}\n${this.#output}`)
    }
  }
}
