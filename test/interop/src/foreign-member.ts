import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import type { SeenRecord } from '@ottla-test/apache-kafka'

const WAIT_TIMEOUT_MS = 60_000

type Line = SeenRecord | { assigned: readonly number[] }

/** A foreign client that reads with a group, in a process of its own. */
export class ForeignMember {
  readonly records: SeenRecord[] = []
  /** The partitions it last said it has. */
  assigned: readonly number[] = []
  readonly #name: string
  readonly #child: ChildProcess
  #problems = ''
  #changed: () => void = () => {}

  constructor(
    name: string,
    command: readonly string[],
    bootstrap: string,
    topic: string,
    group: string,
  ) {
    this.#name = name
    const [program = '', ...args] = command
    const flags = ['--bootstrap', bootstrap, '--topic', topic, '--group', group]
    const child = spawn(program, [...args, 'member', ...flags], { stdio: 'pipe' })
    this.#child = child
    child.stdin.on('error', () => {})
    child.stderr.on('data', (chunk: Buffer) => {
      this.#problems = (this.#problems + chunk.toString()).slice(-5000)
    })
    createInterface({ input: child.stdout }).on('line', (text) => this.#read(text))
    child.once('exit', () => this.#changed())
    const killOnExit = () => child.kill('SIGKILL')
    process.once('exit', killOnExit)
    child.once('exit', () => process.off('exit', killOnExit))
  }

  /** @throws Error with what it printed when it ends or a minute passes before. */
  async until(what: string, holds: () => boolean): Promise<void> {
    const deadline = Date.now() + WAIT_TIMEOUT_MS
    while (!holds()) {
      const left = deadline - Date.now()
      if (left <= 0 || this.#child.exitCode !== null) {
        const seen = `${this.records.length} records, assigned ${this.assigned}`
        throw new Error(`${this.#name}: not ${what}; ${seen}\n${this.#problems}`)
      }
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, left)
        this.#changed = () => {
          clearTimeout(timer)
          resolve()
        }
      })
    }
  }

  /** Lets it commit and leave. @throws Error when it ends badly */
  async leave(): Promise<void> {
    const gone = once(this.#child, 'exit')
    this.#child.stdin?.end()
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), WAIT_TIMEOUT_MS)
    const [status, signal] = await gone
    clearTimeout(timer)
    if (status !== 0) {
      throw new Error(`${this.#name} ended with ${status ?? signal}\n${this.#problems}`)
    }
  }

  /** SIGKILL: its group finds out by itself. */
  async kill(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return
    const gone = once(this.#child, 'exit')
    this.#child.kill('SIGKILL')
    await gone
  }

  #read(text: string): void {
    if (!text.startsWith('{')) {
      this.#problems = `${this.#problems}${text}\n`.slice(-5000)
      return
    }
    const line = JSON.parse(text) as Line
    if ('assigned' in line) this.assigned = line.assigned
    else this.records.push(line)
    this.#changed()
  }
}
