import {
  crc32c,
  decodeRecords,
  ErrorCode,
  type ErrorName,
  encodeRecordBatch,
} from '@ottla/protocol'
import { describe, expect, test } from 'vitest'
import { batchOf, idempotent, messageOfMagic1, readBack, seeded } from '../test/batches.js'
import { writeInt32 } from './bytes.js'
import {
  type AppendOptions,
  type Log,
  type LogConfig,
  LogError,
  memoryStorage,
  openLog,
} from './index.js'

const client: AppendOptions = { leaderEpoch: 0, nowMs: 10_000, origin: 'client' }
const all = { maxBytes: 1 << 20, maxOffset: Number.MAX_SAFE_INTEGER }
const open = (config: Partial<LogConfig> = {}): Log =>
  openLog({ storage: memoryStorage(), directory: 'p-0', config, nowMs: 0 })

/** The error of an append, by name. */
function refusal(bytes: Uint8Array, config: Partial<LogConfig> = {}): LogError | undefined {
  const log = open(config)
  try {
    log.append(bytes, client)
    return undefined
  } catch (error) {
    expect(log.logEndOffset).toBe(0)
    expect(log.sizeInBytes).toBe(0)
    if (error instanceof LogError) return error
    throw error
  }
}

/** A batch whose bytes are changed, with a checksum that is right again. */
function altered(bytes: Uint8Array, change: (bytes: Uint8Array) => void): Uint8Array {
  const copy = Uint8Array.from(bytes)
  change(copy)
  return resealed(copy)
}

function resealed(bytes: Uint8Array): Uint8Array {
  writeInt32(bytes, 17, crc32c(bytes, 21, bytes.length))
  return bytes
}

describe('a produced batch is refused', () => {
  const good = batchOf(['a', 'b', 'c'])
  const cases: [string, ErrorName, Uint8Array, Partial<LogConfig>?][] = [
    ['without bytes', 'INVALID_RECORD', new Uint8Array(0)],
    ['cut short', 'INVALID_RECORD', good.subarray(0, good.length - 1)],
    ['of nonsense', 'CORRUPT_MESSAGE', new Uint8Array(100)],
    ['with a wrong checksum', 'CORRUPT_MESSAGE', Uint8Array.from(good).fill(1, good.length - 1)],
    ['with an unknown magic', 'CORRUPT_MESSAGE', Uint8Array.from(good).fill(3, 16, 17)],
    ['beside another', 'INVALID_RECORD', Buffer.concat([good, good])],
    ['that starts above 0', 'INVALID_RECORD', batchOf(['a'], { baseOffset: 1n })],
    ['that is too large', 'MESSAGE_TOO_LARGE', good, { maxMessageBytes: 50 }],
    ['larger than a segment', 'RECORD_LIST_TOO_LARGE', good, { segmentBytes: 60 }],
    ['with control records', 'INVALID_RECORD', batchOf(['a'], { isControl: true })],
    [
      'with a producer id and no sequence',
      'INVALID_RECORD',
      batchOf(['a'], { producerId: 1n, producerEpoch: 0 }),
    ],
    [
      'with LogAppendTime set',
      'INVALID_TIMESTAMP',
      batchOf(['a'], { timestampType: 'LogAppendTime' }),
    ],
    ['that counts wrong', 'INVALID_RECORD', altered(good, (b) => writeInt32(b, 57, 4))],
    ['that counts none', 'INVALID_RECORD', altered(good, (b) => writeInt32(b, 57, 0))],
    ['that spans too much', 'INVALID_RECORD', altered(good, (b) => writeInt32(b, 23, 7))],
    ['with bytes too many', 'INVALID_RECORD', longer(good)],
    [
      'with an unknown codec',
      'UNSUPPORTED_COMPRESSION_TYPE',
      altered(good, (b) => b.fill(5, 22, 23)),
    ],
    [
      'with a record from the future',
      'INVALID_TIMESTAMP',
      batchOf([{ value: 'a', timestamp: 3_610_001 }]),
    ],
    [
      'with a record from long ago',
      'INVALID_TIMESTAMP',
      batchOf([{ value: 'a', timestamp: 1 }]),
      { messageTimestampBeforeMaxMs: 100 },
    ],
    ['without key on a compacted topic', 'INVALID_RECORD', good, { cleanupCompact: true }],
    [
      'whose content is a bomb',
      'INVALID_RECORD',
      batchOf(['a'.repeat(100_000)], { compression: 'gzip' }),
      { maxDecompressedBytes: 1000 },
    ],
    [
      'whose content is not compressed as it says',
      'INVALID_RECORD',
      altered(good, (b) => b.fill(1, 22, 23)),
    ],
  ]
  test.each(cases)('%s: %s', (_, name, bytes, config) => {
    expect(refusal(bytes, config)?.errorName).toBe(name)
  })

  function longer(bytes: Uint8Array): Uint8Array {
    const more = new Uint8Array(bytes.length + 1)
    more.set(bytes)
    writeInt32(more, 8, more.length - 12)
    return resealed(more)
  }

  test('and the records at fault are named', () => {
    const records = [{ value: 'a' }, { key: 'k', value: 'b' }, { value: 'c' }]
    const error = refusal(batchOf(records), { cleanupCompact: true })
    expect(error?.recordErrors.map(({ batchIndex }) => batchIndex)).toEqual([0, 2])
  })

  test('whatever byte of its records is changed, or it is accepted whole', () => {
    const records = Array.from({ length: 12 }, (_, index) => ({
      key: index % 3 === 0 ? null : `k${index}`,
      value: 'v'.repeat(index * 9),
      timestamp: 9000 + index,
      headers: index % 4 === 0 ? ([['h', 'x']] as const) : [],
    }))
    const bytes = encodeRecordBatch({ records })
    const pick = seeded(1)
    for (let round = 0; round < 1500; round++) {
      const changed = altered(bytes, (copy) => {
        copy[61 + pick(copy.length - 61)] = pick(256)
      })
      const log = open()
      try {
        log.append(changed, client)
      } catch (error) {
        expect(error).toBeInstanceOf(LogError)
        continue
      }
      // What was accepted can be read.
      expect(readBack(log.read(0, all))).toHaveLength(12)
    }
  })
})

