import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { storageCases } from '../../test/batches.js'
import { diskStorage, type LogFile, type Storage } from '../index.js'

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
const text = (value: Uint8Array): string => new TextDecoder().decode(value)

for (const storageCase of storageCases) {
  describe(`storage on ${storageCase.name}`, () => {
    let storage: Storage
    let remove: () => void

    beforeEach(() => {
      ;({ storage, remove } = storageCase.make())
      storage.makeDirectory('d')
    })
    afterEach(() => remove())

    test('appends parts, reads ranges, truncates', () => {
      const file = storage.openFile('d/f', { create: true })
      file.append([bytes('abc'), bytes(''), bytes('defg')])
      file.append([bytes('h')])
      expect(file.size).toBe(8)
      expect(text(file.read(2, 4))).toBe('cdef')
      expect(text(file.read(6, 100))).toBe('gh')
      expect(file.read(8, 1)).toHaveLength(0)
      file.truncate(3)
      file.truncate(9)
      file.append([bytes('X')])
      expect(text(file.read(0, 9))).toBe('abcX')
      file.close()
      expect(text(file.read(0, 2))).toBe('ab')
      expect(storage.openFile('d/f').size).toBe(4)
    })

    test('appends more parts than one system call takes', () => {
      const file = storage.openFile('d/f', { create: true })
      file.append(Array.from({ length: 3000 }, (_, index) => bytes(String(index % 10))))
      expect(file.size).toBe(3000)
      expect(text(file.read(1230, 5))).toBe('01234')
    })

    test('keeps what was read when the file is cut and written again', () => {
      const file = storage.openFile('d/f', { create: true })
      file.append([bytes('first')])
      const read = file.read(0, 5)
      file.truncate(0)
      file.append([bytes('other')])
      expect(text(read)).toBe('first')
      file.truncate(2)
      file.append([bytes('xyz')])
      expect(text(file.read(0, 5))).toBe('otxyz')
    })

    test('reads across large pieces', () => {
      const file = storage.openFile('d/f', { create: true })
      const piece = new Uint8Array(300_000).map((_, index) => index % 251)
      for (let round = 0; round < 10; round++) file.append([piece])
      const found = file.read(250_000, 2_000_000)
      expect(found).toHaveLength(2_000_000)
      for (const at of [0, 49_999, 50_000, 1_999_999]) {
        expect(found[at]).toBe(((250_000 + at) % 300_000) % 251)
      }
    })

    test('writes whole files, lists, renames, removes', () => {
      storage.writeAll('d/b', 'two')
      storage.writeAll('d/a', bytes('one'))
      storage.writeAll('d/a', 'uno')
      expect(text(storage.readAll('d/a'))).toBe('uno')
      expect(storage.list('d')).toEqual(['a', 'b'])
      storage.rename('d/a', 'd/b')
      expect(text(storage.readAll('d/b'))).toBe('uno')
      storage.rename('d', 'e')
      expect([storage.exists('d'), storage.exists('e/b')]).toEqual([false, true])
      storage.makeDirectory('e/inner/deep')
      expect(storage.list('')).toEqual(['e'])
      storage.remove('e')
      storage.remove('e')
      expect(storage.exists('e/inner')).toBe(false)
    })

    test.each([3, 300])('syncs %i files, also some that are gone', async (count) => {
      const paths = Array.from({ length: count }, (_, index) => `d/${index}`)
      for (const path of paths) storage.openFile(path, { create: true }).append([bytes(path)])
      storage.remove('d/1')
      await storage.syncFiles(paths)
      expect(text(storage.readAll('d/2'))).toBe('d/2')
    })

    test('says ENOENT for what is not there', () => {
      const absent = expect.objectContaining({ code: 'ENOENT' })
      expect(() => storage.openFile('d/f')).toThrow(absent)
      expect(() => storage.openFile('x/f', { create: true })).toThrow(absent)
      expect(() => storage.readAll('d/f')).toThrow(absent)
      expect(() => storage.list('x')).toThrow(absent)
      expect(() => storage.rename('d/f', 'd/g')).toThrow(absent)
    })

    test.each(['../up', '/root', 'a//b', 'a\\b', 'a/../b'])('refuses the path %s', (path) => {
      expect(() => storage.openFile(path, { create: true })).toThrow(/storage path/)
    })
  })
}

test('a disk storage keeps a bounded number of files open', () => {
  const root = mkdtempSync(join(tmpdir(), 'ottla-files-'))
  const storage = diskStorage(root, { maxOpenFiles: 16 })
  const files: LogFile[] = []
  for (let index = 0; index < 100; index++) {
    const file = storage.openFile(`f${index}`, { create: true })
    file.append([bytes(String(index))])
    files.push(file)
    expect(storage.stats().openFiles).toBeLessThanOrEqual(16)
  }
  expect(files.map((file) => text(file.read(0, 9)))).toEqual(files.map((_, index) => String(index)))
  storage.close()
  expect(storage.stats().openFiles).toBe(0)
  rmSync(root, { recursive: true })
})
