import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { diskStorage } from '../index.js'
import { startOf } from './directory-lock.js'

describe('the lock of a data directory', () => {
  let root: string
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'ottla-lock-'))
  })
  afterEach(() => rmSync(root, { recursive: true }))

  test('lets one storage of a process have it, until it is closed', () => {
    const first = diskStorage(root)
    first.lock()
    first.lock()
    const second = diskStorage(root)
    expect(() => second.lock()).toThrow(/in use by another broker in this process/)
    second.close()
    first.close()
    expect(existsSync(join(root, '.lock'))).toBe(false)
    second.lock()
    second.close()
  })

  test('names the living process that has it, and takes over from a dead one', async () => {
    const child = spawn(process.execPath, ['-e', 'process.stdin.resume()'])
    writeFileSync(join(root, '.lock'), `${child.pid} ${startOf(child.pid ?? 0)}\n`)
    const storage = diskStorage(root)
    expect(() => storage.lock()).toThrow(`in use by process ${child.pid}; stop it`)
    child.kill()
    await once(child, 'exit')
    storage.lock()
    storage.close()
  })

  test('takes over from a process that had the same id, and an empty file that Kafka has left', () => {
    for (const content of [`${process.pid} 1\n`, `${process.ppid} 1\n`, '']) {
      writeFileSync(join(root, '.lock'), content)
      const storage = diskStorage(root)
      storage.lock()
      storage.close()
    }
  })
})
