import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { diskStorage, memoryStorage, type Storage } from '@ottla/log'
import { createVirtualClock, seededRandom } from '@ottla/network/simulation'
import { encodeRecordBatch, type RecordInput } from '@ottla/protocol'
import { describe, expect, test } from 'vitest'
import { BrokerConfig } from '../config/broker-config.js'
import { EventStream } from '../events.js'
import { Partition, type PartitionContext } from '../partition/partition.js'
import { LogManager } from './log-manager.js'

const topicId = '8a1b2c3d-0000-4000-8000-000000000001'

/** One life of a broker's logs. */
class Life {
  readonly clock = createVirtualClock({ startMs: 1_000_000 })
  readonly problems: unknown[] = []
  readonly logs: LogManager
  readonly partitions: Partition[]

  readonly storage: Storage

  constructor(storage: Storage, config: Parameters<LogManager['open']>[1] = {}, count = 1) {
    this.storage = storage
    const events = new EventStream({ clusterId: 'c', nodeId: 1 })
    events.on('problem', (problem) => this.problems.push(problem))
    const { clock } = this
    const random = seededRandom(1)
    this.logs = new LogManager({ storage, clock, random, events, config: new BrokerConfig({}) })
    const context: PartitionContext = {
      nodeId: 1,
      events,
      openLog: (partition) => this.logs.open(partition, config),
      hasLog: (partition) => this.logs.exists(partition),
      checkpointedHighWatermark: (partition) =>
        this.logs.checkpointedHighWatermark(partition.directory),
      afterTurn: setImmediate,
      noteHighWatermark: (partition) => this.logs.noteHighWatermark(partition),
      minInsyncReplicas: () => 1,
    }
    this.partitions = Array.from({ length: count }, (_, partition) => {
      const image = {
        partition,
        replicas: [1],
        isr: [1],
        leader: 1,
        leaderEpoch: 0,
        partitionEpoch: 0,
        directories: [],
      }
      return new Partition('t', topicId, image, context)
    })
  }

  get first(): Partition {
    return this.partitions[0] as Partition
  }

  append(...records: (string | RecordInput)[]): void {
    const nowMs = this.clock.now()
    const made = records.map((record) =>
      typeof record === 'string' ? { key: record, value: 'v', timestamp: nowMs } : record,
    )
    this.first.append(encodeRecordBatch({ records: made }), { nowMs, origin: 'client' })
  }

  async stop(): Promise<void> {
    await this.logs.closeLogs()
    this.logs.close(7)
  }
}

