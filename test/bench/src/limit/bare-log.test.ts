import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { BareLog } from './bare-log.ts'

let folder: string
let log: BareLog

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ottla-bare-log-'))
  log = new BareLog(join(folder, 'log'))
  for (const letter of 'abc') log.append(Buffer.alloc(10, letter), 5)
  log.flush()
})

afterEach(() => {
  log.close()
  rmSync(folder, { recursive: true })
})

test('gives whole batches from an offset on, as many as fit', () => {
  const target = Buffer.alloc(25)
  expect(log.read(5, target)).toBe(20)
  expect(target.toString('latin1', 0, 20)).toBe(`${'b'.repeat(10)}${'c'.repeat(10)}`)
  expect(log.read(0, target)).toBe(20)
  expect(target.toString('latin1', 0, 20)).toBe(`${'a'.repeat(10)}${'b'.repeat(10)}`)
})

test('gives nothing at its end, where the next offset is the sum of its records', () => {
  expect(log.nextOffset).toBe(15)
  expect(log.read(15, Buffer.alloc(25))).toBe(0)
})
