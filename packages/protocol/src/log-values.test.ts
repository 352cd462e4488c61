import { describe, expect, test } from 'vitest'
import { uuidFromBase64, uuidToBase64, ZERO_UUID } from './bytes/uuid.js'
import { UnsupportedVersionError, WireError } from './errors.js'
import {
  GroupMetadataKey,
  OffsetCommitKey,
  OffsetCommitValue,
  PartitionRecord,
  TopicRecord,
} from './log-records/index.js'
import {
  coordinatorRecordId,
  decodeCoordinatorKey,
  decodeCoordinatorValue,
  decodeMetadataFrame,
  decodeMetadataRecord,
  encodeCoordinatorKey,
  encodeCoordinatorValue,
  encodeMetadataRecord,
} from './log-values.js'

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')
const topic = { name: 'foo', topicId: '00000000-0000-0000-0000-0000000000ff' }

describe('metadata records', () => {
  test('have frame version, type and version before them', () => {
    const bytes = encodeMetadataRecord(TopicRecord, 0, topic)
    expect(hex(bytes)).toBe('010200' + '04666f6f' + '000000000000000000000000000000ff' + '00')
    expect(decodeMetadataRecord(bytes)).toMatchObject({
      name: 'TopicRecord',
      version: 0,
      value: topic,
    })
    expect(decodeMetadataRecord(bytes, [TopicRecord]).type).toBe(TopicRecord)
  })

  test('are refused when they are of another type, frame or version', () => {
    const bytes = encodeMetadataRecord(TopicRecord, 0, topic)
    expect(() => decodeMetadataRecord(bytes, [PartitionRecord])).toThrow(
      'metadata record of type 2',
    )
    expect(() => decodeMetadataRecord(Buffer.from('02020000', 'hex'))).toThrow('frame of version 2')
    expect(() => decodeMetadataRecord(Buffer.from('0102', 'hex'))).toThrow(WireError)
    expect(() => decodeMetadataRecord(Buffer.from('010209', 'hex'))).toThrow(
      UnsupportedVersionError,
    )
    expect(decodeMetadataFrame(Buffer.from('01c80102ab', 'hex'))).toMatchObject({
      type: 200,
      version: 2,
    })
  })
})

describe('coordinator records', () => {
  test('have their number before the key and their version before the value', () => {
    const key = { group: 'g', topic: 't', partition: 1 }
    const bytes = encodeCoordinatorKey(OffsetCommitKey, key)
    expect(hex(bytes)).toBe('0001' + '000167' + '000174' + '00000001')
    expect(coordinatorRecordId(bytes)).toBe(OffsetCommitKey.apiKey)
    expect(decodeCoordinatorKey(OffsetCommitKey, bytes)).toEqual(key)
    expect(() => decodeCoordinatorKey(GroupMetadataKey, bytes)).toThrow(
      'key of record type 1, expected 2',
    )

    const value = { offset: 5n, metadata: '', commitTimestamp: 9n }
    const stored = encodeCoordinatorValue(OffsetCommitValue, 3, value)
    expect(hex(stored).slice(0, 4)).toBe('0003')
    expect(decodeCoordinatorValue(OffsetCommitValue, stored)).toMatchObject(value)
    expect(() => decodeCoordinatorValue(OffsetCommitValue, Buffer.from('0063', 'hex'))).toThrow(
      UnsupportedVersionError,
    )
  })
})

test('uuids have a short form in base64', () => {
  const uuid = '01234567-89ab-cdef-0123-456789abcdef'
  expect(uuidToBase64(uuid)).toBe('ASNFZ4mrze8BI0VniavN7w')
  expect(uuidFromBase64('ASNFZ4mrze8BI0VniavN7w')).toBe(uuid)
  expect(uuidFromBase64(uuidToBase64(ZERO_UUID))).toBe(ZERO_UUID)
  expect(() => uuidFromBase64('short')).toThrow('22 base64url characters')
  expect(() => uuidToBase64('short')).toThrow('dashed uuid')
})
