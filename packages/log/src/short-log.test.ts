import { describe, expect, test } from 'vitest'
import { batchOf, storageCases } from '../test/batches.js'
import { type AppendOptions, type Log, openLog, type Storage } from './index.js'

const at = (nowMs: number, leaderEpoch: number): AppendOptions => ({
  leaderEpoch,
  nowMs,
  origin: 'client',
})

for (const { name, make } of storageCases) {
  describe(`a short log on ${name}`, () => {
    const open = (storage: Storage, cleanShutdown: boolean): Log =>
      openLog({
        storage,
        directory: 'p-0',
        nowMs: 0,
        cleanShutdown,
        recoveryPoint: 3,
        config: { messageTimestampType: 'LogAppendTime' },
      })

    function write(storage: Storage): void {
      const log = open(storage, true)
      log.assignLeaderEpoch(4, 0)
      log.append(batchOf(['a', 'b']), at(1000, 4))
      log.append(batchOf(['c']), at(2000, 4))
      log.close()
    }

    test('needs no file but its batches', () => {
      const { storage, remove } = make()
      write(storage)
      expect(storage.list('p-0')).toEqual(['00000000000000000000.log'])
      remove()
    })

    for (const isClean of [true, false]) {
      test(`knows epochs and timestamps after a stop, clean: ${isClean}`, () => {
        const { storage, remove } = make()
        write(storage)
        const log = open(storage, isClean)
        expect(log.logEndOffset).toBe(3)
        expect(log.latestEpoch).toBe(4)
        expect(log.endOffsetForEpoch(4)).toEqual({ leaderEpoch: 4, endOffset: 3 })
        expect(log.offsetForTimestamp(1500)).toMatchObject({ offset: 2, timestamp: 2000 })
        log.assignLeaderEpoch(5, 3)
        log.close()
        expect(storage.list('p-0')).toEqual(['00000000000000000000.log'])
        remove()
      })
    }

    test('gets its other files when it grows', () => {
      const { storage, remove } = make()
      write(storage)
      const log = open(storage, true)
      for (let index = 0; index < 10; index++) {
        log.append(batchOf(['x'.repeat(10_000)]), at(3000 + index, 5))
      }
      log.close()
      expect(storage.list('p-0')).toEqual([
        '00000000000000000000.index',
        '00000000000000000000.log',
        '00000000000000000000.timeindex',
        '00000000000000000013.snapshot',
        'leader-epoch-checkpoint',
      ])
      const again = open(storage, true)
      expect(again.endOffsetForEpoch(4)).toEqual({ leaderEpoch: 4, endOffset: 3 })
      again.close()
      remove()
    })
  })
}
