import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { InvalidArgumentError } from '@ottla/protocol'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { makeRoot } from './make-root.js'

describe('makeRoot', () => {
  let folder: string

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'ottla-root-'))
  })

  afterEach(() => rmSync(folder, { recursive: true, force: true }))

  it('makes what is missing, and takes what is there', () => {
    const path = join(folder, 'a', 'b', 'c')
    makeRoot(path)
    makeRoot(path)
    expect(existsSync(path)).toBe(true)
  })

  it('refuses a file, at the end of the path or in it', () => {
    const file = join(folder, 'file')
    writeFileSync(file, '')
    expect(() => makeRoot(file)).toThrow(/it is a file, not a directory/)
    expect(() => makeRoot(join(file, 'below'))).toThrow(InvalidArgumentError)
  })

  // A file system that makes no directories; elsewhere the parent is missing, too, and cannot be made by everyone.
  it.runIf(existsSync('/proc/self'))('returns where no directory can be made', () => {
    expect(() => makeRoot('/proc/self/ottla/data')).toThrow(/cannot be made/)
  })
})
