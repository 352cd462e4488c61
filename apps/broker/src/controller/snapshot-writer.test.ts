import { memoryStorage, openLog } from '@ottla/log'
import { createVirtualClock, seededRandom, type VirtualClock } from '@ottla/network/simulation'
import { AccessControlEntryRecord, encodeMetadataRecord, encodeRecordBatch } from '@ottla/protocol'
import { describe, expect, it } from 'vitest'
import { BrokerConfig } from '../config/broker-config.js'
import { bootstrapFeatures } from '../features.js'
import type { Storage } from '../platform.js'
import { featuresOf } from '../releases.js'
import { metadataDirectory } from '../storage/metadata-directory.js'
import { Controller } from './controller.js'
import { MetadataLog } from './metadata-log.js'
import { listSnapshots, readNewestSnapshot } from './metadata-snapshot.js'
import { SnapshotWriter } from './snapshot-writer.js'

interface Started {
  readonly controller: Controller
  readonly log: MetadataLog
  readonly clock: VirtualClock
}

const start = (
  storage: Storage,
  configs: Readonly<Record<string, string>> = {},
  clock = createVirtualClock(),
): Started => {
  const opened = openLog({
    storage,
    directory: metadataDirectory,
    nowMs: clock.now(),
    config: { segmentBytes: 2000, cleanupDelete: false, fileDeleteDelayMs: 0 },
  })
  const log = new MetadataLog(opened, readNewestSnapshot(storage))
  const config = new BrokerConfig(configs)
  const snapshots = new SnapshotWriter({ storage, log, config, clock })
  const random = seededRandom(1)
  const directoryId = '11111111-1111-4111-8111-111111111111'
  const identity = { nodeId: 1, lastEpoch: 0, directoryId }
  const controller = new Controller({ ...identity, log, snapshots, config, clock, random })
  return { controller, log, clock }
}

const everything = async (controller: Controller): Promise<void> => {
  const features = featuresOf('4.4')
  await controller.bootstrap(bootstrapFeatures(features))
  await controller.registerBroker({
    brokerId: 1,
    incarnationId: '22222222-2222-4222-8222-222222222222',
    endPoints: [{ name: 'PLAINTEXT', host: 'localhost', port: 9092, securityProtocol: 0 }],
    features,
    rack: 'r1',
  })
  const topic = { numPartitions: 2, replicationFactor: 1, assignments: [], configs: [] }
  await controller.createTopics([
    { ...topic, name: 'kept', configs: [{ name: 'retention.ms', value: '1000' }] },
    { ...topic, name: 'gone' },
  ])
  const gone = controller.image.topicsByName.get('gone')?.topicId ?? ''
  await controller.deleteTopics([gone])
  await controller.changeConfigs([
    { resourceType: 4, resourceName: '', configs: new Map([['max.connections', '7']]) },
  ])
  await controller.alterClientQuotas([
    {
      entity: new Map([
        ['user', 'a'],
        ['client-id', null],
      ]),
      ops: [{ key: 'request_percentage', value: 12.5, remove: false }],
    },
  ])
  const salt = Buffer.from('salt')
  const saltedPassword = Buffer.alloc(32, 1)
  const user = { name: 'alice', mechanism: 1, iterations: 4096, salt, saltedPassword }
  await controller.alterScramCredentials([], [user])
  await controller.allocateProducerIds(1, 5)
}

/** What must be the same after a start; the quorum's epoch is a new one. */
const comparable = ({ image }: Controller) => ({ ...image, offset: 0, epoch: 0 })

describe('snapshots of the metadata', () => {
  it('hold all of it, so that the log before them is not needed', async () => {
    const storage = memoryStorage()
    const first = start(storage)
    await everything(first.controller)
    expect(listSnapshots(storage)).toEqual([])
    await first.clock.advance(3_600_000)
    const { offset, epoch } = first.controller.image
    expect(listSnapshots(storage)).toEqual([{ endOffset: offset + 1, epoch }])
    first.log.giveUpBefore(offset + 1, first.clock.now())
    expect(first.log.startOffset).toBe(offset + 1)
    first.controller.close()
    const second = start(storage)
    expect(comparable(second.controller)).toEqual(comparable(first.controller))
    expect(second.controller.image.offset).toBe(offset)
  })

  it('are written by size, and the oldest go with what they cover of the log', async () => {
    const storage = memoryStorage()
    const { controller, log, clock } = start(storage, {
      'metadata.log.max.record.bytes.between.snapshots': '1000',
      'metadata.max.retention.bytes': '10000',
    })
    await everything(controller)
    for (let index = 0; index < 300; index += 1) {
      const configs = new Map([['max.connections', `${index + 1}`]])
      await controller.changeConfigs([{ resourceType: 4, resourceName: '', configs }])
    }
    const snapshots = listSnapshots(storage)
    expect(snapshots.length).toBeGreaterThan(1)
    expect(log.sizeInBytes).toBeLessThan(10_000)
    expect(snapshots[0]?.endOffset).toBeGreaterThan(0)
    expect(log.startOffset).toBeLessThanOrEqual(snapshots[0]?.endOffset ?? 0)
    controller.close()
    const again = start(storage, {}, clock)
    expect(comparable(again.controller)).toEqual(comparable(controller))
  })

  it('go when they are older than they may get, but for the newest', async () => {
    const storage = memoryStorage()
    const { controller, clock } = start(storage, {
      'metadata.log.max.snapshot.interval.ms': '1000',
      'metadata.max.retention.ms': '5000',
    })
    await everything(controller)
    await clock.advance(1000)
    const [first] = listSnapshots(storage)
    await clock.advance(4000)
    await controller.allocateProducerIds(1, 5)
    await clock.advance(1000)
    expect(listSnapshots(storage)[0]).toEqual(first)
    await clock.advance(1000)
    await controller.allocateProducerIds(1, 5)
    await clock.advance(1000)
    expect(listSnapshots(storage)[0]).not.toEqual(first)
    controller.close()
    expect(clock.pendingTimers).toBe(0)
  })

  it('keep what only others understand', () => {
    const storage = memoryStorage()
    const first = start(storage)
    const value = encodeMetadataRecord(AccessControlEntryRecord, 0, {
      id: '33333333-3333-4333-8333-333333333333',
      resourceType: 2,
      resourceName: 'orders',
      patternType: 3,
      principal: 'User:alice',
      host: '*',
      operation: 3,
      permissionType: 3,
    })
    first.log.appendBatch(encodeRecordBatch({ records: [{ value }] }), 1, first.clock.now())
    first.controller.close()
    const second = start(storage, { 'metadata.log.max.record.bytes.between.snapshots': '1' })
    void second.controller.allocateProducerIds(1, 5)
    second.controller.close()
    const snapshot = readNewestSnapshot(storage)
    expect(Buffer.from(snapshot?.bytes ?? []).includes(Buffer.from(value))).toBe(true)
    expect(start(storage).controller.image.foreign).toEqual([Uint8Array.from(value)])
  })
})
