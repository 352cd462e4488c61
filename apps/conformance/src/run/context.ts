import { setTimeout as sleep } from 'node:timers/promises'
import {
  DescribeGroups,
  EndTxn,
  ErrorCode,
  FindCoordinator,
  Metadata,
  type Versions,
} from '@ottla/protocol'
import { formatAddress } from '../client/address.js'
import type { AnyApi } from '../client/any-api.js'
import { type Exchange, placeOf } from '../client/exchange.js'
import { logInOrClose } from '../client/log-in.js'
import { openSocket } from '../client/open-socket.js'
import { type ConnectOptions, newestVersion, RawClient } from '../client/raw-client.js'
import { Recorder } from '../client/recorder.js'
import { codecAt, compare, same } from '../match/compare.js'
import type { Pattern } from '../match/pattern.js'
import { show } from '../match/show.js'
import { RuleBroken } from '../rules/rule-broken.js'
import type { RuleContext } from '../rules/rule-context.js'
import type { Credentials, Target, TlsSettings } from '../target.js'
import { type Advertised, usableVersions } from './advertised.js'
import { type PathRead, placed } from './path-read.js'
import { ReadTracker } from './read-tracker.js'
import type { Execution } from './rule-execution.js'
import type { TopicBin } from './topic-bin.js'

const POLL_PAUSE_MS = 50
/** Between answers that are played back. */
const SHORT_PAUSE_MS = 5

/** What a coordinator says while it comes up. */
const notYet: ReadonlySet<number> = new Set([
  ErrorCode.COORDINATOR_LOAD_IN_PROGRESS,
  ErrorCode.COORDINATOR_NOT_AVAILABLE,
])

/** Groups that a coordinator is asked for: by the usual 50 partitions, four of each. */
const PROBES = 200

/** What an execution gets from the run around it. */
export interface ExecutionPlace {
  readonly target: Target
  readonly release: string
  readonly advertised: Advertised
  readonly deadlineMs: number
  readonly signal: AbortSignal
  /** Notes also what facts that a rule compares come from; slower, for the injection of faults. */
  readonly tracksReads?: boolean | undefined
  /** Addresses of group coordinators that are up; the run adds to it. */
  readonly loaded: Set<string>
  /** Where topics go that the execution is done with. */
  readonly bin: TopicBin
  /** The target's answers of another run are played back: there is nothing to clean up. */
  readonly isPlayedBack?: boolean | undefined
  /** Makes names of this execution unlike those of any other. */
  readonly prefix: string
}

/** The {@link RuleContext} of one execution; `finish` closes what it opened. */
export class Context implements RuleContext {
  readonly version: number
  readonly target: Target
  readonly release: string
  readonly deadlineMs: number
  readonly signal: AbortSignal
  readonly recorder = new Recorder()
  readonly reads: PathRead[] = []
  readonly client: RawClient
  readonly #place: ExecutionPlace
  readonly #execution: Execution
  readonly #tracker: ReadTracker | undefined
  readonly #clients: RawClient[] = []
  readonly #cleanUps: (() => Promise<unknown>)[] = []
  readonly #discarded: string[] = []
  readonly #byAddress = new Map<string, Promise<RawClient>>()
  #names = 0

  private constructor(execution: Execution, place: ExecutionPlace, open: OpenFirst) {
    this.#execution = execution
    this.#place = place
    this.version = execution.version
    this.target = place.target
    this.release = place.release
    this.deadlineMs = place.deadlineMs
    this.signal = place.signal
    this.#tracker = place.tracksReads === true ? new ReadTracker() : undefined
    this.client = open(this)
    this.#clients.push(this.client)
  }

