import { describe, expect, it } from 'vitest'
import { readUuid, writeUuid, ZERO_UUID } from './uuid.js'

describe('readUuid', () => {
  it('reads what writeUuid wrote, also those that share a place among the remembered', () => {
    const bytes = new Uint8Array(40)
    const texts = Array.from({ length: 600 }, (_, index) => {
      const head = (index * 2_654_435_761).toString(16).padStart(8, '0').slice(-8)
      return `${head}-0000-4000-8000-0000000000${(index % 7).toString(16).padStart(2, '0')}`
    })
    for (const text of [...texts, ...texts.slice(0, 20), ZERO_UUID, ZERO_UUID]) {
      expect(writeUuid(bytes, 11, text)).toBe(true)
      expect(readUuid(bytes, 11)).toBe(text)
      expect(readUuid(bytes, 11)).toBe(text)
    }
  })
})
