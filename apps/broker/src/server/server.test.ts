import {
  ApiVersions,
  CreateTopics,
  ErrorCode,
  encodeRequest,
  Fetch,
  Metadata,
  Produce,
} from '@ottla/protocol'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Broker } from '../broker.js'
import type { BrokerEvent } from '../events.js'
import { systemPlatform } from '../platform.js'
import { startBroker } from '../start-broker.js'
import { batchOf, RawClient } from '../testing/raw-client.js'

const hello = encodeRequest(ApiVersions, 0, { correlationId: 1, clientId: null }, {})

describe('Server', () => {
  let broker: Broker
  const reasons: (string | undefined)[] = []

  beforeEach(async () => {
    broker = await startBroker({
      configs: {
        'socket.request.max.bytes': '100000',
        'queued.max.requests': '4',
        'max.connections': '3',
      },
    })
    reasons.length = 0
    broker.events.on('disconnection', ({ reason }) => reasons.push(reason))
  })

  afterEach(() => broker.close())

  const reasonFor = async (bytes: Uint8Array): Promise<string | undefined> => {
    const good = await RawClient.connect(broker)
    const bad = await RawClient.connect(broker)
    bad.sendBytes(bytes)
    await bad.closed
    await good.request(ApiVersions, 0, {})
    good.close()
    await good.closed
    return reasons.find((reason) => reason !== undefined)
  }

  const withKey = (apiKey: number, apiVersion: number): Uint8Array => {
    const bytes = Uint8Array.of(...hello, 0)
    new DataView(bytes.buffer).setInt16(0, apiKey)
    new DataView(bytes.buffer).setInt16(2, apiVersion)
    return bytes
  }

  it('ends only the connection that sends an unknown API', async () => {
    expect(await reasonFor(withKey(999, 0))).toMatch(/API key 999/)
  })

  it('ends only the connection that sends an unknown version', async () => {
    expect(await reasonFor(withKey(Metadata.key, 99))).toMatch(
      /Metadata request of version 99; 0 to 13/,
    )
  })

  it('ends only the connection that sends half a header', async () => {
    expect(await reasonFor(hello.subarray(0, 7))).toMatch(/header/)
  })

  it('ends only the connection that sends a bad body', async () => {
    expect(await reasonFor(withKey(Metadata.key, 4))).toMatch(/Metadata v4 request/)
  })

  it('ends only the connection that sends too large a frame', async () => {
    expect(await reasonFor(new Uint8Array(100_001))).toMatch(/100001|100000/)
  })

  it('answers too new an ApiVersions in version 0 with its range', async () => {
    const client = await RawClient.connect(broker)
    const frame = encodeRequest(
      ApiVersions,
      5,
      { correlationId: 1, clientId: 'new' },
      { clientSoftwareName: 'a', clientSoftwareVersion: '1' },
    )
    frame[3] = 99
    const { errorCode, apiKeys } = await client.exchange(ApiVersions, 0, frame)
    expect(errorCode).toBe(ErrorCode.UNSUPPORTED_VERSION)
    expect(apiKeys).toEqual([{ apiKey: 18, minVersion: 0, maxVersion: 5 }])
    client.close()
  })

  it('refuses unnamed software from version 3 on', async () => {
    const client = await RawClient.connect(broker)
    const response = await client.request(ApiVersions, 3, {
      clientSoftwareName: '-',
      clientSoftwareVersion: '1',
    })
    expect(response.errorCode).toBe(ErrorCode.INVALID_REQUEST)
    client.close()
  })

  it('stops reading from a client that sends more than it waits for, and loses nothing', async () => {
    const client = await RawClient.connect(broker)
    const topics = [
      { name: 't', numPartitions: 1, replicationFactor: 1, assignments: [], configs: [] },
    ]
    await client.request(CreateTopics, 4, { topics })
    const partitions = [{ partition: 0, fetchOffset: 0n, partitionMaxBytes: 1000 }]
    const fetched = client.request(Fetch, 11, {
      maxWaitMs: 60_000,
      minBytes: 1,
      topics: [{ topic: 't', partitions }],
      replicaState: {},
      forgottenTopicsData: [],
    })
    const rest = Array.from({ length: 50 }, () => client.request(ApiVersions, 0, {}))
    const other = await RawClient.connect(broker)
    const partitionData = [{ index: 0, records: batchOf('go') }]
    await other.request(Produce, 9, {
      acks: 1,
      timeoutMs: 1000,
      topicData: [{ name: 't', partitionData }],
    })
    await fetched
    await Promise.all(rest)
    expect(client.answered).toEqual(Array.from({ length: 52 }, (_, index) => index + 1))
    client.close()
    other.close()
  })

  it('closes connections beyond max.connections', async () => {
    const clients = await Promise.all([1, 2, 3].map(() => RawClient.connect(broker)))
    for (const client of clients) await client.request(ApiVersions, 0, {})
    const fourth = await RawClient.connect(broker)
    await fourth.closed
    expect(reasons).toEqual(['more than max.connections connections'])
    for (const client of clients) client.close()
  })

  it('publishes requests while someone listens', async () => {
    const seen: BrokerEvent<'request'>[] = []
    const stop = broker.events.on('request', (event) => seen.push(event))
    const client = await RawClient.connect(broker)
    await client.request(ApiVersions, 0, {})
    stop()
    await client.request(ApiVersions, 0, {})
    expect(seen).toHaveLength(1)
    expect(seen[0]).toMatchObject({ api: 'ApiVersions', apiVersion: 0, clientId: 'raw', nodeId: 1 })
    client.close()
  })
})

describe('A server that stops', () => {
  it('answers what is being appended before it ends the connections', async () => {
    const { clock } = systemPlatform
    const waiting: (() => void)[] = []
    let endsTurns = true
    let onAppend = (): void => {}
    // Batches are written when a turn ends; this one does not, until somebody else waits for its end: who stops.
    const afterTurn = (callback: () => void): void => {
      if (endsTurns) {
        clock.afterTurn(callback)
        return
      }
      waiting.push(callback)
      if (waiting.length === 1) onAppend()
      else {
        endsTurns = true
        for (const each of waiting.splice(0)) clock.afterTurn(each)
      }
    }
    const platform = { ...systemPlatform, clock: { ...clock, afterTurn } }
    const broker = await startBroker({ platform })
    const client = await RawClient.connect(broker)
    const topics = [
      { name: 't', numPartitions: 1, replicationFactor: 1, assignments: [], configs: [] },
    ]
    await client.request(CreateTopics, 4, { topics })
    endsTurns = false
    const isAppending = new Promise<void>((resolve) => {
      onAppend = resolve
    })
    const partitionData = [{ index: 0, records: batchOf('last') }]
    const answer = client.request(Produce, 9, {
      acks: 1,
      timeoutMs: 1000,
      topicData: [{ name: 't', partitionData }],
    })
    await isAppending
    const stopped = broker.close()
    const { responses } = await answer
    expect(responses[0]?.partitionResponses[0]).toMatchObject({ errorCode: 0, baseOffset: 0n })
    await stopped
  })
})
