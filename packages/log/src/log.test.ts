import { decodeRecords, ErrorCode } from '@ottla/protocol'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { batchOf, readBack, storageCases } from '../test/batches.js'
import { type AppendOptions, type Log, type LogConfig, openLog, type Storage } from './index.js'

const client: AppendOptions = { leaderEpoch: 3, nowMs: 5000, origin: 'client' }
const all = { maxBytes: 1 << 20, maxOffset: Number.MAX_SAFE_INTEGER }

for (const storageCase of storageCases) {
  describe(`a log on ${storageCase.name}`, () => {
    let storage: Storage
    let remove: () => void
    const open = (config: Partial<LogConfig> = {}, cleanShutdown = false): Log =>
      openLog({ storage, directory: 'orders-0', config, nowMs: 0, cleanShutdown })

    beforeEach(() => {
      ;({ storage, remove } = storageCase.make())
    })
    afterEach(() => remove())

    test('gives offsets and reads back whole batches', () => {
      const log = open()
      expect(log.append(batchOf(['a', 'b']), client)).toMatchObject({
        firstOffset: 0,
        lastOffset: 1,
      })
      expect(log.append(batchOf(['c']), client)).toMatchObject({ firstOffset: 2, lastOffset: 2 })
      expect(log.logEndOffset).toBe(3)
      expect(readBack(log.read(0, all))).toEqual(['0:a', '1:b', '2:c'])
      // The batch that holds the offset comes whole.
      expect(readBack(log.read(1, all))).toEqual(['0:a', '1:b', '2:c'])
      expect(readBack(log.read(2, all))).toEqual(['2:c'])
      expect(log.read(3, all)).toMatchObject({ firstOffset: 3, nextOffset: 3 })
      log.close()
    })

    test('stops before maxBytes and maxOffset, but gives one batch', () => {
      const log = open()
      const size = batchOf(['a', 'b']).byteLength
      for (let index = 0; index < 4; index++) log.append(batchOf(['a', 'b']), client)
      expect(log.read(0, { ...all, maxBytes: size * 2 + 1 }).nextOffset).toBe(4)
      expect(log.read(0, { ...all, maxBytes: 1 }).nextOffset).toBe(2)
      expect(log.read(0, { ...all, maxBytes: 1, minOneBatch: false }).bytes).toHaveLength(0)
      expect(log.read(0, { ...all, maxOffset: 5 }).nextOffset).toBe(4)
      expect(log.read(0, { ...all, maxOffset: 1 }).bytes).toHaveLength(0)
      log.close()
    })

    test('refuses offsets outside the log', () => {
      const log = open()
      log.append(batchOf(['a', 'b', 'c']), client)
      log.advanceLogStart(1)
      for (const offset of [0, 4]) {
        expect(() => log.read(offset, all)).toThrow(
          expect.objectContaining({ errorCode: ErrorCode.OFFSET_OUT_OF_RANGE }),
        )
      }
      expect(log.read(1, all).firstOffset).toBe(0)
      log.close()
    })

    test('writes the leader epoch and keeps the checksum right', () => {
      const log = open()
      log.append(batchOf(['a']), client)
      log.append(batchOf(['b']), { ...client, leaderEpoch: 4 })
      const epochs = [...decodeRecords(log.read(0, all).bytes)].map((b) => b.partitionLeaderEpoch)
      expect(epochs).toEqual([3, 4])
      expect(log.epochs).toEqual([
        { epoch: 3, startOffset: 0 },
        { epoch: 4, startOffset: 1 },
      ])
      expect(log.endOffsetForEpoch(3)).toEqual({ leaderEpoch: 3, endOffset: 1 })
      expect(log.endOffsetForEpoch(4)).toEqual({ leaderEpoch: 4, endOffset: 2 })
      expect(log.endOffsetForEpoch(5)).toEqual({ leaderEpoch: -1, endOffset: -1 })
      expect(log.endOffsetForEpoch(1)).toEqual({ leaderEpoch: 1, endOffset: 0 })
      log.close()
    })

    test('sets the append time on a LogAppendTime topic', () => {
      const log = open({ messageTimestampType: 'LogAppendTime' })
      const info = log.append(batchOf(['a', 'b']), client)
      expect(info).toMatchObject({ maxTimestamp: 5000, logAppendTimeMs: 5000 })
      const [batch] = [...decodeRecords(log.read(0, all).bytes)]
      expect([...(batch ?? [])].map(({ timestamp }) => timestamp)).toEqual([5000, 5000])
      log.close()
    })

    test('rolls segments by size and reads across them', () => {
      const log = open({ segmentBytes: 300, indexIntervalBytes: 50 })
      for (let index = 0; index < 20; index++) log.append(batchOf([`v${index}`]), client)
      expect(log.segments.length).toBeGreaterThan(4)
      const found: string[] = []
      for (let at = 0; at < 20; ) {
        const slice = log.read(at, all)
        found.push(...readBack(slice))
        at = slice.nextOffset
      }
      expect(found).toEqual(Array.from({ length: 20 }, (_, index) => `${index}:v${index}`))
      log.close()
    })

    test('rolls segments by the age of their records', () => {
      const log = open({ segmentMs: 1000 })
      log.append(batchOf([{ value: 'a', timestamp: 100 }]), client)
      log.append(batchOf([{ value: 'b', timestamp: 1100 }]), client)
      log.append(batchOf([{ value: 'c', timestamp: 1101 }]), client)
      expect(log.segments.map(({ baseOffset }) => baseOffset)).toEqual([0, 2])
      log.close()
    })

    test('is the same after a clean stop', () => {
      const config = { segmentBytes: 400, indexIntervalBytes: 50 }
      let log = open(config)
      for (let index = 0; index < 20; index++) log.append(batchOf([`v${index}`]), client)
      const before = { segments: log.segments, end: log.logEndOffset, epochs: log.epochs }
      log.close()
      log = open(config, true)
      expect({ segments: log.segments, end: log.logEndOffset, epochs: log.epochs }).toEqual(before)
      expect(log.append(batchOf(['more']), client).firstOffset).toBe(20)
      expect(readBack(log.read(19, all))).toContain('19:v19')
      log.close()
    })

    test('finds records by time', () => {
      const log = open({ segmentBytes: 400, indexIntervalBytes: 50 })
      for (let index = 0; index < 30; index++) {
        log.append(batchOf([{ value: 'v', timestamp: 100 + index * 10 }]), client)
      }
      expect(log.offsetForTimestamp(0)).toEqual({ offset: 0, timestamp: 100, leaderEpoch: 3 })
      expect(log.offsetForTimestamp(201)).toEqual({ offset: 11, timestamp: 210, leaderEpoch: 3 })
      expect(log.offsetForTimestamp(390)?.offset).toBe(29)
      expect(log.offsetForTimestamp(391)).toBeUndefined()
      expect(log.offsetForTimestamp(390, 29)).toBeUndefined()
      expect(log.maxTimestampOffset()).toEqual({ offset: 29, timestamp: 390, leaderEpoch: 3 })
      log.close()
    })

    test('finds the record inside a batch and the largest timestamp out of order', () => {
      const log = open()
      const times = [30, 10, 50, 20]
      log.append(batchOf(times.map((timestamp) => ({ value: 'v', timestamp }))), client)
      log.append(batchOf([{ value: 'v', timestamp: 40 }]), client)
      expect(log.offsetForTimestamp(31)?.offset).toBe(2)
      expect(log.maxTimestampOffset()).toMatchObject({ offset: 2, timestamp: 50 })
      log.close()
    })

    test('truncates inside and between segments', () => {
      const config = { segmentBytes: 300, indexIntervalBytes: 50 }
      const log = open(config)
      for (let index = 0; index < 20; index++) log.append(batchOf([`v${index}`]), client)
      log.assignLeaderEpoch(9, 15)
      log.truncateTo(7, 0)
      expect(log.logEndOffset).toBe(7)
      expect(log.epochs).toEqual([{ epoch: 3, startOffset: 0 }])
      expect(log.append(batchOf(['new']), client).firstOffset).toBe(7)
      expect(readBack(log.read(7, all))).toEqual(['7:new'])
      log.truncateFullyAndStartAt(100, 0)
      expect([log.logStartOffset, log.logEndOffset]).toEqual([100, 100])
      expect(log.append(batchOf(['far']), client).firstOffset).toBe(100)
      log.close()
    })

    test('deletes segments by time, size and log start, never at the high watermark', () => {
      const log = open({ segmentBytes: 150, retentionMs: 1000 })
      for (let index = 0; index < 10; index++) {
        log.append(batchOf([{ value: 'v', timestamp: 1000 + index * 100 }]), client)
      }
      const starts = log.segments.map(({ baseOffset }) => baseOffset)
      expect(starts.length).toBe(5)
      expect(log.retain(2150)).toBe(1)
      expect(log.logStartOffset).toBe(2)
      log.advanceLogStart(6)
      expect(log.retain(2150)).toBe(2)
      expect(log.segments[0]?.baseOffset).toBe(6)
      expect(log.retain(99_999, 8)).toBe(1)
      expect(log.retain(99_999)).toBe(1)
      expect([log.logStartOffset, log.logEndOffset]).toEqual([10, 10])
      log.updateConfig({ retentionMs: -1, retentionBytes: 200 })
      for (let index = 0; index < 10; index++) log.append(batchOf(['v']), client)
      log.retain(99_999)
      expect(log.sizeInBytes).toBeGreaterThanOrEqual(200)
      expect(log.sizeInBytes).toBeLessThan(200 + 150)
      log.close()
    })

    test('delete removes the directory', () => {
      const log = open()
      log.append(batchOf(['a']), client)
      log.delete()
      expect(storage.exists('orders-0')).toBe(false)
      expect(() => log.append(batchOf(['a']), client)).toThrow(
        expect.objectContaining({ errorCode: ErrorCode.KAFKA_STORAGE_ERROR }),
      )
    })
  })
}
