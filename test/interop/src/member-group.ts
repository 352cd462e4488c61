import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { killAtExit, type SeenRecord } from '@ottla-test/apache-kafka'

const WAIT_TIMEOUT_MS = 180_000

type Line = SeenRecord | { readonly assigned: readonly number[]; readonly atMs?: number }

/** From when to when a member had a partition, by the clock of the machine. */
export interface Ownership {
  readonly member: string
  readonly partition: number
  readonly fromMs: number
  toMs: number
}

/** What a client is told of the way to the broker. */
export interface ConnectionFlags {
  readonly bootstrap: string
  /** Default: PLAINTEXT. */
  readonly protocol?: string
  /** File with the authority that signed the broker's certificate. */
  readonly ca?: string
  /** Of SASL. */
  readonly mechanism?: string
  readonly username?: string
  readonly password?: string
}

/** What the members of a group are told. */
export interface MemberFlags extends ConnectionFlags {
  readonly topic: string
  readonly group: string
  /** Only for clients that let it be chosen. */
  readonly assignor?: string
}

/** Flags as a program takes them. */
export function argumentsOf(flags: object): string[] {
  return Object.entries(flags).flatMap(([name, value]) => [`--${name}`, String(value)])
}

interface Member {
  readonly name: string
  readonly child: ChildProcess
  readonly records: SeenRecord[]
  readonly owned: Map<number, Ownership>
  problems: string
}

/**
 * A group whose members are programs of `clients`, each in a process of its own, and a ledger of who had and read what.
 * Members that have left or were killed stay in the ledger.
 */
export class MemberGroup {
  /** Every time that a member had a partition. */
  readonly ownerships: Ownership[] = []
  /** What all members read, in the order they said so. */
  readonly records: SeenRecord[] = []
  readonly #args: readonly string[]
  readonly #members = new Map<string, Member>()
  #changed: () => void = () => {}

  constructor(flags: MemberFlags) {
    this.#args = argumentsOf(flags)
  }

  /** Starts a member. */
  join(name: string, [program = '', ...args]: readonly string[]): void {
    const child = spawn(program, [...args, 'member', ...this.#args], { stdio: 'pipe' })
    const member: Member = { name, child, records: [], owned: new Map(), problems: '' }
    this.#members.set(name, member)
    child.stdin.on('error', () => {})
    child.stderr.on('data', (chunk: Buffer) => {
      member.problems = (member.problems + chunk.toString()).slice(-5000)
    })
    createInterface({ input: child.stdout }).on('line', (text) => this.#enter(member, text))
    killAtExit(child)
    child.once('exit', () => this.#changed())
  }

  /** What a member has read since it joined. */
  recordsOf(name: string): readonly SeenRecord[] {
    return this.#memberOf(name).records
  }

  /** What each member has, sorted. */
  get shares(): Readonly<Record<string, readonly number[]>> {
    const sorted = ({ owned }: Member) => [...owned.keys()].sort((a, b) => a - b)
    return Object.fromEntries([...this.#members].map(([name, member]) => [name, sorted(member)]))
  }

  /** Lets a member commit and leave. @throws Error when it ends badly */
  async leave(name: string): Promise<void> {
    const { child, ...member } = this.#memberOf(name)
    this.#members.delete(name)
    const gone = once(child, 'exit')
    child.stdin?.end()
    const timer = setTimeout(() => child.kill('SIGKILL'), WAIT_TIMEOUT_MS)
    const [status, signal] = await gone
    clearTimeout(timer)
    if (status !== 0) throw new Error(`${name} ended with ${status ?? signal}\n${member.problems}`)
  }

  /** SIGKILL: the others find out when its session ends. */
  async kill(name: string): Promise<void> {
    const { child, owned } = this.#memberOf(name)
    this.#members.delete(name)
    if (child.exitCode === null && child.signalCode === null) {
      const gone = once(child, 'exit')
      child.kill('SIGKILL')
      await gone
    }
    for (const ownership of owned.values()) ownership.toMs = Date.now()
  }

  /** Ends whoever is left. */
  async end(): Promise<void> {
    await Promise.all([...this.#members.keys()].map((name) => this.kill(name)))
  }

  /** Waits until something holds. @throws Error with what members said when one ends, or three minutes pass before */
  async until(what: () => string, holds: () => boolean): Promise<void> {
    const deadline = Date.now() + WAIT_TIMEOUT_MS
    while (!holds()) {
      const left = deadline - Date.now()
      const ended = [...this.#members.values()].some(({ child }) => child.exitCode !== null)
      if (left <= 0 || ended) {
        const problems = [...this.#members.values()].map((one) => `${one.name}: ${one.problems}`)
        const seen = `${this.records.length} records, ${JSON.stringify(this.shares)}`
        throw new Error(`not ${what()}; ${seen}\n${problems.join('\n')}`)
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

  #memberOf(name: string): Member {
    const member = this.#members.get(name)
    if (member === undefined) throw new Error(`${name} is not in the group`)
    return member
  }

  #enter(member: Member, text: string): void {
    if (!text.startsWith('{')) {
      member.problems = `${member.problems}${text}\n`.slice(-5000)
      return
    }
    const line = JSON.parse(text) as Line
    if ('assigned' in line) {
      this.#assign(member, line.assigned, line.atMs ?? Date.now())
    } else {
      member.records.push(line)
      this.records.push(line)
    }
    this.#changed()
  }

  #assign(member: Member, assigned: readonly number[], atMs: number): void {
    for (const [partition, ownership] of member.owned) {
      if (assigned.includes(partition)) continue
      ownership.toMs = atMs
      member.owned.delete(partition)
    }
    for (const partition of assigned) {
      if (member.owned.has(partition)) continue
      const ownership = { member: member.name, partition, fromMs: atMs, toMs: Infinity }
      member.owned.set(partition, ownership)
      this.ownerships.push(ownership)
    }
  }
}
