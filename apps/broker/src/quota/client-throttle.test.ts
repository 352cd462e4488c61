import {
  AlterClientQuotas,
  ApiVersions,
  CreatePartitions,
  CreateTopics,
  DeleteTopics,
  ErrorCode,
  Metadata,
  Produce,
  ZERO_UUID,
} from '@ottla/protocol'
import { afterEach, describe, expect, it } from 'vitest'
import type { Broker } from '../broker.js'
import { startBroker } from '../start-broker.js'
import { batchOf, RawClient } from '../testing/raw-client.js'

describe('a throttled client', () => {
  let broker: Broker
  const clients: RawClient[] = []

  const connect = async (): Promise<RawClient> => {
    const client = await RawClient.connect(broker)
    clients.push(client)
    return client
  }
  const start = async (key: string, value: number): Promise<RawClient> => {
    broker = await startBroker()
    const client = await connect()
    await client.request(CreateTopics, 7, {
      topics: [{ name: 't', numPartitions: 1, replicationFactor: 1, assignments: [], configs: [] }],
    })
    const entity = [{ entityType: 'user', entityName: null }]
    const ops = [{ key, value, remove: false }]
    await client.request(AlterClientQuotas, 1, { entries: [{ entity, ops }], validateOnly: false })
    return client
  }
  const software = { clientSoftwareName: 'raw', clientSoftwareVersion: '1' }
  const produce = (client: RawClient, bytes: number) =>
    client.request(Produce, 9, {
      acks: 1,
      timeoutMs: 1000,
      topicData: [
        { name: 't', partitionData: [{ index: 0, records: batchOf('x'.repeat(bytes)) }] },
      ],
    })

  afterEach(async () => {
    for (const client of clients.splice(0)) client.close()
    await broker.close()
  })

  it('is answered at once, told to wait, and not read from until it has', async () => {
    const client = await start('producer_byte_rate', 100)
    const { throttleTimeMs } = await produce(client, 61_000)
    // 1000 bytes were allowed, the other 60,000 and the envelope take ten minutes.
    expect(throttleTimeMs).toBeGreaterThan(600_000)
    expect(throttleTimeMs).toBeLessThan(610_000)
    let isAnswered = false
    const answer = client.request(ApiVersions, 3, software).then(() => {
      isAnswered = true
    })
    const other = await connect()
    await other.request(Metadata, 12, { topics: null })
    // Nobody is idle while it has to wait: its connection stays.
    await broker.advanceTime(throttleTimeMs - 30_000)
    await (await connect()).request(Metadata, 12, { topics: null })
    expect(isAnswered).toBe(false)
    await broker.advanceTime(30_000)
    await answer
  })

  it('shares what its user may with the other connections of that user', async () => {
    const client = await start('producer_byte_rate', 1000)
    expect((await produce(client, 6000)).throttleTimeMs).toBe(0)
    expect((await produce(await connect(), 6000)).throttleTimeMs).toBeGreaterThan(1000)
  })

  it('may leave', async () => {
    const client = await start('producer_byte_rate', 100)
    await produce(client, 50_000)
    client.close()
    await client.closed
    expect((await (await connect()).request(ApiVersions, 3, software)).errorCode).toBe(0)
  })

  it('waits a window at most for the time its requests took', async () => {
    const client = await start('request_percentage', 1e-9)
    const { throttleTimeMs } = await client.request(Metadata, 12, { topics: null })
    expect(throttleTimeMs).toBe(1000)
    await broker.advanceTime(1000)
    expect((await client.request(ApiVersions, 3, software)).throttleTimeMs).toBe(1000)
  })

  describe('that creates and deletes partitions', () => {
    const create = (client: RawClient, name: string, version: number, validateOnly = false) => {
      const topic = { name, numPartitions: 6, replicationFactor: 1, assignments: [], configs: [] }
      return client.request(CreateTopics, version, { topics: [topic], validateOnly })
    }

    it('may overdraw once, is refused then, and served when it has waited', async () => {
      const client = await start('controller_mutation_rate', 0.01)
      // There are 0.11 tokens: six are taken, and 5.89 owed, for which it takes 589 seconds.
      expect(await create(client, 'a', 7)).toMatchObject({ throttleTimeMs: 0 })
      const { throttleTimeMs, topics } = await create(client, 'b', 7)
      expect(topics[0]).toMatchObject({
        errorCode: ErrorCode.THROTTLING_QUOTA_EXCEEDED,
        errorMessage: null,
      })
      expect(throttleTimeMs).toBeGreaterThan(0)
      expect(throttleTimeMs).toBeLessThanOrEqual(589_000)
      await broker.advanceTime(throttleTimeMs)
      expect((await create(client, 'b', 7)).topics[0]).toMatchObject({ errorCode: 0 })
    })

    it('is refused more partitions and deletions in the same way', async () => {
      const client = await start('controller_mutation_rate', 0.1)
      await create(client, 'a', 7)
      const more = await client.request(CreatePartitions, 3, {
        topics: [{ name: 'a', count: 8, assignments: null }],
        timeoutMs: 1000,
        validateOnly: false,
      })
      const errorCode = ErrorCode.THROTTLING_QUOTA_EXCEEDED
      expect(more).toMatchObject({ results: [{ name: 'a', errorCode }] })
      await broker.advanceTime(more.throttleTimeMs)
      const deleted = await client.request(DeleteTopics, 6, {
        topics: [{ name: 'a', topicId: ZERO_UUID }],
        timeoutMs: 1000,
      })
      expect(deleted).toMatchObject({ throttleTimeMs: 0, responses: [{ errorCode: 0 }] })
      const refused = await client.request(DeleteTopics, 6, {
        topics: [{ name: 't', topicId: ZERO_UUID }],
        timeoutMs: 1000,
      })
      expect(refused).toMatchObject({ responses: [{ name: 't', errorCode }] })
    })

    it('is served whatever it owes, and has to wait, if it does not know the error', async () => {
      const client = await start('controller_mutation_rate', 0.01)
      const { throttleTimeMs, topics } = await create(client, 'a', 5)
      expect(topics[0]).toMatchObject({ errorCode: 0 })
      expect(throttleTimeMs).toBeGreaterThan(0)
      await broker.advanceTime(throttleTimeMs)
      expect((await create(client, 'b', 5)).topics[0]).toMatchObject({ errorCode: 0 })
    })
  })
})
