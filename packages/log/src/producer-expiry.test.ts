import { expect, test } from 'vitest'
import { batchOf, storageCases } from '../test/batches.js'
import { openLog } from './index.js'

test.each(storageCases)(
  'producers that are silent for a day are forgotten, on $name',
  ({ make }) => {
    const { storage, remove } = make()
    const day = 86_400_000
    const log = openLog({ storage, directory: 'p-0', nowMs: 0 })
    const write = (producerId: number, baseSequence: number, nowMs: number): void => {
      const producer = { producerId: BigInt(producerId), producerEpoch: 0, baseSequence }
      const batch = batchOf([{ value: 'v', timestamp: nowMs }], producer)
      log.append(batch, { leaderEpoch: 0, nowMs, origin: 'client' })
    }
    const ids = (): number[] => log.activeProducers.map(({ producerId }) => producerId).sort()
    write(1, 0, 1000)
    write(2, 0, 2000)
    write(1, 1, 700_000)
    write(3, 0, 2000 + day - 1)
    expect(ids()).toEqual([1, 2, 3])
    // Silent producers are looked for every ten minutes.
    write(3, 1, 2000 + day + 600_000)
    expect(ids()).toEqual([1, 3])
    log.updateConfig({ retentionMs: -1 })
    log.retain(700_000 + day)
    expect(ids()).toEqual([3])
    log.close()
    remove()
  },
)

test.each(storageCases)('the two newest producer snapshots are kept, on $name', ({ make }) => {
  const { storage, remove } = make()
  const log = openLog({ storage, directory: 'p-0', nowMs: 0 })
  for (let index = 0; index < 5; index++) {
    log.append(batchOf(['v']), { leaderEpoch: 0, nowMs: 0, origin: 'client' })
    log.roll(0)
  }
  const snapshots = storage.list('p-0').filter((name) => name.endsWith('.snapshot'))
  expect(snapshots.map((name) => Number.parseInt(name, 10))).toEqual([4, 5])
  log.close()
  remove()
})
