import { inspect } from 'node:util'
import { encodeRecordBatch } from '@ottla/protocol'
import { describe, expect, it } from 'vitest'
import { RecordArray } from './batch.js'
import { FetchedChunk } from './fetch/fetched-chunk.js'

/** One record of topic `t`, partition 3, offset 2^60, as a consumer gets it. */
const recordOf = (value: Uint8Array | string | null) => {
  const bytes = encodeRecordBatch({
    records: [
      {
        key: 'truck-42',
        value,
        timestamp: 5,
        headers: [
          ['h', 'ä'],
          ['h', null],
        ],
      },
    ],
    baseOffset: 1n << 60n,
    partitionLeaderEpoch: 7,
  })
  const fetched = { topic: 't', partition: 3, bytes, fetchOffset: 0, highWatermark: 1 }
  const chunk = new FetchedChunk(fetched, { checkCrcs: true, maxDecompressedBytes: 1000 })
  const batch = new RecordArray('t', 3, 1n)
  chunk.read(batch, 1)
  return batch[0]
}

describe('ConsumerRecord', () => {
  it('survives JSON.stringify: the offset as digits, text as text', () => {
    expect(JSON.parse(JSON.stringify(recordOf('52.52,13.40')))).toEqual({
      topic: 't',
      partition: 3,
      offset: '1152921504606846976',
      timestamp: 5,
      key: 'truck-42',
      value: '52.52,13.40',
      headers: [
        ['h', 'ä'],
        ['h', null],
      ],
      leaderEpoch: 7,
    })
  })

  it('writes bytes that are no text in base64, and null as null', () => {
    expect(recordOf(Uint8Array.of(0xff, 0))?.toJSON().value).toEqual({ base64: '/wA=' })
    expect(recordOf(null)?.toJSON().value).toBeNull()
    expect(recordOf('')?.toJSON().value).toBe('')
  })

  it('reads well in console.log', () => {
    const text = inspect(recordOf('52.52,13.40'), { breakLength: Infinity })
    expect(text).toContain('offset: 1152921504606846976n, timestamp: 5')
    expect(text).toContain("key: 'truck-42', value: '52.52,13.40', headers: [ [ 'h', 'ä' ]")
  })
})
