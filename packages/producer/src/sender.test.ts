import type { Random } from '@ottla/network'
import { seededRandom } from '@ottla/network/simulation'
import { ConnectionError, decodeRecords, ErrorCode, type KafkaError } from '@ottla/protocol'
import { describe, expect, it } from 'vitest'
import { Accumulator } from './accumulator.js'
import type { ProducerBatch } from './batch.js'
import { createPartitioner } from './partitioner.js'
import type { RecordMetadata } from './record.js'
import { Sender } from './sender.js'
import type { PartitionAnswer, ProduceCall } from './sender-contract.js'

/** A partition's log with Kafka's rules for idempotent producers: five remembered batches, no gaps, no old epochs. */
class LogModel {
  readonly values: string[] = []
  readonly #producers = new Map<bigint, ProducerModel>()
  maxBatchBytes = Infinity

  /** What a broker does after `producer.id.expiration.ms`, or when a topic is created anew. */
  forgetProducers(): void {
    this.#producers.clear()
  }

  append(bytes: Uint8Array): PartitionAnswer {
    const [batch] = [...decodeRecords(bytes)]
    if (batch === undefined) throw new Error('no batch')
    if (bytes.length > this.maxBatchBytes) return answer(ErrorCode.MESSAGE_TOO_LARGE)
    const { producerId, producerEpoch: epoch, baseSequence: first, lastSequence: last } = batch
    if (producerId >= 0n) {
      const known = this.#producers.get(producerId)
      const repeated = known?.remembered.find(
        (old) => known.epoch === epoch && old.first === first && old.last === last,
      )
      if (repeated !== undefined) return answer(ErrorCode.NONE, repeated.offset)
      if (known !== undefined && epoch < known.epoch)
        return answer(ErrorCode.INVALID_PRODUCER_EPOCH)
      const expected =
        known === undefined ? first : epoch > known.epoch ? 0 : (known.last + 1) % 2 ** 31
      if (first !== expected) return answer(ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER)
      const older = known?.epoch === epoch ? known.remembered.slice(-4) : []
      const remembered = [...older, { first, last, offset: this.values.length }]
      this.#producers.set(producerId, { epoch, last, remembered })
    }
    const offset = this.values.length
    for (const record of batch) this.values.push(String(record.value))
    return answer(ErrorCode.NONE, offset)
  }
}

interface ProducerModel {
  readonly epoch: number
  readonly last: number
  readonly remembered: readonly { first: number; last: number; offset: number }[]
}

const answer = (errorCode: number, offset = -1): PartitionAnswer => ({
  errorCode,
  baseOffset: BigInt(offset),
  logAppendTimeMs: -1,
  version: 12,
})

interface Outcome {
  readonly value: string
  readonly partition: number
  result?: RecordMetadata | KafkaError
}

interface SimulationOptions {
  readonly seed: number
  readonly records?: number
  readonly partitions?: number
  readonly isIdempotent?: boolean
  readonly deliveryTimeoutMs?: number
  readonly faults?: number
  readonly maxBatchBytes?: number
  readonly maxRequestSize?: number
  readonly maxInFlight?: number
  /** Leaders change. */
  readonly moves?: boolean
  /** Brokers forget producers, when nothing of theirs is under way. */
  readonly forgetful?: boolean
  readonly firstEpoch?: number
}

/** A producer's pure half against brokers that lose requests, lose answers, cut connections and answer with errors. */
class Simulation {
  readonly random: Random
  readonly options: Required<SimulationOptions>
  readonly logs: LogModel[]
  readonly outcomes: Outcome[] = []
  readonly accumulator: Accumulator
  readonly sender: Sender
  /** Sent and not processed; processed and not delivered. One connection per node, both in order. */
  readonly connections = new Map<number, { requests: ProduceCall[]; answers: Answered[] }>()
  /** Added to a partition's number, tells its leader. */
  shift = 0
  nowMs = 0
  maxCallsSeen = 0
  nextProducerId = 7n

