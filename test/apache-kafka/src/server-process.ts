import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { killAtExit } from './kill-at-exit.js'
import { tail } from './run.js'

const STOP_TIMEOUT_MS = 20_000

/** A server that runs until it is told to stop. Its output goes into a file. */
export class ServerProcess {
  readonly #command: string
  readonly #args: () => readonly string[]
  /** Standard output and standard error. */
  readonly logFile: string
  #child: ChildProcess | undefined
  #watchdog: ChildProcess | undefined

  /** @param args called at every start, so that a restart may use what the first start has found out */
  constructor(command: string, args: () => readonly string[], logFile: string) {
    this.#command = command
    this.#args = args
    this.logFile = logFile
  }

  get isRunning(): boolean {
    return this.#child !== undefined
  }

  /** The id of its process, while it runs. */
  get pid(): number | undefined {
    return this.#child?.pid
  }

  /** Starts it; does not wait until it serves. */
  start(): void {
    if (this.#child !== undefined) throw new Error('The server is running already.')
    const log = openSync(this.logFile, 'a')
    const child = spawn(this.#command, this.#args(), { stdio: ['ignore', log, log] })
    closeSync(log)
    this.#child = child
    this.#watchdog = watch(child.pid)
    killAtExit(child)
    child.once('error', () => this.#forget(child))
    child.once('exit', () => this.#forget(child))
  }

  /** SIGTERM, and SIGKILL when that takes longer than 20 seconds. Resolves when the process is gone. */
  async stop(): Promise<void> {
    const child = this.#child
    if (child === undefined) return
    const timer = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS)
    await this.#end(child, 'SIGTERM')
    clearTimeout(timer)
  }

  /** SIGKILL: the process gets no chance to flush or to say goodbye. */
  async kill(): Promise<void> {
    if (this.#child !== undefined) await this.#end(this.#child, 'SIGKILL')
  }

  /** SIGSTOP: it is there and does nothing, as a process does that collects garbage for long. */
  pause(): void {
    this.#child?.kill('SIGSTOP')
  }

  /** SIGCONT: goes on after `pause`. */
  resume(): void {
    this.#child?.kill('SIGCONT')
  }

  /** The end of its log. */
  logTail(): string {
    return tail(readFileSync(this.logFile, 'utf8'))
  }

  async #end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
    const gone = once(child, 'exit')
    child.kill(signal)
    // One that is paused hears of nothing but SIGKILL.
    child.kill('SIGCONT')
    await gone
  }

  #forget(child: ChildProcess): void {
    if (this.#child !== child) return
    this.#child = undefined
    this.#watchdog?.kill('SIGKILL')
  }
}

/**
 * A shell that kills the server when this process is gone, however it went: its standard input is a pipe from us, and the
 * system closes that even when we are killed ourselves.
 */
function watch(pid: number | undefined): ChildProcess | undefined {
  if (pid === undefined) return undefined
  const script = 'read -r _; kill -KILL "$0" 2>/dev/null'
  const shell = spawn('sh', ['-c', script, String(pid)], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  })
  shell.on('error', () => {})
  shell.unref()
  if (shell.stdin !== null && 'unref' in shell.stdin) (shell.stdin as { unref(): void }).unref()
  return shell
}