describe('a log manager', () => {
  test('deletes old segments at a check, their files after the delay', async () => {
    const life = new Life(memoryStorage(), { retentionMs: 60_000, segmentBytes: 200 })
    for (let index = 0; index < 6; index++) life.append(`k${index}`)
    await life.clock.advance(20_000)
    expect(life.first.log.segments.length).toBeGreaterThan(2)
    await life.clock.advance(312_000)
    expect(life.first.log.logStartOffset).toBe(6)
    const names = (): string[] => life.storage.list('t-0').filter((name) => name.includes('.log'))
    expect(names().some((name) => name.endsWith('.deleted'))).toBe(true)
    await life.clock.advance(70_000)
    expect(names()).toEqual(['00000000000000000006.log'])
    expect(life.problems).toEqual([])
    await life.stop()
  })

  test('checkpoints what it has brought to the device, and where readers may go', async () => {
    const life = new Life(memoryStorage())
    life.append('a', 'b')
    const file = (name: string): string =>
      life.storage.exists(name) ? Buffer.from(life.storage.readAll(name)).toString() : ''
    await life.clock.advance(5001)
    expect(file('replication-offset-checkpoint')).toBe('0\n1\nt 0 2\n')
    expect(file('recovery-point-offset-checkpoint')).toBe('')
    await life.clock.advance(60_000)
    expect(file('recovery-point-offset-checkpoint')).toBe('0\n1\nt 0 2\n')
    life.first.log.advanceLogStart(1)
    life.append('c')
    await life.clock.advance(70_000)
    expect(file('log-start-offset-checkpoint')).toBe('0\n1\nt 0 1\n')
    await life.stop()
    const next = new Life(life.storage)
    expect([next.first.log.logStartOffset, next.first.highWatermark]).toEqual([1, 3])
    await next.stop()
  })

  test('takes along what waits for the end of the turn when it stops', async () => {
    const life = new Life(memoryStorage())
    const batch = (baseSequence: number): Uint8Array =>
      encodeRecordBatch({
        records: [{ value: 'v', timestamp: life.clock.now() }],
        producerId: 5n,
        producerEpoch: 0,
        baseSequence,
      })
    const options = { nowMs: life.clock.now(), origin: 'client' } as const
    life.first.append(batch(0), options)
    life.first.enqueue(batch(1), options, () => {})
    await life.stop()
    // A clean start believes these, and looks at no record: the batch is before the recovery point, its producer remembered.
    const recoveryPoints = life.storage.readAll('recovery-point-offset-checkpoint')
    expect(Buffer.from(recoveryPoints).toString()).toBe('0\n1\nt 0 2\n')
    expect(life.storage.list('t-0')).toContain('00000000000000000002.snapshot')
    const next = new Life(life.storage)
    expect(next.first.log.logEndOffset).toBe(2)
    expect(next.first.append(batch(1), options)).toMatchObject({ duplicate: true, firstOffset: 1 })
    await next.stop()
  })

  test('leaves no clean mark while a log is not recovered', async () => {
    const storage = memoryStorage()
    new Life(storage).append('a')
    const second = new Life(storage)
    expect(second.logs.wasCleanShutdown).toBe(false)
    second.logs.begin(second.partitions)
    await second.stop()
    expect(storage.exists('.kafka_cleanshutdown')).toBe(false)
    const third = new Life(storage)
    third.logs.begin(third.partitions)
    await third.clock.advance(100)
    expect(third.first.openedLog?.logEndOffset).toBe(1)
    await third.stop()
    expect(storage.exists('.kafka_cleanshutdown')).toBe(true)
    expect(new Life(storage).logs.wasCleanShutdown).toBe(true)
  })

  test('calls a directory stray that nobody owns', () => {
    const storage = memoryStorage()
    storage.makeDirectory('gone-3')
    const life = new Life(storage)
    life.logs.begin(life.partitions)
    expect(storage.list('').filter((name) => name.startsWith('gone'))).toEqual([
      expect.stringMatching(/^gone-3\.[0-9a-f]{32}-stray$/),
    ])
    expect(life.problems).toHaveLength(1)
  })

  test('compacts by itself, the checkpoint says how far', async () => {
    const config = { cleanupCompact: true, cleanupDelete: false, segmentBytes: 300 }
    const life = new Life(memoryStorage(), config)
    for (let index = 0; index < 20; index++) life.append(`k${index % 3}`)
    const { log } = life.first
    const before = log.sizeInBytes
    await life.clock.advance(1000)
    const active = log.segments.at(-1)?.baseOffset ?? 0
    expect(log.sizeInBytes).toBeLessThan(before)
    const text = Buffer.from(life.storage.readAll('cleaner-offset-checkpoint')).toString()
    expect(text).toBe(`0\n1\nt 0 ${active}\n`)
    expect(life.problems).toEqual([])
    await life.stop()
  })

  test('keeps files and timers few for many partitions', async () => {
    const root = mkdtempSync(join(tmpdir(), 'ottla-many-'))
    const storage = diskStorage(root, { maxOpenFiles: 64 })
    const life = new Life(storage, {}, 300)
    const batch = (): Uint8Array =>
      encodeRecordBatch({ records: [{ value: 'v', timestamp: life.clock.now() }] })
    for (const partition of life.partitions) {
      partition.append(batch(), { nowMs: life.clock.now(), origin: 'client' })
    }
    expect(storage.stats().openFiles).toBeLessThanOrEqual(64)
    await life.stop()
    const next = new Life(storage, {}, 300)
    next.logs.begin(next.partitions)
    await next.clock.advance(1000)
    expect(next.partitions.map(({ openedLog }) => openedLog?.logEndOffset)).toEqual(
      next.partitions.map(() => 1),
    )
    expect(storage.stats().openFiles).toBeLessThanOrEqual(64)
    await next.stop()
    storage.close()
    rmSync(root, { recursive: true })
  })
})