  constructor(options: SimulationOptions) {
    this.options = {
      records: 200,
      partitions: 3,
      isIdempotent: true,
      deliveryTimeoutMs: 1e9,
      faults: 0.1,
      maxBatchBytes: Infinity,
      maxRequestSize: 2000,
      maxInFlight: 5,
      moves: false,
      forgetful: false,
      firstEpoch: 0,
      ...options,
    }
    this.random = seededRandom(options.seed)
    const { partitions, isIdempotent, deliveryTimeoutMs, maxRequestSize, maxInFlight } =
      this.options
    this.logs = Array.from({ length: partitions }, () => new LogModel())
    for (const log of this.logs) log.maxBatchBytes = this.options.maxBatchBytes
    this.accumulator = new Accumulator({
      batchSize: 300,
      bufferMemory: 1e9,
      compression: 'none',
      partitioner: createPartitioner('sticky', () => true),
      random: () => this.random.next(),
      isAvailable: () => true,
      onSettled: () => {},
      onRetry: () => {},
    })
    this.sender = new Sender(
      {
        isIdempotent,
        lingerMs: 0,
        maxRequestSize,
        maxInFlightRequestsPerConnection: maxInFlight,
        deliveryTimeoutMs,
        retries: 1e9,
        backoffMs: (retry) => Math.min(100 * 2 ** retry, 1000),
      },
      this.accumulator,
      {
        leaderOf: (_, partition) => partition % 2,
        refresh: () => {},
        unreachable: () => undefined,
      },
    )
    this.accumulator.topic('t').partitionCount = partitions
  }

  leaderOf(partition: number): number {
    return (partition + this.shift) % 2
  }

  enqueue(): void {
    const partition = Math.floor(this.random.next() * this.options.partitions)
    const value =
      String(this.outcomes.length).padStart(6, '0') + 'x'.repeat(this.random.next() * 60)
    const outcome: Outcome = { value, partition }
    this.outcomes.push(outcome)
    const topic = this.accumulator.topic('t')
    const told = (error: KafkaError | null, metadata?: RecordMetadata): void => {
      if (outcome.result !== undefined) throw new Error('told twice')
      outcome.result = error ?? metadata
    }
    const turn = { nowMs: this.nowMs, timestamp: 1 }
    this.accumulator.append(topic, partition, { topic: 't', value }, [], told, 0, turn)
  }

  drain(): void {
    if (this.sender.needsIdentity) {
      const { firstEpoch: producerEpoch } = this.options
      this.sender.adopt({ producerId: this.nextProducerId++, producerEpoch })
    }
    for (const call of this.sender.drain(this.nowMs)) {
      this.connection(call.node).requests.push(call)
      const seen = new Set(call.batches.map((batch) => batch.partition))
      expect(seen.size, 'one batch a partition').toBe(call.batches.length)
    }
    const { requests, answers } = this.connection(0)
    this.maxCallsSeen = Math.max(this.maxCallsSeen, requests.length + answers.length)
  }

  connection(node: number): { requests: ProduceCall[]; answers: Answered[] } {
    const connection = this.connections.get(node) ?? { requests: [], answers: [] }
    this.connections.set(node, connection)
    return connection
  }

  /** The broker takes the next request of a connection. */
  process(node: number): void {
    const { requests, answers } = this.connection(node)
    const call = requests.shift()
    if (call === undefined) return
    const results = call.batches.map((batch, index) => {
      if (this.leaderOf(batch.partition) !== node) {
        return [batch, answer(ErrorCode.NOT_LEADER_OR_FOLLOWER)] as const
      }
      if (this.random.next() < this.options.faults) {
        const stored = this.random.next() < 0.5
        const { errorCode } = stored ? this.append(call, index) : answer(ErrorCode.NONE)
        if (errorCode === ErrorCode.NONE) return [batch, answer(this.anError(stored))] as const
      }
      return [batch, this.append(call, index)] as const
    })
    answers.push({ call, results })
  }