  /**
   * Connects to the target and makes the context of an execution.
   * @throws Error when it cannot connect
   */
  static async open(execution: Execution, place: ExecutionPlace): Promise<Context> {
    const { address, security } = place.target
    const { deadlineMs } = place
    const socket = await openSocket({ address, tls: security?.tls, deadlineMs })
    const context = new Context(execution, place, (t) => new RawClient(address, socket, t.#hooks()))
    context.#byAddress.set(address, Promise.resolve(context.client))
    if (security?.credentials !== undefined)
      await logInOrClose(context.client, security.credentials)
    return context
  }

  async connect(options: ConnectOptions = {}): Promise<RawClient> {
    const { address, tls, credentials } = this.#door(options)
    const socket = await openSocket({ address, tls, deadlineMs: this.deadlineMs })
    const client = new RawClient(address, socket, this.#hooks())
    this.#clients.push(client)
    if (credentials !== undefined) await logInOrClose(client, credentials)
    return client
  }

  async leader(topic: string, partition = 0): Promise<RawClient> {
    const address = await this.until(`a leader of ${topic}-${partition}`, async () => {
      const request = { topics: [{ name: topic }], allowAutoTopicCreation: false }
      const { brokers, topics } = await this.client.ask(Metadata, request, this.#newest(Metadata))
      const found = topics[0]?.partitions.find((one) => one.partitionIndex === partition)
      const broker = brokers.find((one) => one.nodeId === found?.leaderId)
      return broker && formatAddress(broker)
    })
    return this.#sharedClient(address)
  }

  async coordinator(key: string, type: 'group' | 'transaction' = 'group'): Promise<RawClient> {
    const keyType = type === 'group' ? 0 : 1
    if (type === 'transaction') newestVersion(EndTxn, this.versionsOf(EndTxn))
    const address = await this.until(`a coordinator of ${key}`, async () => {
      const request = { key, keyType, coordinatorKeys: [key] }
      const options = this.#newest(FindCoordinator)
      const answer = await this.client.ask(FindCoordinator, request, options)
      const { errorCode, host, port } = answer.coordinators[0] ?? answer
      if (errorCode !== 0) return false
      const found = formatAddress({ host, port })
      return (type === 'transaction' || (await this.#hasLoaded(found, key))) && found
    })
    return this.#sharedClient(address)
  }

  /**
   * Whether a coordinator answers for a group: a young one is still reading what it knows of its groups. It is asked for
   * so many that every partition of its log is reached: one that answers for all is not asked again.
   */
  async #hasLoaded(address: string, groupId: string): Promise<boolean> {
    const { loaded } = this.#place
    if (loaded.has(address) || this.versionsOf(DescribeGroups) === undefined) return true
    const client = await this.#sharedClient(address)
    const others = Array.from({ length: PROBES }, (_, index) => `nobody-${index}`)
    const request = { groups: [groupId, ...others] }
    const { groups } = await client.ask(DescribeGroups, request, this.#newest(DescribeGroups))
    if (groups.some(({ errorCode }) => notYet.has(errorCode))) return false
    const elsewhere = groups.filter(({ errorCode }) => errorCode === ErrorCode.NOT_COORDINATOR)
    if (elsewhere.length === 0) loaded.add(address)
    return !elsewhere.some((group) => group.groupId === groupId)
  }

  versionsOf(api: AnyApi): Versions | undefined {
    return usableVersions(this.#place.advertised, api)
  }

  name(kind: string): string {
    return `${this.#place.prefix}-${kind}-${this.#names++}`
  }

  cleanUp(action: () => Promise<unknown>): void {
    this.#cleanUps.push(action)
  }

  discardTopic(name: string): void {
    this.#discarded.push(name)
  }

  expect<Answer extends object>(answer: Answer, pattern: Pattern<Answer>): void {
    const { exchange, differences } = this.#compare(answer, pattern)
    this.#tracker?.forget()
    if (differences.length > 0) {
      throw new RuleBroken('The answer is not what the rule says.', { differences, exchange })
    }
  }

  equal<Value>(actual: Value, expected: NoInfer<Value>, what: string): void {
    if (typeof actual === 'object' && actual !== null) this.#compare(actual, expected)
    this.reads.push(...(this.#tracker?.take(actual) ?? []))
    if (same(actual, expected)) return
    const difference = { path: what, expected: show(expected), actual: show(actual) }
    throw new RuleBroken(`${what} is not what the rule says.`, { differences: [difference] })
  }

  check(condition: unknown, what: string): void {
    this.#tracker?.forget()
    if (!condition) throw new RuleBroken(`Not so: ${what}.`)
  }

  async until<Value>(
    what: string,
    check: () => Promise<Value | undefined | false>,
    deadlineMs: number = this.deadlineMs,
  ): Promise<Value> {
    const end = this.now() + deadlineMs
    return this.recorder.inLoop(async () => {
      for (;;) {
        const value = await check()
        if (value !== undefined && value !== false) return value
        if (this.now() > end) throw new RuleBroken(`Waited ${deadlineMs} ms in vain for ${what}.`)
        await this.pause(this.#place.isPlayedBack === true ? SHORT_PAUSE_MS : POLL_PAUSE_MS)
      }
    })
  }

  async pause(ms: number): Promise<void> {
    await sleep(ms, undefined, { signal: this.signal })
  }

  now(): number {
    return performance.now()
  }

  /** Runs what was left to do and closes the connections. */
  async finish(): Promise<void> {
    const { isPlayedBack, bin } = this.#place
    if (isPlayedBack !== true) await this.#cleanUp()
    for (const client of this.#clients) client.close()
    if (isPlayedBack !== true) bin.add(this.#discarded)
  }

  async #cleanUp(): Promise<void> {
    // Started inside of the chain: one that throws at once is ignored, too.
    for (const action of this.#cleanUps.reverse()) {
      await Promise.resolve()
        .then(action)
        .catch(() => undefined)
    }
  }

  readonly #view = <Body>(exchange: Exchange, body: Body): Body =>
    this.#tracker?.view(exchange, body) ?? body

  /** Compares an answer or a part of one, and keeps what was read of it. */
  #compare(answer: object, pattern: unknown) {
    const { exchange, path = [] } = placeOf(answer) ?? {}
    const codec = exchange && codecAt(exchange.api.response.schema, path)
    const schema = codec && exchange ? { codec, version: exchange.version } : undefined
    const own = this.#tracker?.original(answer) ?? answer
    const { differences, reads } = compare(own, pattern, schema, path)
    if (exchange !== undefined)
      this.reads.push(...reads.map((read) => placed(read, path, exchange)))
    return { exchange, differences }
  }

  #newest(api: AnyApi): { version: number; isSetUp: true } {
    return { version: newestVersion(api, this.versionsOf(api)), isSetUp: true }
  }

  #hooks() {
    return {
      recorder: this.recorder,
      deadlineMs: this.deadlineMs,
      signal: this.signal,
      view: this.#view,
      versionFor: (api: AnyApi) =>
        api.key === this.#execution.rule.apis[0].key
          ? this.version
          : newestVersion(api, this.versionsOf(api)),
    }
  }

  #sharedClient(address: string): Promise<RawClient> {
    const known = this.#byAddress.get(address)
    if (known !== undefined) return known
    const opened = this.connect({ address })
    this.#byAddress.set(address, opened)
    return opened
  }

  #door({ listener, address, as, tls }: ConnectOptions): Door {
    const { target } = this
    if (listener === undefined) {
      const credentials = as === undefined ? target.security?.credentials : asCredentials(as, {})
      return { address: address ?? target.address, tls: tls ?? target.security?.tls, credentials }
    }
    const { listeners } = target
    const sasl = (listener === 'renewal' ? listeners?.renewal : undefined) ?? listeners?.sasl
    if (sasl === undefined) throw new Error('the target gives no SASL listener')
    const credentials = asCredentials(as ?? null, sasl.users)
    return { address: address ?? sasl.address, tls: tls ?? sasl.tls, credentials }
  }
}

type OpenFirst = (context: Context) => RawClient

interface Door {
  readonly address: string
  readonly tls: TlsSettings | undefined
  readonly credentials: Credentials | undefined
}

function asCredentials(
  as: string | Credentials | null,
  users: Readonly<Record<string, Credentials>>,
): Credentials | undefined {
  if (as === null) return undefined
  if (typeof as !== 'string') return as
  const found = users[as]
  if (found === undefined) throw new Error(`the target gives no user '${as}'`)
  return found
}