describe('a produced batch is stored', () => {
  test.each(['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const)(
    'with %s as it is',
    (compression) => {
      const log = open()
      log.append(batchOf(['a', 'b', 'c'], { compression }), client)
      const [batch] = decodeRecords(log.read(0, all).bytes)
      expect(batch?.compression).toBe(compression)
      expect(readBack(log.read(0, all))).toEqual(['0:a', '1:b', '2:c'])
    },
  )

  test('with the codec of the topic', () => {
    const log = open({ compressionType: 'lz4' })
    log.append(idempotent(0, ['a', 'b']), client)
    log.append(batchOf(['c'], { compression: 'gzip' }), client)
    const batches = [...decodeRecords(log.read(0, all).bytes)]
    expect(batches.map(({ compression }) => compression)).toEqual(['lz4', 'lz4'])
    expect(batches[0]).toMatchObject({ producerId: 7n, baseSequence: 0 })
    expect(readBack(log.read(0, all))).toEqual(['0:a', '1:b', '2:c'])
  })

  test('with its largest timestamp put right', () => {
    const log = open()
    const wrong = altered(batchOf([{ value: 'a', timestamp: 500 }]), (b) => writeInt32(b, 39, 600))
    expect(log.append(wrong, client).maxTimestamp).toBe(500)
    expect([...decodeRecords(log.read(0, all).bytes)][0]?.maxTimestamp).toBe(500)
  })

  test('without the partial batch behind it', () => {
    const log = open()
    const good = batchOf(['a'])
    log.append(Buffer.concat([good, good.subarray(0, 20)]), client)
    expect(log.sizeInBytes).toBe(good.length)
  })

  test('of magic 1, as one of magic 2', () => {
    const log = open()
    log.append(Buffer.concat([messageOfMagic1('x'), messageOfMagic1('y')]), client)
    expect([...decodeRecords(log.read(0, all).bytes)].map(({ magic }) => magic)).toEqual([2])
    expect(readBack(log.read(0, all))).toEqual(['0:x', '1:y'])
  })
})

describe('idempotent producers', () => {
  const fails = (log: Log, bytes: Uint8Array): string => {
    try {
      log.append(bytes, client)
      return 'appended'
    } catch (error) {
      return error instanceof LogError ? error.errorName : String(error)
    }
  }

  test('get the old offsets for the last five batches', () => {
    const log = open()
    for (let index = 0; index < 7; index++) log.append(idempotent(index * 2, ['a', 'b']), client)
    expect(log.append(idempotent(12, ['a', 'b']), client)).toMatchObject({
      firstOffset: 12,
      lastOffset: 13,
      duplicate: true,
      sizeInBytes: 0,
    })
    expect(log.append(idempotent(4, ['a', 'b']), client)).toMatchObject({
      firstOffset: 4,
      duplicate: true,
    })
    expect(fails(log, idempotent(2, ['a', 'b']))).toBe('OUT_OF_ORDER_SEQUENCE_NUMBER')
    expect(log.logEndOffset).toBe(14)
  })

  test('must not leave gaps, and start an epoch at 0', () => {
    const log = open()
    log.append(idempotent(5, ['a']), client)
    expect(fails(log, idempotent(7, ['a']))).toBe('OUT_OF_ORDER_SEQUENCE_NUMBER')
    expect(fails(log, idempotent(6, ['a'], { epoch: 1 }))).toBe('OUT_OF_ORDER_SEQUENCE_NUMBER')
    expect(fails(log, idempotent(0, ['a'], { epoch: 1 }))).toBe('appended')
    expect(fails(log, idempotent(6, ['a']))).toBe('INVALID_PRODUCER_EPOCH')
  })

  test('wrap their sequence after 2^31 - 1', () => {
    const log = open()
    log.append(idempotent(0x7fff_fffe, ['a', 'b', 'c']), client)
    expect(log.append(idempotent(0x7fff_fffe, ['a', 'b', 'c']), client).duplicate).toBe(true)
    expect(fails(log, idempotent(1, ['d']))).toBe('appended')
    expect(log.activeProducers[0]?.lastSequence).toBe(1)
  })

  test('are forgotten when they were silent for long', () => {
    const log = open({ producerIdExpirationMs: 1000 })
    log.append(
      batchOf([{ value: 'a', timestamp: 500 }], {
        producerId: 1n,
        producerEpoch: 0,
        baseSequence: 0,
      }),
      client,
    )
    log.retain(1499)
    expect(log.activeProducers).toHaveLength(1)
    log.retain(1500)
    expect(log.activeProducers).toHaveLength(0)
  })
})

test('error codes are what a Produce response carries', () => {
  expect(refusal(new Uint8Array(100))?.errorCode).toBe(ErrorCode.CORRUPT_MESSAGE)
})
