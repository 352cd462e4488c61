import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { brokerJars } from '@ottla-test/apache-kafka'

const WAIT_TIMEOUT_MS = 60_000

/** Java's consumer, or ours. */
export type MemberKind = 'java' | 'ottla'

/** From when to when a member had a partition, by the clock of the machine. */
export interface Ownership {
  readonly member: string
  readonly partition: number
  readonly fromMs: number
  toMs: number
}

type Line =
  | { readonly event: string; readonly partitions: readonly number[]; readonly atMs: number }
  | { readonly partition: number; readonly value: string }

interface Member {
  readonly name: string
  readonly child: ChildProcess
  readonly owned: Map<number, Ownership>
  problems: string
}

const javaFolder = join(import.meta.dirname, '..', '..', 'apache-kafka', 'java')

const commandOf = async (kind: MemberKind): Promise<string[]> => {
  if (kind === 'ottla') {
    const program = join(import.meta.dirname, 'ottla-member.ts')
    return [process.execPath, '--conditions', '@ottla/source', '--import', 'tsx', program]
  }
  const { classPath } = await brokerJars()
  const jvm = ['-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC', '-Xmx256m']
  return ['java', ...jvm, '-cp', classPath, join(javaFolder, 'GroupMember.java')]
}

/** A group of Java's consumers and ours, each in a process of its own, and a ledger of who had and read what. */
export class MixedGroup {
  /** Every time that a member had a partition. */
  readonly ownerships: Ownership[] = []
  /** How often each value was read. */
  readonly read = new Map<string, number>()
  readonly #args: readonly string[]
  readonly #members = new Map<string, Member>()
  #changed: () => void = () => {}

  constructor(bootstrapServers: string, topic: string, group: string, assignor: string) {
    this.#args = [bootstrapServers, topic, group, assignor]
  }

  /** Starts a member. */
  async join(kind: MemberKind, name: string): Promise<void> {
    const [program = '', ...args] = await commandOf(kind)
    const child = spawn(program, [...args, ...this.#args], { stdio: 'pipe' })
    const member: Member = { name, child, owned: new Map(), problems: '' }
    this.#members.set(name, member)
    child.stdin.on('error', () => {})
    child.stderr.on('data', (chunk: Buffer) => {
      member.problems = (member.problems + chunk.toString()).slice(-5000)
    })
    createInterface({ input: child.stdout }).on('line', (text) => this.#enter(member, text))
    const killOnExit = () => child.kill('SIGKILL')
    process.once('exit', killOnExit)
    child.once('exit', () => {
      process.off('exit', killOnExit)
      this.#changed()
    })
  }

  /** Lets a member commit and leave. @throws Error when it ends badly */
  async leave(name: string): Promise<void> {
    const member = this.#take(name)
    const gone = once(member.child, 'exit')
    member.child.stdin?.end()
    const timer = setTimeout(() => member.child.kill('SIGKILL'), WAIT_TIMEOUT_MS)
    const [status, signal] = await gone
    clearTimeout(timer)
    if (status !== 0) throw new Error(`${name} ended with ${status ?? signal}\n${member.problems}`)
  }

  /** SIGKILL: the others find out when its session ends. */
  async kill(name: string): Promise<void> {
    const { child, owned } = this.#take(name)
    const gone = once(child, 'exit')
    child.kill('SIGKILL')
    await gone
    for (const ownership of owned.values()) ownership.toMs = Date.now()
  }

  /** Ends whoever is left. */
  async end(): Promise<void> {
    await Promise.all([...this.#members.keys()].map((name) => this.kill(name)))
  }

  /** What each member has, sorted. */
  get shares(): Record<string, readonly number[]> {
    return Object.fromEntries(
      [...this.#members].map(([name, { owned }]) => [
        name,
        [...owned.keys()].sort((a, b) => a - b),
      ]),
    )
  }

  /** Waits until something holds. @throws Error with what members said when one ends, or a minute passes before */
  async until(what: () => string, holds: () => boolean): Promise<void> {
    const deadline = Date.now() + WAIT_TIMEOUT_MS
    while (!holds()) {
      const left = deadline - Date.now()
      const ended = [...this.#members.values()].some(({ child }) => child.exitCode !== null)
      if (left <= 0 || ended) {
        const problems = [...this.#members.values()].map((one) => `${one.name}: ${one.problems}`)
        throw new Error(`not ${what()}; ${JSON.stringify(this.shares)}\n${problems.join('\n')}`)
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

  #take(name: string): Member {
    const member = this.#members.get(name)
    if (member === undefined) throw new Error(`${name} is not in the group`)
    this.#members.delete(name)
    return member
  }

  #enter(member: Member, text: string): void {
    if (!text.startsWith('{')) {
      member.problems = `${member.problems}${text}\n`.slice(-5000)
      return
    }
    const line = JSON.parse(text) as Line
    if ('value' in line) {
      this.read.set(line.value, (this.read.get(line.value) ?? 0) + 1)
    } else {
      for (const partition of line.partitions) {
        if (line.event === 'assigned') this.#gain(member, partition, line.atMs)
        else this.#give(member, partition, line.atMs)
      }
    }
    this.#changed()
  }

  #gain(member: Member, partition: number, fromMs: number): void {
    const ownership = { member: member.name, partition, fromMs, toMs: Infinity }
    member.owned.set(partition, ownership)
    this.ownerships.push(ownership)
  }

  #give(member: Member, partition: number, atMs: number): void {
    const ownership = member.owned.get(partition)
    if (ownership !== undefined) ownership.toMs = atMs
    member.owned.delete(partition)
  }
}
