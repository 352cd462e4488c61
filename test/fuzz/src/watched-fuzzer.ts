import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readBlackBox } from './black-box.js'
import type { Answer, Finding, Work } from './work.js'

/** How long one input may take, and loading and starting what it is for, on a busy machine. */
const defaultHangMs = 60_000
const startMs = 180_000
const defaultEndMs = 60_000
const lookMs = 1000

/** A process, and how it ended once it has, however it did. */
interface Watched {
  readonly child: ChildProcess
  readonly ended: Promise<string>
  hasEnded: boolean
}

/** A fuzzer in a process of its own that is watched: if it dies or stops, the input at hand is the finding. */
export class WatchedFuzzer {
  readonly name: string
  readonly #hangMs: number
  readonly #endMs: number
  readonly #folder: string = mkdtempSync(join(tmpdir(), 'ottla-fuzz-'))
  #watched: Watched | undefined
  #errors = ''

  /**
   * @param hangMs how long one input may take, on a busy machine.
   * @param endMs how long the process may take to end.
   */
  constructor(name: string, hangMs: number = defaultHangMs, endMs: number = defaultEndMs) {
    this.name = name
    this.#hangMs = hangMs
    this.#endMs = endMs
  }

  /** Has a batch of inputs made from `seed` tried; with `path` the one of them that is there. */
  batch(seed: number, path?: string): Promise<Answer> {
    return this.#ask({ kind: 'batch', seed, ...(path !== undefined && { path }) }, seed)
  }

  /** Has one input tried. */
  replay(hex: string): Promise<Answer> {
    return this.#ask({ kind: 'replay', hex })
  }

  /** Resolves when its process has ended, if there is one. */
  async gone(): Promise<void> {
    await this.#watched?.ended
  }

  /** Ends the process, which has to follow by itself. */
  async close(): Promise<Finding | undefined> {
    const watched = this.#watched
    try {
      if (watched === undefined) return undefined
      const { child, ended } = watched
      if (watched.hasEnded) return this.#lost(await ended)
      tell(child, { kind: 'close' })
      let isLate = false
      const timer = setTimeout(() => {
        isLate = true
        child.kill('SIGKILL')
      }, this.#endMs)
      const how = await ended
      clearTimeout(timer)
      if (isLate) return { what: `it did not end by itself ${this.#errors}`, hex: '' }
      return how === wellEnded ? undefined : { what: `it ${how}: ${this.#errors}`, hex: '' }
    } finally {
      this.#watched = undefined
      rmSync(this.#folder, { recursive: true, force: true })
    }
  }

  async #ask(work: Work, seed?: number): Promise<Answer> {
    this.#watched ??= this.#start()
    const watched = this.#watched
    const { child, ended } = watched
    if (watched.hasEnded) {
      this.#watched = undefined
      return { executions: 0, batchRuns: 1, finding: this.#lost(await ended) }
    }
    const box = this.#boxPath()
    return new Promise((resolve) => {
      let seen = -1
      let seenAt = performance.now()
      let hasHung = false
      let isSettled = false
      const look = setInterval(() => {
        const { count } = readBlackBox(box)
        if (count !== seen) seenAt = performance.now()
        seen = count
        hasHung = performance.now() - seenAt > (count === 0 ? startMs : this.#hangMs)
        if (hasHung) child.kill('SIGKILL')
      }, lookMs)
      const settle = (answer: Answer): void => {
        isSettled = true
        clearInterval(look)
        child.off('message', settle)
        resolve(answer)
      }
      child.on('message', settle)
      void ended.then((how) => {
        if (isSettled) return
        this.#watched = undefined
        const lost = this.#lost(how)
        const what = hasHung ? `no end after ${this.#hangMs} ms` : lost.what
        const finding = { ...lost, what, ...(seed !== undefined && { seed }) }
        settle({ executions: Math.max(readBlackBox(box).count, 0), batchRuns: 1, finding })
      })
      tell(child, work)
    })
  }

  /** The process ended where it was not to: with the last input that it began. */
  #lost(how: string): Finding {
    const { input } = readBlackBox(this.#boxPath())
    const hex = Buffer.from(input).toString('hex')
    return { what: `the process ${how}: ${this.#errors}`, hex }
  }

  #boxPath(): string {
    return join(this.#folder, 'input')
  }

  #start(): Watched {
    this.#errors = ''
    writeFileSync(this.#boxPath(), '')
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
    const ended = new Promise<string>((resolve) => {
      // 'close' comes when all it printed is read, too.
      child.on('close', (code, signal) => {
        watched.hasEnded = true
        resolve(signal === null ? `exited with status ${code}` : `was ended by ${signal}`)
      })
      child.on('error', (error) => {
        this.#errors += error.message
      })
    })
    const watched: Watched = { child, ended, hasEnded: false }
    return watched
  }
}

/** How it ends by itself. */
const wellEnded = 'exited with status 0'

/** Says what to do; where nobody listens any more, the end of the process tells. */
const tell = (child: ChildProcess, work: Work): void => {
  child.send(work, () => {})
}
