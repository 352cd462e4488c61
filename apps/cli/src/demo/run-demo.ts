import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { Admin } from '@ottla/admin'
import { Children } from './children.js'
import { readFlights } from './flights.js'
import { type Finding, Ledger } from './ledger.js'
import type { FailureReport, FinishedBatch, MemberReport, ProducedReport } from './messages.js'
import type { DemoState, MemberState } from './state.js'
import { View } from './view.js'

/** What `ottla demo` may be told. */
export interface DemoOptions {
  rows: number
  /** Records per second; null = no pace. */
  rate: number | null
  /** Where the broker should listen; when taken, a free port is used and said. */
  listen: string
  partitions: number
  /** A stop before the end: everything is stopped and the demo rejects with `DemoStopped`. */
  signal: AbortSignal
}

/** What a finished demo leaves: its proof, and a running broker with its `stop`. */
export interface DemoResult {
  address: string
  topic: string
  groupId: string
  findings: Finding[]
  proven: boolean
  seconds: number
  stop(): Promise<void>
}

/** Thrown when the demo was stopped by its signal. */
export class DemoStopped extends Error {
  readonly code = 'OTTLA_DEMO_STOPPED'

  constructor() {
    super('stopped before the end')
  }
}

const topic = 'flights'
const groupId = 'flights-demo'
const stopTimeoutMs = 5_000
/** No record finished for so long: whatever is missing will not come. */
const stallTimeoutMs = 30_000

/**
 * The demo: one broker, one producer, three consumers of one group; a fourth joins after a third
 * of the rows and one leaves after two thirds. Ends when every row was finished by a consumer, or
 * when nothing moved any more, with the books held against the file.
 */
export async function runDemo(options: DemoOptions): Promise<DemoResult> {
  const demo = new Demo(options)
  try {
    return await demo.run()
  } catch (error) {
    await demo.stop()
    throw options.signal.aborted ? new DemoStopped() : error
  }
}

class Demo {
  readonly #options: DemoOptions
  readonly #children = new Children()
  readonly #members = new Map<string, { state: MemberState; child: ChildProcess }>()
  readonly #state: DemoState
  #ledger: Ledger | undefined
  #view: View | undefined
  #settle: (error?: Error) => void = () => undefined
  #lastProgressMs = 0

