import { describe, expect, test } from 'vitest'
import { batchOf, idempotent, readBack, storageCases } from '../test/batches.js'
import {
  type AppendOptions,
  type AppendRequest,
  faultyStorage,
  LogError,
  openLog,
  type Storage,
} from './index.js'

const options: AppendOptions = { leaderEpoch: 1, nowMs: 5000, origin: 'client' }
const all = { maxBytes: 1 << 20, maxOffset: Number.MAX_SAFE_INTEGER }
const request = (batches: Uint8Array): AppendRequest => ({ batches, options })

/** Counts scatter writes into `.log` files. */
function counted(inner: Storage): { readonly storage: Storage; writes(): number } {
  let writes = 0
  const failWrite = (path: string, bytes: number): undefined => {
    if (path.endsWith('.log') && bytes > 0) writes += 1
  }
  return { storage: faultyStorage(inner, { failWrite }), writes: () => writes }
}

for (const { name, make } of storageCases) {
  describe(`appendAll on ${name}`, () => {
    test('writes batches together and answers each', () => {
      const { storage: inner, remove } = make()
      const { storage, writes } = counted(inner)
      const log = openLog({ storage, directory: 'p-0', nowMs: 0 })
      log.append(batchOf(['first']), options)
      const broken = batchOf(['broken'])
      broken[70] = (broken[70] as number) ^ 1
      const results = log.appendAll(
        [batchOf(['a', 'b']), broken, batchOf(['c'])].map((batch) => request(batch)),
      )
      expect(results).toMatchObject([
        { firstOffset: 1, lastOffset: 2 },
        { errorName: 'CORRUPT_MESSAGE' },
        { firstOffset: 3, lastOffset: 3 },
      ])
      expect(writes()).toBe(2)
      expect(readBack(log.read(0, all))).toEqual(['0:first', '1:a', '2:b', '3:c'])
      log.close()
      remove()
    })

    test('is the same as appending one by one, over segments and producers', () => {
      const config = { segmentBytes: 400, indexIntervalBytes: 100 }
      const outcomes = [true, false].map((together) => {
        const { storage, remove } = make()
        const log = openLog({ storage, directory: 'p-0', config, nowMs: 0 })
        const batches = Array.from({ length: 30 }, (_, index) =>
          index % 3 === 0 ? batchOf([`v${index}`]) : idempotent(Math.floor((index * 2) / 3), ['x']),
        )
        const requests = [...batches, idempotent(99, ['gap']), idempotent(19, ['again'])]
        const results = together
          ? log.appendAll(requests.map((batch) => request(batch)))
          : requests.map((batch) => {
              try {
                return log.append(batch, options)
              } catch (error) {
                return error
              }
            })
        const seen = results.map((each) => (each instanceof LogError ? each.errorName : each))
        const outcome = { seen, segments: log.segments, producers: log.activeProducers }
        log.close()
        remove()
        return outcome
      })
      expect(outcomes[0]).toEqual(outcomes[1])
      expect(outcomes[0]?.segments.length).toBeGreaterThan(3)
    })

    test('answers a batch that repeats one of the same call with its offsets', () => {
      const { storage, remove } = make()
      const log = openLog({ storage, directory: 'p-0', nowMs: 0 })
      log.append(batchOf(['first']), options)
      const results = log.appendAll([0, 1, 0].map((at) => request(idempotent(at, ['x']))))
      expect(results).toMatchObject([
        { firstOffset: 1, duplicate: false },
        { firstOffset: 2, duplicate: false },
        { firstOffset: 1, duplicate: true },
      ])
      log.close()
      remove()
    })

    test('forgets producers of a write that failed', () => {
      const { storage, remove } = make()
      const faults: Parameters<typeof faultyStorage>[1] = {}
      const log = openLog({ storage: faultyStorage(storage, faults), directory: 'p-0', nowMs: 0 })
      log.append(idempotent(0, ['a']), options)
      faults.failWrite = () => 'ENOSPC'
      const refused = log.appendAll([1, 2].map((at) => request(idempotent(at, ['x']))))
      expect(refused).toMatchObject([
        { errorName: 'KAFKA_STORAGE_ERROR' },
        { errorName: 'KAFKA_STORAGE_ERROR' },
      ])
      faults.failWrite = undefined
      expect(log.append(idempotent(1, ['b']), options)).toMatchObject({ firstOffset: 1 })
      expect(readBack(log.read(0, all))).toEqual(['0:a', '1:b'])
      log.close()
      remove()
    })
  })
}
