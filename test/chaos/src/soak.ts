import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { Admin } from '@ottla/admin'
import type { Random } from '@ottla/network'
import { seededRandom } from '@ottla/network/simulation'
import { freePorts, ServerProcess, untilReady } from '@ottla-test/apache-kafka'
import { Child } from './child-process.js'
import { CoveredRanges } from './covered-ranges.js'
import { CuttingProxy } from './cutting-proxy.js'
import { auditLog } from './log-audit.js'
import type { MemberOrder, MemberReport, WriterOrder, WriterReport } from './messages.js'

const topic = 'numbers'
const groupId = 'readers'
const partitions = 8
const writerCount = 2
const memberCount = 3
const keysPerWriter = 50
const startTimeoutMs = 30_000
const drainTimeoutMs = 120_000
const faultPauseMs = { least: 2000, most: 8000 }
const bin = join(import.meta.dirname, '..', '..', '..', 'apps', 'cli', 'bin', 'ottla.js')

/** How long and how hard. */
export interface SoakOptions {
  readonly seed: number
  readonly seconds: number
  /** Of each writer. */
  readonly recordsPerSecond: number
  readonly log: (line: string) => void
}

/** What came of it; `violations` has to be empty. */
export interface SoakReport {
  readonly seed: number
  readonly seconds: number
  readonly acknowledged: number
  readonly inLog: number
  readonly read: number
  /** Records that a second member read because the first died before its commit. */
  readonly readAgain: number
  readonly faults: Readonly<Record<Fault, number>>
  readonly violations: readonly string[]
  /** Resident MB of the broker, at a twelfth of the time (five minutes of an hour) and at the end. */
  readonly brokerMegabytes: { readonly early: number; readonly late: number }
  /** The same for the writers, which live as long. */
  readonly writerMegabytes: { readonly early: number; readonly late: number }
}

const faultKinds = [
  'connections cut',
  'broker stopped',
  'broker killed',
  'member killed',
  'member left',
] as const
type Fault = (typeof faultKinds)[number]

/** A mixed load on a broker of its own, while connections, broker and members fail. */
export async function soak(options: SoakOptions): Promise<SoakReport> {
  const run = await Soak.start(options)
  try {
    return await run.live()
  } finally {
    await run.end()
  }
}

class Soak {
  readonly #options: SoakOptions
  readonly #random: Random
  readonly #folder: string
  readonly #broker: ServerProcess
  readonly #brokerAddress: string
  readonly #proxy: CuttingProxy
  readonly #writers: Child<WriterReport>[] = []
  readonly #members: Child<MemberReport>[] = []
  readonly #acknowledged = new Map<string, number>()
  readonly #read = Array.from({ length: partitions }, () => new CoveredRanges())
  readonly #violations: string[] = []
  readonly #faults = Object.fromEntries(faultKinds.map((kind) => [kind, 0])) as Record<
    Fault,
    number
  >
  #recordsRead = 0
  #memberNumber = 0

  private constructor(
    options: SoakOptions,
    folder: string,
    broker: ServerProcess,
    brokerAddress: string,
    proxy: CuttingProxy,
  ) {
    this.#options = options
    this.#random = seededRandom(options.seed)
    this.#folder = folder
    this.#broker = broker
    this.#brokerAddress = brokerAddress
    this.#proxy = proxy
  }

  static async start(options: SoakOptions): Promise<Soak> {
    const folder = await mkdtemp(join(tmpdir(), 'ottla-soak-'))
    const [port = 0] = await freePorts(1)
    const proxy = await CuttingProxy.start(port)
    const address = `127.0.0.1:${port}`
    const configs = ['log.segment.bytes=16777216', 'offsets.topic.num.partitions=4']
    const args = [
      ...[bin, 'broker', '--listen', address, '--advertise', proxy.address],
      ...['--data-dir', join(folder, 'data')],
      ...configs.flatMap((config) => ['--config', config]),
    ]
    const broker = new ServerProcess(process.execPath, () => args, join(folder, 'broker.log'))
    const run = new Soak(options, folder, broker, address, proxy)
    await run.#startBroker()
    return run
  }