  append(call: ProduceCall, index: number): PartitionAnswer {
    const batch = call.batches[index] as ProducerBatch
    return (this.logs[batch.partition] as LogModel).append(call.payloads[index] as Uint8Array)
  }

  anError(isStored: boolean): number {
    if (isStored) return ErrorCode.REQUEST_TIMED_OUT
    return this.random.next() < 0.5 ? ErrorCode.NOT_LEADER_OR_FOLLOWER : ErrorCode.REQUEST_TIMED_OUT
  }

  /** The producer gets the next answer of a connection. */
  deliver(node: number): void {
    const next = this.connection(node).answers.shift()
    if (next === undefined) return
    this.sender.landed(next.call)
    for (const [batch, result] of next.results) {
      this.sender.answered(next.call, batch, result, this.nowMs)
    }
  }

  /** The connection breaks: what is on its way is lost, processed or not. */
  cut(node: number): void {
    while (this.random.next() < 0.7) this.process(node)
    const { requests, answers } = this.connection(node)
    const processed = answers.splice(0).map(({ call }) => call)
    const calls = [...processed, ...requests.splice(0)]
    // From some request on none was even written.
    const written = processed.length + this.random.next() * (calls.length - processed.length + 1)
    for (const [place, call] of calls.entries()) {
      call.isWritten = place < written
      this.sender.landed(call)
      for (const batch of call.batches) {
        this.sender.unanswered(call, batch, new ConnectionError('cut'), this.nowMs)
      }
    }
  }

  expire(): void {
    const { deliveryTimeoutMs } = this.options
    for (const batch of this.accumulator.createdBy(this.nowMs - deliveryTimeoutMs)) {
      this.sender.expire(batch)
    }
  }

  /** Much time goes by; partitions none of whose batches may be sent again forget their producers. */
  forget(): void {
    this.nowMs += 3_600_001
    this.logs.forEach((log, partition) => {
      const queue = this.accumulator.topic('t').queue(partition)
      if (queue.inFlight.length > 0 || queue.ready.some((batch) => batch.attempts > 0)) return
      log.forgetProducers()
    })
  }

  step(): void {
    if (this.options.moves && this.random.next() < 0.02) this.shift++
    if (this.options.forgetful && this.random.next() < 0.02) this.forget()
    const dice = this.random.next()
    const node = this.random.next() < 0.5 ? 0 : 1
    if (dice < 0.3 && this.outcomes.length < this.options.records) this.enqueue()
    else if (dice < 0.5) this.drain()
    else if (dice < 0.7) this.process(node)
    else if (dice < 0.9) this.deliver(node)
    else if (dice < 0.9 + this.options.faults / 10) this.cut(node)
    else this.nowMs += Math.floor(this.random.next() * 100)
    this.expire()
  }

  run(): this {
    while (this.outcomes.length < this.options.records) this.step()
    for (let steps = 0; this.accumulator.incomplete.size > 0; steps++) {
      if (steps > 200_000) throw new Error('does not come to an end')
      this.step()
    }
    return this
  }

  delivered(partition: number): string[] {
    return this.outcomes
      .filter((outcome) => outcome.partition === partition && !(outcome.result instanceof Error))
      .map((outcome) => outcome.value)
  }
}

interface Answered {
  readonly call: ProduceCall
  readonly results: readonly (readonly [ProducerBatch, PartitionAnswer])[]
}

const seeds = Array.from({ length: 60 }, (_, index) => index + 1)

