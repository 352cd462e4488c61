import { afterEach, describe, expect, it, vi } from 'vitest'
import { crc32cProgramText, currentProgramText } from '../../scripts/write-crc32c.js'
import { crc32c } from './crc32c.js'
import { type Crc32cKernel, startCrc32cKernel } from './crc32c-kernel.js'
import { crc32cLayout as layout } from './crc32c-program.js'
import { crc32cTables } from './crc32c-tables.js'

/** Numbers from 0 to 2^32, the same each time (xorshift). */
const numbers = (seed: number) => {
  let state = seed
  return (below: number): number => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) % below
  }
}

const next = numbers(20_261_123)
const bytes = Uint8Array.from({ length: 300_000 }, () => next(256))

const kernel = ((): Crc32cKernel => {
  const started = startCrc32cKernel()
  if (started === undefined) throw new Error('this Node has no WebAssembly')
  return started
})()

/** Lengths between `from` and `to` for which the kernel and the tables differ. */
const differences = (from: number, to: number): number[] => {
  const found: number[] = []
  for (let length = from; length <= to; length++) {
    const start = (length * 7) % 67
    const end = start + length
    const previous = length % 3 === 0 ? 0 : Math.imul(length, 0x9e3779b1) >>> 0
    const expected = crc32cTables(bytes, start, end, previous)
    if (kernel(bytes, start, end, previous) !== expected) found.push(length)
  }
  return found
}

describe('crc32c', () => {
  it('computes the known checksums', () => {
    expect(crc32c(Buffer.from(''))).toBe(0)
    expect(crc32c(Buffer.from('a'))).toBe(0xc1d04330)
    expect(crc32c(Buffer.from('123456789'))).toBe(0xe3069283)
    expect(crc32c(Buffer.from('Some String'))).toBe(608512271)
    // RFC 3720, B.4
    expect(crc32c(new Uint8Array(32))).toBe(0x8a9136aa)
    expect(crc32c(new Uint8Array(32).fill(255))).toBe(0x62a8ab43)
    expect(crc32c(Uint8Array.from({ length: 32 }, (_, at) => at))).toBe(0x46dd794e)
  })

  it('is the same at once and in parts, of a view anywhere in its memory', () => {
    for (let round = 0; round < 60; round++) {
      const from = next(1000)
      const view = bytes.subarray(from, from + 1 + next(round < 50 ? 20_000 : 250_000))
      const start = next(view.length)
      const middle = start + next(view.length - start)
      const expected = crc32cTables(view, start, view.length, 0)
      expect(crc32c(view, start), `${from} ${start}`).toBe(expected)
      expect(
        crc32c(view, middle, view.length, crc32c(view, start, middle)),
        `${from} ${start} ${middle}`,
      ).toBe(expected)
    }
  })

  it('leaves the bytes as they are', () => {
    const before = bytes.slice()
    crc32c(bytes)
    expect(Buffer.compare(bytes, before)).toBe(0)
  })
})

describe('the kernel of crc32c', () => {
  afterEach(() => {
    vi.unstubAllGlobals()
  })

  it('is not there where WebAssembly is switched off or gives no memory', () => {
    vi.stubGlobal('WebAssembly', undefined)
    expect(startCrc32cKernel()).toBeUndefined()
    const Instance = class {
      constructor() {
        throw new RangeError('could not allocate memory')
      }
    }
    vi.stubGlobal('WebAssembly', { Module: class {}, Instance })
    expect(startCrc32cKernel()).toBeUndefined()
  })

  it('is what the script writes', () => {
    expect(currentProgramText()).toBe(crc32cProgramText())
  })

  it('agrees with the tables for every length to 5,000 bytes', () => {
    expect(differences(layout.minBytes, 5000)).toEqual([])
  })

  it('agrees with the tables for the lengths at which it goes another way', () => {
    const { blockBytes, minBytesAfterFold } = layout
    for (const turn of [0, 1, 2]) {
      const first = minBytesAfterFold + turn * blockBytes
      expect(differences(first - 100, first + 200)).toEqual([])
    }
  })

  it('agrees with the tables for long inputs of any length', () => {
    for (let round = 0; round < 100; round++) {
      const length = 5000 + next(280_000)
      expect(differences(length, length)).toEqual([])
    }
  })

  it('keeps nothing from one call to the next', () => {
    const small = kernel(bytes, 0, 5000, 0)
    for (const length of [300_000, 50_000, 20_000, 1000]) {
      kernel(bytes, 0, length, 0)
      expect(kernel(bytes, 0, 5000, 0)).toBe(small)
    }
  })
})
