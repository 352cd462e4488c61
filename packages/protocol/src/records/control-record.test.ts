import { describe, expect, it } from 'vitest'
import { WireError } from '../errors.js'
import {
  ControlRecordType,
  decodeControlKey,
  decodeEndTransactionMarker,
  decodeRecords,
  encodeControlKey,
  encodeEndTransactionMarker,
  encodeTransactionMarker,
} from './index.js'

describe('control records', () => {
  it('have the bytes of Kafka', () => {
    expect(Buffer.from(encodeControlKey(ControlRecordType.COMMIT)).toString('hex')).toBe('00000001')
    expect(Buffer.from(encodeEndTransactionMarker(10)).toString('hex')).toBe('00000000000a')
    expect(decodeControlKey(Buffer.from('00000003', 'hex'))).toEqual({ version: 0, type: 3 })
    expect(decodeEndTransactionMarker(Buffer.from('00000000000f', 'hex'))).toEqual({
      version: 0,
      coordinatorEpoch: 15,
    })
  })

  it('end a transaction as a batch of one', () => {
    for (const commit of [true, false]) {
      const bytes = encodeTransactionMarker({
        producerId: 9n,
        producerEpoch: 3,
        commit,
        coordinatorEpoch: 12,
        timestamp: 1000,
        baseOffset: 55n,
        partitionLeaderEpoch: 2,
      })
      const [batch] = decodeRecords(bytes)
      expect(batch).toMatchObject({
        isControl: true,
        isTransactional: true,
        producerId: 9n,
        producerEpoch: 3,
        baseSequence: -1,
        baseOffset: 55n,
        partitionLeaderEpoch: 2,
        count: 1,
      })
      const record = batch?.toArray()[0]
      expect(decodeControlKey(record?.key ?? null).type).toBe(commit ? 1 : 0)
      expect(decodeEndTransactionMarker(record?.value ?? null).coordinatorEpoch).toBe(12)
    }
  })

  it('are refused when they are too short', () => {
    expect(() => decodeControlKey(null)).toThrow(WireError)
    expect(() => decodeControlKey(Buffer.alloc(3))).toThrow(WireError)
    expect(() => decodeEndTransactionMarker(Buffer.alloc(5))).toThrow(/6 bytes are needed/)
  })
})
