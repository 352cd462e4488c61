/** Where the fields of a v2 record batch lie (KIP-98). The first five are at the same place in message sets. */
export const batchLayout = {
  baseOffset: 0,
  length: 8,
  partitionLeaderEpoch: 12,
  magic: 16,
  crc: 17,
  attributes: 21,
  lastOffsetDelta: 23,
  baseTimestamp: 27,
  maxTimestamp: 35,
  producerId: 43,
  producerEpoch: 51,
  baseSequence: 53,
  recordCount: 57,
  records: 61,
} as const

/** Bytes of a v2 batch before its records. */
export const batchHeaderBytes = 61

/** Bytes of offset and length, which stand before every batch or message and do not count in its length. */
export const logOverhead = 12

/** Attribute bits of a v2 batch; message sets have the first two fields only. */
export const attributeBits = {
  compression: 0x07,
  logAppendTime: 0x08,
  transactional: 0x10,
  control: 0x20,
  deleteHorizon: 0x40,
} as const