describe('sender', () => {
  it('stores every record once and in order when nothing fails', () => {
    const run = new Simulation({ seed: 1, faults: 0 }).run()
    run.logs.forEach((log, partition) => {
      expect(log.values).toEqual(run.delivered(partition))
    })
    for (const { result, partition, value } of run.outcomes) {
      const { offset } = result as RecordMetadata
      expect(run.logs[partition]?.values[Number(offset)]).toBe(value)
    }
    expect(run.accumulator.memory.usedBytes).toBe(0)
  })

  it.each(seeds)('stores every record once and in order through faults, seed %i', (seed) => {
    const run = new Simulation({ seed, faults: 0.05 + (seed % 5) / 10 }).run()
    run.logs.forEach((log, partition) => {
      expect(log.values).toEqual(run.delivered(partition))
    })
    expect(
      run.outcomes.every(({ result }) => result !== undefined && !(result instanceof Error)),
    ).toBe(true)
    for (const { result, partition, value } of run.outcomes) {
      const { offset } = result as RecordMetadata
      if (offset >= 0n) expect(run.logs[partition]?.values[Number(offset)]).toBe(value)
    }
    expect(run.sender.callsInFlight).toBe(0)
    expect(run.accumulator.memory.usedBytes).toBe(0)
    expect(run.accumulator.active.size).toBe(0)
  })

  it.each(seeds)('never stores twice or out of order when batches time out, seed %i', (seed) => {
    const run = new Simulation({ seed, faults: 0.4, deliveryTimeoutMs: 1200, records: 400 }).run()
    run.logs.forEach((log, partition) => {
      expect([...log.values].sort()).toEqual(log.values)
      expect(new Set(log.values).size).toBe(log.values.length)
      const stored = new Set(log.values)
      expect(run.delivered(partition).filter((value) => !stored.has(value))).toEqual([])
    })
    expect(run.accumulator.memory.usedBytes).toBe(0)
  })

  it.each(seeds.slice(0, 30))('keeps order while leaders change, seed %i', (seed) => {
    const run = new Simulation({ seed, faults: (seed % 4) / 10, moves: true, records: 300 }).run()
    run.logs.forEach((log, partition) => {
      expect(log.values).toEqual(run.delivered(partition))
    })
    expect(run.outcomes.every(({ result }) => !(result instanceof Error))).toBe(true)
  })

  it.each(seeds.slice(0, 30))('goes on where brokers forgot the producer, seed %i', (seed) => {
    const faults = (seed % 4) / 10
    const run = new Simulation({ seed, faults, moves: true, forgetful: true, records: 300 }).run()
    run.logs.forEach((log, partition) => {
      expect(log.values).toEqual(run.delivered(partition))
    })
  })

  it.each(seeds.slice(0, 30))(
    'goes on under another id when epochs are used up, seed %i',
    (seed) => {
      const limits = { deliveryTimeoutMs: 1200, records: 600, firstEpoch: 32_765 }
      const run = new Simulation({ seed, faults: 0.4, ...limits }).run()
      run.logs.forEach((log, partition) => {
        expect([...log.values].sort()).toEqual(log.values)
        expect(new Set(log.values).size).toBe(log.values.length)
        const stored = new Set(log.values)
        expect(run.delivered(partition).filter((value) => !stored.has(value))).toEqual([])
      })
      expect(run.nextProducerId).toBeGreaterThan(8n)
    },
  )

  it.each(seeds.slice(0, 20))('splits batches that are too large, seed %i', (seed) => {
    const run = new Simulation({ seed, faults: 0.1, maxBatchBytes: 180 }).run()
    run.logs.forEach((log, partition) => {
      expect(log.values).toEqual(run.delivered(partition))
      expect(log.values.length).toBeGreaterThan(0)
    })
    expect(run.accumulator.memory.usedBytes).toBe(0)
  })

  it('keeps the limit of requests in flight and packs partitions of one leader together', () => {
    const run = new Simulation({ seed: 3, faults: 0, maxInFlight: 2, partitions: 8, records: 500 })
    run.run()
    expect(run.maxCallsSeen).toBeLessThanOrEqual(2)
    expect(run.maxCallsSeen).toBeGreaterThan(0)
  })

  it('without idempotence delivers at least once', () => {
    for (const seed of seeds.slice(0, 20)) {
      const run = new Simulation({ seed, faults: 0.2, isIdempotent: false }).run()
      run.logs.forEach((log, partition) => {
        expect(new Set(log.values), `seed ${seed}`).toEqual(new Set(run.delivered(partition)))
      })
    }
  })
})