  constructor(options: DemoOptions) {
    this.#options = options
    this.#state = {
      address: '',
      rows: options.rows,
      produced: { records: 0, bytes: 0, done: false },
      consumed: { records: 0, bytes: 0 },
      members: [],
      rebalances: 0,
      startedMs: 0,
    }
  }

  async run(): Promise<DemoResult> {
    const { rows, rate, signal, partitions } = this.#options
    signal.throwIfAborted()
    const [flights, address] = await Promise.all([readFlights(rows), this.#startBroker()])
    this.#ledger = new Ledger(flights)
    this.#state.address = address
    await createTopic(address, partitions)
    this.#state.startedMs = Date.now()
    this.#view = new View(this.#state)
    const allFinished = this.#untilFinished()
    for (const name of ['member-1', 'member-2', 'member-3']) this.#join(name)
    this.#children.startProducer(
      { kind: 'produce', bootstrapServers: address, topic, rows, rate },
      (report) => this.#onReport(report),
    )
    await allFinished
    const seconds = (Date.now() - this.#state.startedMs) / 1000
    this.#view.stop()
    await this.#leaveAll()
    const findings = this.#ledger.prove()
    const proven = findings.every(({ holds }) => holds)
    return { address, topic, groupId, findings, proven, seconds, stop: () => this.stop() }
  }

  /** Stops every process; bounded, and safe to call twice. */
  async stop(): Promise<void> {
    this.#view?.stop()
    await this.#children.stop(stopTimeoutMs)
  }

  async #startBroker(): Promise<string> {
    const { listen } = this.#options
    const free = await isFree(listen)
    if (!free) console.log(`${listen} is taken; using a free port instead`)
    const host = listen.slice(0, listen.lastIndexOf(':'))
    const { address, child } = await this.#children.startBroker(free ? listen : `${host}:0`)
    child.once('exit', (status) =>
      this.#settle(new Error(`the broker ended with status ${status}`)),
    )
    return address
  }

  /** Resolves when every row was finished, or when nothing moved for so long that none will be. */
  #untilFinished(): Promise<void> {
    this.#lastProgressMs = Date.now()
    return new Promise((resolve, reject) => {
      const watchdog = setInterval(() => {
        if (Date.now() - this.#lastProgressMs > stallTimeoutMs) this.#settle()
      }, 1_000)
      const onAbort = () => this.#settle(new DemoStopped())
      this.#options.signal.addEventListener('abort', onAbort, { once: true })
      this.#settle = (error) => {
        clearInterval(watchdog)
        this.#options.signal.removeEventListener('abort', onAbort)
        this.#settle = () => undefined
        if (error) reject(error)
        else resolve()
      }
    })
  }

  #join(name: string): void {
    const state: MemberState = { name, phase: 'joining', partitions: [], records: 0 }
    const order = {
      kind: 'join',
      bootstrapServers: this.#state.address,
      topic,
      groupId,
      name,
    } as const
    const child = this.#children.startMember(order, (report) => this.#onReport(report, state))
    this.#members.set(name, { state, child })
    this.#state.members.push(state)
  }

  #leave(name: string): void {
    const member = this.#members.get(name)
    if (!member?.child.connected || member.state.phase === 'left') return
    // A member that went away in this very moment has left too: its closed channel is no failure.
    member.child.send({ kind: 'leave' }, () => undefined)
  }

  /** What was read was produced, though the producer's own report of it may still be on its way. */
  #catchUp(): void {
    const { produced, consumed } = this.#state
    produced.records = Math.max(produced.records, consumed.records)
    produced.bytes = Math.max(produced.bytes, consumed.bytes)
  }

  async #leaveAll(): Promise<void> {
    const gone = [...this.#members.values()]
      .filter(({ child }) => child.exitCode === null && child.signalCode === null)
      .map(({ child }) => once(child, 'exit'))
    for (const name of this.#members.keys()) this.#leave(name)
    const timer = setTimeout(() => {
      for (const { child } of this.#members.values()) child.kill('SIGKILL')
    }, stopTimeoutMs)
    await Promise.all(gone)
    clearTimeout(timer)
  }

  #onReport(report: ProducedReport | MemberReport | FailureReport, member?: MemberState): void {
    if (report.kind === 'failed') {
      this.#settle(new Error(report.message))
    } else if (report.kind === 'produced') {
      this.#state.produced = { records: report.records, bytes: report.bytes, done: report.done }
      this.#catchUp()
    } else if (member) {
      this.#onMemberReport(report, member)
    }
  }

  #onMemberReport(report: MemberReport, member: MemberState): void {
    switch (report.kind) {
      case 'assigned':
        member.phase = 'member'
        member.partitions = [...report.partitions].sort((a, b) => a - b)
        this.#state.rebalances = Math.max(this.#state.rebalances, report.generation)
        break
      case 'revoked':
        member.partitions = member.partitions.filter((one) => !report.partitions.includes(one))
        break
      case 'left':
        member.phase = 'left'
        member.partitions = []
        break
      case 'finished':
        this.#onFinished(report, member)
    }
  }

  #onFinished(batch: FinishedBatch, member: MemberState): void {
    const ledger = this.#ledger as Ledger
    const { consumed, rows } = this.#state
    const before = ledger.distinct
    ledger.add(batch)
    this.#lastProgressMs = Date.now()
    consumed.records = ledger.records
    consumed.bytes += batch.bytes
    this.#catchUp()
    member.records += batch.rows.length
    const crossed = (share: number) => before < rows * share && ledger.distinct >= rows * share
    if (crossed(1 / 3)) {
      this.#view?.note('a third of the rows is read: member-4 joins')
      this.#join('member-4')
    }
    if (crossed(2 / 3)) {
      this.#view?.note('two thirds are read: member-2 leaves')
      this.#leave('member-2')
    }
    if (ledger.distinct === rows) this.#settle()
  }
}

async function createTopic(bootstrapServers: string, partitions: number): Promise<void> {
  const admin = new Admin({ bootstrapServers, clientId: 'ottla-demo' })
  try {
    const [created] = await admin.createTopics([{ name: topic, partitions, replicationFactor: 1 }])
    if (created?.error) throw created.error
  } finally {
    await admin.close()
  }
}

/** Whether a server could listen there now. */
async function isFree(listen: string): Promise<boolean> {
  const at = listen.lastIndexOf(':')
  const server = createServer()
  try {
    server.listen(Number(listen.slice(at + 1)), listen.slice(0, at))
    await once(server, 'listening')
    server.close()
    await once(server, 'close')
    return true
  } catch {
    return false
  }
}
