import { describe, expect, it } from 'vitest'
import { crc32 } from './crc32.js'
import { crc32c, crc32cTables } from './crc32c.js'

const digits = Buffer.from('123456789')

describe('crc32c', () => {
  it('computes the known checksums', () => {
    expect(crc32c(Buffer.from(''))).toBe(0)
    expect(crc32c(Buffer.from('a'))).toBe(0xc1d04330)
    expect(crc32c(digits)).toBe(0xe3069283)
    expect(crc32c(Buffer.from('Some String'))).toBe(608512271)
  })

  it('is the same by native code and by tables, of any part, at any length', () => {
    const bytes = Buffer.from(Array.from({ length: 3000 }, (_, at) => (at * at * 31) >>> 3))
    for (let length = 0; length < bytes.length; length += 13) {
      const start = length % 11
      const end = Math.min(bytes.length, start + length)
      const expected = crc32cTables(bytes, start, end, 0)
      expect(crc32c(bytes, start, end)).toBe(expected)
      const middle = (start + end) >> 1
      expect(crc32c(bytes, middle, end, crc32c(bytes, start, middle))).toBe(expected)
      expect(crc32cTables(bytes, middle, end, crc32c(bytes, start, middle))).toBe(expected)
    }
  })
})

describe('crc32', () => {
  it('computes the known checksum, also of a part', () => {
    expect(crc32(digits)).toBe(0xcbf43926)
    expect(crc32(Buffer.from('--123456789--'), 2, 11)).toBe(0xcbf43926)
  })
})