  async live(): Promise<SoakReport> {
    const { seed, seconds } = this.#options
    await this.#createTopic()
    for (let index = 0; index < writerCount; index++) this.#addWriter(`writer-${index}`)
    for (let index = 0; index < memberCount; index++) this.#addMember()
    const started = Date.now()
    const endsAt = started + seconds * 1000
    const earlyAt = started + (seconds * 1000) / 12
    let early: { broker: number; writers: number } | undefined
    while (Date.now() < endsAt) {
      const pause = this.#between(faultPauseMs.least, faultPauseMs.most)
      await delay(Math.min(pause, Math.max(0, endsAt - Date.now())))
      if (early === undefined && Date.now() >= earlyAt) early = await this.#memory()
      if (Date.now() < endsAt) await this.#fault()
      this.#checkChildren()
    }
    const late = await this.#memory()
    for (const writer of this.#writers.splice(0)) await writer.stop(drainTimeoutMs)
    const { records, counts, violations } = await auditLog(this.#brokerAddress, topic)
    this.#violations.push(...violations)
    for (const [key, count] of this.#acknowledged) {
      const found = counts.get(key) ?? 0
      if (found !== count)
        this.#violations.push(`${key}: ${found} in the log, ${count} acknowledged`)
    }
    await this.#drain()
    const { broker: earlyBroker, writers: earlyWriters } = early ?? late
    return {
      seed,
      seconds,
      acknowledged: [...this.#acknowledged.values()].reduce((sum, count) => sum + count, 0),
      inLog: records,
      read: this.#recordsRead,
      readAgain: this.#read.reduce((sum, { repeated }) => sum + repeated, 0),
      faults: this.#faults,
      violations: this.#violations,
      brokerMegabytes: { early: earlyBroker, late: late.broker },
      writerMegabytes: { early: earlyWriters, late: late.writers },
    }
  }

  async end(): Promise<void> {
    await Promise.all([...this.#writers, ...this.#members].map((child) => child.kill()))
    await this.#broker.kill()
    await this.#proxy.close()
    await rm(this.#folder, { recursive: true, force: true })
  }

  async #fault(): Promise<void> {
    const kind = faultKinds[Math.floor(this.#random.next() * faultKinds.length)] as Fault
    this.#faults[kind]++
    this.#options.log(kind)
    switch (kind) {
      case 'connections cut':
        this.#proxy.cut()
        break
      case 'broker stopped':
        await this.#broker.stop()
        await delay(this.#between(0, 2000))
        await this.#startBroker()
        break
      case 'broker killed':
        await this.#broker.kill()
        await delay(this.#between(0, 2000))
        await this.#startBroker()
        break
      case 'member killed':
        await this.#takeMember()?.kill()
        this.#addMember()
        break
      case 'member left':
        await this.#takeMember()?.stop(drainTimeoutMs)
        this.#addMember()
    }
  }

  async #startBroker(): Promise<void> {
    this.#broker.start()
    await untilReady(this.#brokerAddress, 1, () => this.#broker.isRunning, startTimeoutMs).catch(
      (error: unknown) => {
        throw new Error(`${String(error)}\n${this.#broker.logTail()}`)
      },
    )
  }

  async #createTopic(): Promise<void> {
    const admin = new Admin({ bootstrapServers: this.#brokerAddress })
    await admin.createTopics([{ name: topic, partitions }])
    await admin.close()
  }

  #addWriter(name: string): void {
    const order: WriterOrder = {
      bootstrapServers: this.#proxy.address,
      topic,
      name,
      keys: keysPerWriter,
      valueBytes: 100,
      recordsPerSecond: this.#options.recordsPerSecond,
    }
    this.#writers.push(
      new Child<WriterReport>('writer-process.ts', name, order, ({ acknowledged }) => {
        for (const [key, count] of acknowledged) this.#acknowledged.set(key, count)
      }),
    )
  }

  #addMember(): void {
    const name = `member-${this.#memberNumber++}`
    const order: MemberOrder = { bootstrapServers: this.#proxy.address, topic, groupId, name }
    this.#members.push(
      new Child<MemberReport>('member-process.ts', name, order, (report) => {
        if (report.kind === 'violation') this.#violations.push(report.text)
        if (report.kind !== 'finished') return
        this.#read[report.partition]?.add(report.first, report.next)
        this.#recordsRead += report.records
      }),
    )
  }

  #takeMember(): Child<MemberReport> | undefined {
    const index = Math.floor(this.#random.next() * this.#members.length)
    return this.#members.splice(index, 1)[0]
  }

  /** A child that ended by itself has failed. */
  #checkChildren(): void {
    const dead = [...this.#writers, ...this.#members].find(({ isRunning }) => !isRunning)
    if (dead) throw new Error(`${dead.name} ended by itself\n${dead.output}`)
  }

  /** Until the group has read all there is. */
  async #drain(): Promise<void> {
    const admin = new Admin({ bootstrapServers: this.#brokerAddress })
    const wanted = Array.from({ length: partitions }, (_, partition) => ({ topic, partition }))
    const ends = await admin.listOffsets(wanted.map((one) => ({ ...one, at: 'latest' as const })))
    await admin.close()
    const deadline = Date.now() + drainTimeoutMs
    const isRead = ({ partition, offset }: { partition: number; offset: bigint }): boolean =>
      this.#read[partition]?.coversUpTo(Number(offset)) === true
    while (!ends.every(isRead)) {
      this.#checkChildren()
      if (Date.now() > deadline) {
        for (const end of ends.filter((one) => !isRead(one))) {
          const ranges = String(this.#read[end.partition])
          this.#violations.push(`${topic}-${end.partition}: read ${ranges} of 0-${end.offset}`)
        }
        break
      }
      await delay(50)
    }
    for (const member of this.#members) await member.stop(drainTimeoutMs)
  }

  async #memory(): Promise<{ broker: number; writers: number }> {
    const broker = await residentMegabytes(this.#broker.pid ?? 0)
    const each = await Promise.all(this.#writers.map(({ pid }) => residentMegabytes(pid)))
    return { broker, writers: each.reduce((sum, one) => sum + one, 0) }
  }

  #between(least: number, most: number): number {
    return least + Math.floor(this.#random.next() * (most - least))
  }
}

async function residentMegabytes(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '')
  return Math.round(Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024)
}
