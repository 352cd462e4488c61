import { describe, expect, it } from 'vitest'
import { crc32 } from './crc32.js'

const digits = Buffer.from('123456789')

describe('crc32', () => {
  it('computes the known checksum, also of a part', () => {
    expect(crc32(digits)).toBe(0xcbf43926)
    expect(crc32(Buffer.from('--123456789--'), 2, 11)).toBe(0xcbf43926)
  })
})
