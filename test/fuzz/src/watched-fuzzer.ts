import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readBlackBox } from './black-box.js'
import type { Answer, Finding, Work } from './work.js'

/** How long one input may take, and loading and starting what it is for, on a busy machine. */
const defaultHangMs = 60_000
const startMs = 180_000
const endMs = 10_000
const lookMs = 1000

/** A fuzzer in a process of its own that is watched: if it dies or stops, the input at hand is the finding. */
export class WatchedFuzzer {
  readonly name: string
  readonly #hangMs: number
  readonly #folder: string = mkdtempSync(join(tmpdir(), 'ottla-fuzz-'))
  #child: ChildProcess | undefined
  #errors = ''

  /** @param hangMs how long one input may take, on a busy machine. */
  constructor(name: string, hangMs: number = defaultHangMs) {
    this.name = name
    this.#hangMs = hangMs
    writeFileSync(this.#boxPath(), '')
  }

  /** Has a batch of inputs made from `seed` tried; with `path` the one of them that is there. */
  batch(seed: number, path?: string): Promise<Answer> {
    return this.#ask({ kind: 'batch', seed, ...(path !== undefined && { path }) }, seed)
  }

  /** Has one input tried. */
  replay(hex: string): Promise<Answer> {
    return this.#ask({ kind: 'replay', hex })
  }

  /** Ends the process, which has to follow by itself. */
  async close(): Promise<Finding | undefined> {
    const child = this.#child
    try {
      if (child === undefined) return undefined
      const ended = once(child, 'exit')
      child.send({ kind: 'close' } satisfies Work)
      const timer = setTimeout(() => child.kill('SIGKILL'), endMs)
      const [code, signal] = await ended
      clearTimeout(timer)
      if (code === 0) return undefined
      const what = signal === null ? `it ended with status ${code}` : 'it did not end by itself'
      return { what: `${what} ${this.#errors}`, hex: '' }
    } finally {
      this.#child = undefined
      rmSync(this.#folder, { recursive: true, force: true })
    }
  }

  async #ask(work: Work, seed?: number): Promise<Answer> {
    this.#child ??= this.#start()
    const child = this.#child
    const box = this.#boxPath()
    return new Promise((resolve) => {
      let seen = -1
      let seenAt = performance.now()
      let hasHung = false
      const look = setInterval(() => {
        const { count } = readBlackBox(box)
        if (count !== seen) seenAt = performance.now()
        seen = count
        hasHung = performance.now() - seenAt > (count === 0 ? startMs : this.#hangMs)
        if (hasHung) child.kill('SIGKILL')
      }, lookMs)
      const onAnswer = (answer: Answer): void => settle(answer)
      const onExit = (code: number | null, signal: string | null): void => {
        this.#child = undefined
        const how = signal === null ? `exited with status ${code}` : `was ended by ${signal}`
        const what = hasHung
          ? `no end after ${this.#hangMs} ms`
          : `the process ${how}: ${this.#errors}`
        const { count, input } = readBlackBox(box)
        const hex = Buffer.from(input).toString('hex')
        const finding = { what, hex, ...(seed !== undefined && { seed }) }
        settle({ executions: Math.max(count, 0), batchRuns: 1, finding })
      }
      const settle = (answer: Answer): void => {
        clearInterval(look)
        child.off('message', onAnswer)
        child.off('exit', onExit)
        resolve(answer)
      }
      child.on('message', onAnswer)
      child.on('exit', onExit)
      child.send(work)
    })
  }

  #boxPath(): string {
    return join(this.#folder, 'input')
  }

  #start(): ChildProcess {
    this.#errors = ''
    const program = join(import.meta.dirname, 'fuzz-process.ts')
    const flags = ['--conditions', '@ottla/source', '--import', 'tsx', '--expose-gc']
    const child = spawn(
      process.execPath,
      [...flags, '--max-old-space-size=512', program, this.name, this.#boxPath()],
      { cwd: import.meta.dirname, stdio: ['ignore', 'ignore', 'pipe', 'ipc'] },
    )
    child.stderr?.on('data', (chunk: Buffer) => {
      this.#errors = (this.#errors + chunk.toString()).slice(-2000)
    })
    return child
  }
}
