import { AlterClientQuotas, ApiVersions, CreateTopics, Metadata, Produce } from '@ottla/protocol'
import { afterEach, describe, expect, it } from 'vitest'
import { type Broker, startBroker } from '../broker.js'
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
})
