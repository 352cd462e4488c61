import {
  type Clock,
  type Cluster,
  createBackoff,
  type RequestResult,
  type Timer,
} from '@ottla/network'
import {
  ErrorCode,
  KafkaError,
  Produce,
  type ProduceResponse,
  TimeoutError,
  WireError,
  ZERO_UUID,
} from '@ottla/protocol'
import type { Accumulator } from './accumulator.js'
import { requestIdentity } from './identity.js'
import type { ResolvedProducerOptions } from './options.js'
import { eachAnswer, produceRequest } from './produce-request.js'
import { Sender } from './sender.js'
import type { ProduceCall, Routes } from './sender-contract.js'
import type { Turn } from './turn.js'

/** Produce has connections of its own: a metadata request must not wait behind megabytes of records. */
const produceLane = 'produce'

/**
 * Carries out what the sender decides: requests, a producer id, metadata, and one timer for everything that is due later.
 * Works once at the end of each turn of the event loop in which something happened.
 */
export class Dispatcher implements Routes {
  readonly #cluster: Cluster
  readonly #options: ResolvedProducerOptions
  readonly #accumulator: Accumulator
  readonly #sender: Sender
  readonly #stopping = new AbortController()
  readonly #stale = new Set<string>()
  readonly #topicIdOf = (topic: string): string =>
    this.#cluster.metadata.topic(topic)?.topicId ?? ZERO_UUID
  readonly #endTurn = (): void => {
    this.#isTurn = false
    this.#work()
  }
  #isTurn = false
  #isRefreshing = false
  #isIdentifying = false
  #timer: Timer | undefined
  #timerAtMs = Infinity
  /** The turn that was begun last. What was looked up in it need not be looked up again. */
  turn: Turn = { nowMs: 0, timestamp: 0 }

  constructor(cluster: Cluster, options: ResolvedProducerOptions, accumulator: Accumulator) {
    this.#cluster = cluster
    this.#options = options
    this.#accumulator = accumulator
    const backoff = createBackoff({
      random: cluster.platform.random,
      baseMs: options.retryBackoffMs,
      maxMs: options.retryBackoffMaxMs,
    })
    const isIdempotent = options.enableIdempotence
    const backoffMs = (retry: number): number => backoff.delayMs(retry)
    this.#sender = new Sender({ ...options, isIdempotent, backoffMs }, accumulator, this)
  }

  /** Requests sent and not answered. */
  get requestsInFlight(): number {
    return this.#sender.callsInFlight
  }

  get clock(): Clock {
    return this.#cluster.platform.clock
  }

  /** Aborts when the producer stops. */
  get signal(): AbortSignal {
    return this.#stopping.signal
  }

  /** Something happened: reads the clocks and sees to it that the end of the turn is used. Cheap when called again. */
  beginTurn(): void {
    if (this.#isTurn) return
    const { clock } = this.#cluster.platform
    this.#isTurn = true
    this.turn = { nowMs: clock.monotonic(), timestamp: Math.floor(clock.now()) }
    clock.afterTurn(this.#endTurn)
  }

  /** Ends all work and fails what is left. */
  stop(error: KafkaError): void {
    this.#stopping.abort(error)
    this.#timer?.cancel()
    this.#timer = undefined
    // Who waits for memory first: failing batches gives memory back, which would let them in.
    this.#accumulator.memory.expire(Infinity, () => error)
    for (const batch of [...this.#accumulator.incomplete]) batch.fail(error)
    this.#accumulator.active.clear()
  }

  leaderOf(topic: string, partition: number): number | undefined {
    return this.#cluster.metadata.leaderOf(topic, partition)?.node
  }

  unreachable(): KafkaError | undefined {
    return this.#cluster.unreachable()
  }

  refresh(topic: string): void {
    this.#cluster.metadata.markStale(topic)
    this.#stale.add(topic)
    this.#refreshStale()
  }

  #work(): void {
    if (this.#stopping.signal.aborted) return
    const nowMs = this.#cluster.platform.clock.monotonic()
    this.#expire(nowMs)
    for (const call of this.#sender.drain(nowMs)) void this.#execute(call)
    if (this.#sender.needsIdentity && !this.#isIdentifying) void this.#identify()
    this.#arm(nowMs)
  }

  async #execute(call: ProduceCall): Promise<void> {
    const outcome = await this.#request(call).catch(KafkaError.from)
    this.beginTurn()
    this.#sender.landed(call)
    if (outcome instanceof KafkaError) {
      for (const batch of call.batches)
        this.#sender.unanswered(call, batch, outcome, this.turn.nowMs)
      return
    }
    const { response, version } = outcome
    if (this.#options.acks === 0) this.#confirmUnanswered(call, version)
    else this.#handAnswers(call, response, version)
  }

  #request(call: ProduceCall): Promise<RequestResult<ProduceResponse>> {
    const { acks, requestTimeoutMs: timeoutMs } = this.#options
    return this.#cluster.request(
      Produce,
      (version) => produceRequest(call, { acks, timeoutMs }, version, this.#topicIdOf),
      {
        node: call.node,
        lane: produceLane,
        minVersion: 3,
        expectResponse: acks !== 0,
        onWrite: () => {
          call.isWritten = true
        },
      },
    )
  }

  #handAnswers(call: ProduceCall, response: ProduceResponse, version: number): void {
    eachAnswer(call, response, version, (batch, answer) => {
      const { topic, partition } = batch
      if (answer === undefined) {
        const message = `the answer says nothing of ${topic}-${partition}`
        const error = new WireError({ message, messageName: 'ProduceResponse', version })
        this.#sender.unanswered(call, batch, error, this.turn.nowMs)
        return
      }
      // A deposed leader may name its successor (KIP-951), which saves looking it up.
      if (answer.newLeader !== undefined) {
        const { nodeEndpoints } = response
        this.#cluster.applyLeaderHints(topic, partition, answer.newLeader, nodeEndpoints)
      }
      try {
        this.#sender.answered(call, batch, answer, this.turn.nowMs)
      } catch (error) {
        // The other batches of the answer must not suffer for it.
        batch.fail(KafkaError.from(error))
      }
    })
  }

  /** With acks=0 brokers say nothing: sent counts as delivered, at an unknown offset. */
  #confirmUnanswered(call: ProduceCall, version: number): void {
    const answer = { errorCode: ErrorCode.NONE, baseOffset: -1n, logAppendTimeMs: -1, version }
    for (const batch of call.batches) this.#sender.answered(call, batch, answer, this.turn.nowMs)
  }

  async #identify(): Promise<void> {
    this.#isIdentifying = true
    try {
      const timeoutMs = this.#options.deliveryTimeoutMs
      const identity = await requestIdentity(this.#cluster, { timeoutMs, signal: this.signal })
      this.#sender.adopt(identity)
    } catch (error) {
      // Timeouts are the batches' own affair; a refusal concerns all that wait for an id.
      const failure = KafkaError.from(error)
      if (!failure.retriable) this.#failWaiting(failure)
    } finally {
      this.#isIdentifying = false
      this.beginTurn()
    }
  }

  #failWaiting(error: KafkaError): void {
    for (const batch of [...this.#accumulator.incomplete]) {
      if (batch.stamp === undefined) this.#sender.abandon(batch, error)
    }
  }

  /** Looks up all topics marked since the last time, at most once in a backoff. */
  #refreshStale(): void {
    if (this.#isRefreshing || this.signal.aborted) return
    this.#isRefreshing = true
    const { clock } = this.#cluster.platform
    const { retryBackoffMs } = this.#options
    const topics = [...this.#stale]
    this.#stale.clear()
    const again = (): void => {
      this.#isRefreshing = false
      this.beginTurn()
      if (this.#stale.size > 0) this.#refreshStale()
    }
    // A failure is not told here: who waits for a leader times out and says so.
    const done = (): void => {
      if (this.signal.aborted) return
      this.beginTurn()
      const pause = clock.setTimer(retryBackoffMs, () => {
        this.signal.removeEventListener('abort', cancel)
        again()
      })
      const cancel = (): void => pause.cancel()
      this.signal.addEventListener('abort', cancel, { once: true })
    }
    this.#cluster
      .refreshMetadata({ topics, allowAutoTopicCreation: true, signal: this.signal })
      .then(done, done)
  }

  #expire(nowMs: number): void {
    const { deliveryTimeoutMs } = this.#options
    this.#accumulator.memory.expire(nowMs, () => memoryTimeout(this.#options))
    for (const batch of this.#accumulator.createdBy(nowMs - deliveryTimeoutMs)) {
      this.#sender.expire(batch)
    }
  }

  /** Arms the timer for what is due next, unless one fires before that anyway; with nothing due none keeps the process alive. */
  #arm(nowMs: number): void {
    const dueAtMs = Math.min(
      this.#sender.wakeAtMs,
      this.#accumulator.oldestMs + this.#options.deliveryTimeoutMs,
      this.#accumulator.memory.firstDeadlineMs,
    )
    if (this.#timer !== undefined && this.#timerAtMs <= dueAtMs && dueAtMs !== Infinity) return
    this.#timer?.cancel()
    this.#timer = undefined
    if (dueAtMs === Infinity) return
    this.#timerAtMs = dueAtMs
    this.#timer = this.#cluster.platform.clock.setTimer(dueAtMs - nowMs, () => {
      this.#timer = undefined
      this.beginTurn()
    })
  }
}

const memoryTimeout = (options: ResolvedProducerOptions): TimeoutError =>
  new TimeoutError(
    `a record was not delivered within deliveryTimeoutMs (${options.deliveryTimeoutMs} ms): it waited for room in ` +
      `bufferMemory (${options.bufferMemory} bytes) all the time, as the brokers took too little`,
    { code: 'OTTLA_DELIVERY_TIMEOUT' },
  )
