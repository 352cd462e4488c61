import { encodeRecordBatch, encodeTransactionMarker } from '@ottla/protocol'
import { describe, expect, it } from 'vitest'
import { RecordArray } from '../batch.js'
import { FetchedChunk } from './fetched-chunk.js'

const records = (count: number, prefix = 'v') =>
  Array.from({ length: count }, (_, index) => ({ value: `${prefix}${index}` }))

const chunkOf = (
  parts: readonly Uint8Array[],
  extra: Partial<ConstructorParameters<typeof FetchedChunk>[0]> = {},
) =>
  new FetchedChunk(
    {
      topic: 't',
      partition: 0,
      bytes: Buffer.concat(parts),
      fetchOffset: 0,
      highWatermark: 100,
      ...extra,
    },
    { checkCrcs: true, maxDecompressedBytes: 1_000_000 },
  )

const readAll = (chunk: FetchedChunk, max = 500): string[] => {
  const values: string[] = []
  while (!chunk.isExhausted) {
    const batch = new RecordArray('t', 0, 100n)
    chunk.read(batch, max)
    for (const record of batch) values.push(`${record.offset}:${record.value}`)
  }
  return values
}

const transactional = (producerId: bigint, baseOffset: bigint, count: number, prefix: string) =>
  encodeRecordBatch({
    records: records(count, prefix),
    baseOffset,
    producerId,
    producerEpoch: 0,
    baseSequence: 0,
    isTransactional: true,
  })

const marker = (producerId: bigint, baseOffset: bigint, commit: boolean) =>
  encodeTransactionMarker({
    producerId,
    producerEpoch: 0,
    commit,
    coordinatorEpoch: 1,
    timestamp: 0,
    baseOffset,
  })

describe('FetchedChunk', () => {
  it('gives all records of a batch the time at which the broker appended it, if the batch says so', () => {
    const batch = encodeRecordBatch({
      records: [1, 2, 3].map((timestamp) => ({ value: 'v', timestamp })),
      baseOffset: 0n,
      timestampType: 'LogAppendTime',
      maxTimestamp: 777,
    })
    const target = new RecordArray('t', 0, 100n)
    chunkOf([batch]).read(target, 10)
    expect(target.map(({ timestamp }) => timestamp)).toEqual([777, 777, 777])
  })

  const two = [
    encodeRecordBatch({ records: records(3), baseOffset: 10n, partitionLeaderEpoch: 4 }),
    encodeRecordBatch({ records: records(2, 'w'), baseOffset: 13n, compression: 'gzip' }),
  ]

  it('knows from the headers where the next fetch begins', () => {
    expect(chunkOf(two, { fetchOffset: 10 }).endOffset).toBe(15)
  })

  it('reads across batches, as many at a time as wanted', () => {
    const all = ['10:v0', '11:v1', '12:v2', '13:w0', '14:w1']
    for (const max of [1, 2, 3, 4, 5, 6]) {
      expect(readAll(chunkOf(two, { fetchOffset: 10 }), max)).toEqual(all)
    }
  })

  it('drops records below the offset asked for', () => {
    expect(readAll(chunkOf(two, { fetchOffset: 12 }))).toEqual(['12:v2', '13:w0', '14:w1'])
  })

  it('stops silently at a batch that was cut', () => {
    const cut = [two[0] as Uint8Array, (two[1] as Uint8Array).subarray(0, 40)]
    const chunk = chunkOf(cut, { fetchOffset: 10 })
    expect(chunk.endOffset).toBe(13)
    expect(readAll(chunk)).toHaveLength(3)
  })

  it('says that it got nowhere when no batch is whole', () => {
    const chunk = chunkOf([(two[0] as Uint8Array).subarray(0, 40)], { fetchOffset: 10 })
    expect(chunk.endOffset).toBe(10)
  })

  it('advances past control batches without showing them', () => {
    const chunk = chunkOf([marker(1n, 0n, true), marker(1n, 1n, true)])
    expect(chunk.endOffset).toBe(2)
    expect(readAll(chunk)).toEqual([])
    expect(chunk.nextOffset).toBe(2)
  })

  it('hands out what is before a damaged batch, then throws', () => {
    const damaged = Buffer.from(two[1] as Uint8Array)
    damaged.writeUInt8(damaged.readUInt8(70) ^ 1, 70)
    const chunk = chunkOf([two[0] as Uint8Array, damaged], { fetchOffset: 10 })
    const batch = new RecordArray('t', 0, 100n)
    chunk.read(batch, 500)
    expect(batch).toHaveLength(3)
    expect(() => chunk.read(new RecordArray('t', 0, 100n), 500)).toThrow(/CRC/)
  })

  it('takes records out of aborted transactions, several of one producer', () => {
    const parts = [
      transactional(1n, 0n, 2, 'a'),
      marker(1n, 2n, false),
      transactional(1n, 3n, 1, 'b'),
      transactional(2n, 4n, 1, 'c'),
      marker(1n, 5n, true),
      transactional(1n, 6n, 2, 'd'),
      marker(1n, 8n, false),
      marker(2n, 9n, true),
    ]
    const abortedTransactions = [
      { producerId: 1n, firstOffset: 6n },
      { producerId: 1n, firstOffset: 0n },
    ]
    expect(readAll(chunkOf(parts, { abortedTransactions }))).toEqual(['3:b0', '4:c0'])
    expect(readAll(chunkOf(parts))).toHaveLength(6)
  })

  it('takes out an aborted transaction whose marker comes in a later fetch', () => {
    const parts = [transactional(1n, 0n, 2, 'a'), transactional(1n, 2n, 1, 'b')]
    const abortedTransactions = [{ producerId: 1n, firstOffset: 0n }]
    const chunk = chunkOf(parts, { abortedTransactions })
    expect(readAll(chunk)).toEqual([])
    expect(chunk.nextOffset).toBe(3)
  })
})
