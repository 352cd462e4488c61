import { expect, test } from 'vitest'
import { batchOf, storageCases } from '../test/batches.js'
import { openLog } from './index.js'

/** More than is indexed at once, so that the search begins inside the segment. */
const filler = 'x'.repeat(3000)

test.each(storageCases.flatMap((each) => [1, 12].map((behind) => ({ ...each, behind }))))(
  'all five batches before a snapshot are recognised after a restart, $behind sent since the roll, on $name',
  ({ make, behind }) => {
    const { storage, remove } = make()
    const options = { leaderEpoch: 0, nowMs: 0, origin: 'client' } as const
    const batch = (producerId: number, baseSequence: number): Uint8Array =>
      batchOf([filler], { producerId: BigInt(producerId), producerEpoch: 0, baseSequence })
    const log = openLog({ storage, directory: 'p-0', nowMs: 0 })
    for (let sequence = 0; sequence < 20 - behind; sequence++) {
      log.append(batch(1, sequence), options)
      log.append(batch(2, sequence), options)
    }
    log.roll(0)
    for (let sequence = 20 - behind; sequence < 20; sequence++)
      log.append(batch(1, sequence), options)
    log.close()
    const again = openLog({ storage, directory: 'p-0', nowMs: 0, cleanShutdown: true })
    const end = again.logEndOffset
    for (let sequence = 15; sequence < 20; sequence++) {
      expect(again.append(batch(1, sequence), options)).toMatchObject({ duplicate: true })
    }
    for (let sequence = 20 - behind - 5; sequence < 20 - behind; sequence++) {
      expect(again.append(batch(2, sequence), options)).toMatchObject({ duplicate: true })
    }
    expect(again.logEndOffset).toBe(end)
    expect(() => again.append(batch(1, 14), options)).toThrow(/sent sequence 14 after 19/)
    expect(again.append(batch(1, 20), options)).toMatchObject({ duplicate: false })
    again.close()
    remove()
  },
)
