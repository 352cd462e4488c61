import { batchLayout } from '@ottla/protocol'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { batchOf, idempotent, messageOfMagic1, readBack, storageCases } from '../test/batches.js'
import { type AppendOptions, faultyStorage, type Log, openLog, type Storage } from './index.js'

const client: AppendOptions = { leaderEpoch: 2, nowMs: 5000, origin: 'client' }
const config = { segmentBytes: 350, indexIntervalBytes: 100 }

/** Everything in the log, as text. */
function contents(log: Log): string[] {
  const found: string[] = []
  for (let at = log.logStartOffset; at < log.logEndOffset; ) {
    const slice = log.read(at, { maxBytes: 1 << 20, maxOffset: log.logEndOffset })
    found.push(...readBack(slice))
    at = slice.nextOffset
  }
  return found
}

for (const storageCase of storageCases) {
  describe(`recovery on ${storageCase.name}`, () => {
    let storage: Storage
    let remove: () => void

    beforeEach(() => {
      ;({ storage, remove } = storageCase.make())
    })
    afterEach(() => remove())

    const open = (cleanShutdown = false, recoveryPoint = 0): Log =>
      openLog({ storage, directory: 'p-0', config, nowMs: 0, cleanShutdown, recoveryPoint })

    /** Ten batches of two records, numbered. */
    function write(log: Log): void {
      for (let index = 0; index < 10; index++) {
        log.append(idempotent(index * 2, [`a${index}`, `b${index}`]), { ...client, nowMs: index })
      }
    }

    const lastLog = (): string => {
      const name = storage
        .list('p-0')
        .filter((file) => file.endsWith('.log'))
        .at(-1)
      return `p-0/${name}`
    }

    test('cuts the last segment at every byte to a clean prefix', () => {
      const log = open()
      write(log)
      const whole = contents(log)
      log.close()
      const path = lastLog()
      const bytes = Uint8Array.from(storage.readAll(path))
      const base = Number(path.slice(4, 24))
      expect(bytes.length).toBeGreaterThan(100)
      // What is tested here is what the bytes say: syncing each of them would take most of the time.
      const unsynced = faultyStorage(storage, { ignoreSync: true })
      for (let size = bytes.length; size >= 0; size--) {
        const file = storage.openFile(path)
        file.truncate(0)
        file.append([bytes.subarray(0, size)])
        file.close()
        const recovered = openLog({ storage: unsynced, directory: 'p-0', config, nowMs: 0 })
        const found = contents(recovered)
        expect(found).toEqual(whole.slice(0, found.length))
        expect(recovered.logEndOffset).toBe(found.length)
        expect(found.length).toBeGreaterThanOrEqual(base)
        if (size === bytes.length) expect(found).toEqual(whole)
        else expect(found.length).toBeLessThan(whole.length)
        expect(storage.openFile(path).size).toBeLessThanOrEqual(size)
        // The producer goes on where the prefix ends.
        const next = recovered.logEndOffset
        expect(recovered.append(idempotent(next, ['x']), client).firstOffset).toBe(next)
        recovered.close()
      }
    })

    test('cuts at a flipped bit and drops the segments after it', () => {
      const log = open()
      write(log)
      const whole = contents(log)
      log.close()
      const path = 'p-0/00000000000000000000.log'
      const original = Uint8Array.from(storage.readAll(path))
      const bytes = Uint8Array.from(original)
      bytes[bytes.length - 3] = (bytes[bytes.length - 3] as number) ^ 1
      storage.writeAll(path, bytes)
      const recovered = open()
      expect(recovered.segments).toHaveLength(1)
      const found = contents(recovered)
      expect(found).toEqual(whole.slice(0, found.length))
      expect(found.length).toBeGreaterThan(0)
      recovered.close()
    })

    test('trusts what lies below the recovery point', () => {
      const log = open()
      write(log)
      const { segments } = log
      log.close()
      expect(segments.length).toBeGreaterThan(1)
      const last = segments.at(-1)?.baseOffset ?? 0
      const path = 'p-0/00000000000000000000.log'
      const bytes = Uint8Array.from(storage.readAll(path))
      bytes[bytes.length - 3] = (bytes[bytes.length - 3] as number) ^ 1
      storage.writeAll(path, bytes)
      const recovered = open(false, last)
      expect(recovered.segments.map(({ baseOffset }) => baseOffset)).toEqual(
        segments.map(({ baseOffset }) => baseOffset),
      )
      recovered.close()
    })

    test('cuts at a batch whose offsets were given already: its checksum does not cover where it begins', () => {
      const log = open()
      write(log)
      const whole = contents(log)
      log.close()
      const path = 'p-0/00000000000000000000.log'
      const bytes = Buffer.from(storage.readAll(path))
      bytes.writeBigInt64BE(1n, 12 + bytes.readInt32BE(batchLayout.length))
      storage.writeAll(path, bytes)
      const recovered = open()
      expect(contents(recovered)).toEqual(whole.slice(0, 2))
      recovered.close()
    })

    test('refuses to lead a reader back where a batch says that it ends before it begins', () => {
      const log = open()
      write(log)
      log.close()
      const path = 'p-0/00000000000000000000.log'
      const bytes = Buffer.from(storage.readAll(path))
      bytes.writeInt32BE(-5, batchLayout.lastOffsetDelta)
      storage.writeAll(path, bytes)
      const damaged = open(true)
      const options = { maxBytes: 1, maxOffset: damaged.logEndOffset }
      expect(() => damaged.read(0, options)).toThrow(
        /CORRUPT_MESSAGE.* was to hold offset 0 and ends before -4/,
      )
      damaged.close()
    })

    test('writes lost and damaged indexes anew', () => {
      const log = open()
      write(log)
      log.close()
      const names = storage.list('p-0').filter((name) => name.endsWith('index'))
      const before = names.map((name) => Uint8Array.from(storage.readAll(`p-0/${name}`)))
      const damages = [
        (name: string) => storage.remove(`p-0/${name}`),
        (name: string) => storage.writeAll(`p-0/${name}`, new Uint8Array(7)),
        (name: string) => storage.writeAll(`p-0/${name}`, new Uint8Array(240)),
      ]
      for (const damage of damages) {
        for (const name of names) damage(name)
        open(true).close()
        expect(names.map((name) => Uint8Array.from(storage.readAll(`p-0/${name}`)))).toEqual(before)
      }
    })

    test('rebuilds leader epochs and producers without their files', () => {
      const log = open()
      write(log)
      const { epochs, activeProducers } = log
      log.close()
      for (const name of storage.list('p-0')) {
        if (name.endsWith('.snapshot') || name.startsWith('leader')) storage.remove(`p-0/${name}`)
      }
      const recovered = open()
      expect(recovered.epochs).toEqual(epochs)
      expect(recovered.activeProducers).toEqual(activeProducers)
      recovered.close()
    })

    test('reads segments that hold messages of magic 1', () => {
      storage.makeDirectory('p-0')
      const file = storage.openFile('p-0/00000000000000000000.log', { create: true })
      file.append(['x', 'y', 'z'].map((value, index) => messageOfMagic1(value, index)))
      const log = open()
      expect(contents(log)).toEqual(['0:x', '1:y', '2:z'])
      expect(log.offsetForTimestamp(7)).toMatchObject({ offset: 0, timestamp: 7 })
      expect(log.append(batchOf(['new']), client).firstOffset).toBe(3)
      expect(contents(log)).toHaveLength(4)
      log.close()
    })

    test('sweeps leftovers away', () => {
      open().close()
      const leftovers = [
        '00000000000000000000.log.deleted',
        '00000000000000000007.log.cleaned',
        '00000000000000000009.index',
        '00000000000000000009.timeindex',
      ]
      for (const name of leftovers) storage.writeAll(`p-0/${name}`, 'x')
      open(true).close()
      expect(storage.list('p-0').filter((name) => leftovers.includes(name))).toEqual([])
    })

    test('starts anew where the log start lies beyond the log end', () => {
      const log = open()
      write(log)
      log.close()
      const options = { storage, directory: 'p-0', config, nowMs: 0, cleanShutdown: true }
      const moved = openLog({ ...options, logStartOffset: 50 })
      expect([moved.logStartOffset, moved.logEndOffset]).toEqual([50, 50])
      expect(moved.append(batchOf(['x']), client).firstOffset).toBe(50)
      moved.close()
    })
  })
}
