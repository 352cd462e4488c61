import {
  ApiVersions,
  CreateTopics,
  ErrorCode,
  encodeRecordBatch,
  InitProducerId,
  Metadata,
  Produce,
  type ProduceRequestInput,
} from '@ottla/protocol'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Broker } from '../broker.js'
import { startBroker } from '../start-broker.js'
import { batchOf, RawClient } from '../testing/raw-client.js'

const topic = 'orders'

describe('Produce', () => {
  let broker: Broker
  let client: RawClient
  let topicId: string

  beforeAll(async () => {
    broker = await startBroker()
    client = await RawClient.connect(broker)
    const created = await client.request(CreateTopics, 7, {
      topics: [
        { name: topic, numPartitions: 2, replicationFactor: 1, assignments: [], configs: [] },
      ],
    })
    topicId = created.topics[0]?.topicId ?? ''
  })

  afterAll(async () => {
    client.close()
    await broker.close()
  })

  const body = (records: Uint8Array | null, more: object = {}): ProduceRequestInput => ({
    acks: 1,
    timeoutMs: 1000,
    topicData: [{ name: topic, partitionData: [{ index: 0, records }] }],
    ...more,
  })

  const errorOf = async (
    request: ProduceRequestInput,
    version = 9,
  ): Promise<number | undefined> => {
    const response = await client.request(Produce, version, request)
    return response.responses[0]?.partitionResponses[0]?.errorCode
  }

  it('appends at every version, by name and by id', async () => {
    let offset = 0n
    for (let version = 3; version <= 13; version += 1) {
      const partitionData = [{ index: 1, records: batchOf('a', 'b') }]
      const named = version < 13 ? { name: topic } : { topicId }
      const response = await client.request(Produce, version, {
        acks: version % 2 === 0 ? 1 : -1,
        timeoutMs: 1000,
        topicData: [{ ...named, partitionData }],
      })
      const answer = response.responses[0]?.partitionResponses[0]
      expect(answer).toMatchObject({ index: 1, errorCode: 0, baseOffset: offset })
      offset += 2n
    }
  })

  it('refuses what Kafka refuses, partition by partition', async () => {
    expect(await errorOf(body(batchOf('a'), { acks: 2 }))).toBe(ErrorCode.INVALID_REQUIRED_ACKS)
    expect(await errorOf(body(null))).toBe(ErrorCode.INVALID_RECORD)
    const two = Buffer.concat([batchOf('a'), batchOf('b')])
    expect(await errorOf(body(two))).toBe(ErrorCode.INVALID_RECORD)
    const corrupt = batchOf('a')
    corrupt[67] = (corrupt[67] ?? 0) ^ 1
    expect(await errorOf(body(corrupt))).toBe(ErrorCode.CORRUPT_MESSAGE)
    const partitionData = [{ index: 9, records: batchOf('a') }]
    expect(await errorOf(body(null, { topicData: [{ name: topic, partitionData }] }))).toBe(
      ErrorCode.UNKNOWN_TOPIC_OR_PARTITION,
    )
    expect(await errorOf(body(null, { topicData: [{ name: 'nobody', partitionData }] }))).toBe(
      ErrorCode.UNKNOWN_TOPIC_OR_PARTITION,
    )
    const byId = { topicId: '99999999-9999-4999-8999-999999999999', partitionData }
    expect(await errorOf(body(null, { topicData: [byId] }), 13)).toBe(ErrorCode.UNKNOWN_TOPIC_ID)
    const internal = { name: '__consumer_offsets', partitionData }
    expect(await errorOf(body(null, { topicData: [internal] }))).toBe(
      ErrorCode.UNKNOWN_TOPIC_OR_PARTITION,
    )
    expect(await errorOf(body(batchOf('x'.repeat(1_100_000))))).toBe(ErrorCode.MESSAGE_TOO_LARGE)
    const zstd = encodeRecordBatch({ records: [{ key: null, value: 'a' }], compression: 'zstd' })
    expect(await errorOf(body(zstd), 6)).toBe(ErrorCode.UNSUPPORTED_COMPRESSION_TYPE)
    const transactional = encodeRecordBatch({
      records: [{ key: null, value: 'a' }],
      isTransactional: true,
      producerId: 1n,
      producerEpoch: 0,
      baseSequence: 0,
    })
    expect(await errorOf(body(transactional))).toBe(ErrorCode.INVALID_TXN_STATE)
  })

  it('checks the sequences of an idempotent producer', async () => {
    const { producerId, producerEpoch } = await client.request(InitProducerId, 4, {
      transactionalId: null,
      transactionTimeoutMs: 0,
    })
    const send = (baseSequence: number) => {
      const records = encodeRecordBatch({
        records: [{ key: null, value: 'a', timestamp: 1_700_000_000_000 }],
        producerId,
        producerEpoch,
        baseSequence,
      })
      return client.request(Produce, 9, body(records))
    }
    const first = (await send(0)).responses[0]?.partitionResponses[0]
    const again = (await send(0)).responses[0]?.partitionResponses[0]
    expect(again).toEqual(first)
    expect((await send(5)).responses[0]?.partitionResponses[0]?.errorCode).toBe(
      ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER,
    )
    expect((await send(1)).responses[0]?.partitionResponses[0]).toMatchObject({
      errorCode: 0,
      baseOffset: (first?.baseOffset ?? 0n) + 1n,
    })
  })

  it('gives no two producers one id', async () => {
    const ask = () =>
      client.request(InitProducerId, 4, { transactionalId: null, transactionTimeoutMs: 0 })
    const ids = await Promise.all(Array.from({ length: 1500 }, ask))
    expect(new Set(ids.map(({ producerId }) => producerId)).size).toBe(1500)
  })

  it('answers acks=0 with silence, and goes on answering others', async () => {
    const other = await RawClient.connect(broker)
    other.send(Produce, 9, body(batchOf('quiet'), { acks: 0 }))
    await other.request(ApiVersions, 0, {})
    expect(other.answered).toEqual([2])
    other.close()
  })

  it('ends the connection when acks=0 fails', async () => {
    const other = await RawClient.connect(broker)
    other.send(Produce, 9, body(null, { acks: 0 }))
    await other.closed
  })

  it('creates the topic that Metadata asks for, with a leader in the same answer', async () => {
    const { topics } = await client.request(Metadata, 12, { topics: [{ name: 'fresh' }] })
    expect(topics[0]).toMatchObject({ errorCode: 0, name: 'fresh', partitions: [{ leaderId: 1 }] })
    const no = await client.request(Metadata, 12, {
      topics: [{ name: 'no' }],
      allowAutoTopicCreation: false,
    })
    expect(no.topics[0]?.errorCode).toBe(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION)
    const bad = await client.request(Metadata, 12, { topics: [{ name: 'a/b' }] })
    expect(bad.topics[0]?.errorCode).toBe(ErrorCode.INVALID_TOPIC_EXCEPTION)
  })
})
