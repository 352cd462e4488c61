import { describe, expect, it } from 'vitest'
import { InvalidArgumentError } from './errors.js'
import { murmur2, partitionForKey } from './murmur2.js'

/** Computed by org.apache.kafka.common.utils.Utils.murmur2. */
const known: [string, number][] = [
  ['', 275646681],
  ['21', -973932308],
  ['abc', 479470107],
  ['foobar', -790332482],
  ['a-little-bit-long-string', -985981536],
  ['a-little-bit-longer-string', -1486304829],
  ['lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8', -58897971],
]

describe('murmur2', () => {
  it('hashes as the Java client does, bytes and strings', () => {
    for (const [text, hash] of known) {
      expect(murmur2(Buffer.from(text))).toBe(hash)
      expect(murmur2(text)).toBe(hash)
    }
  })

  it('hashes strings of any length and script as their UTF-8 bytes', () => {
    for (const text of ['ключ', '鍵'.repeat(1024), 'x'.repeat(5000), '🔑', 'lone \ud800']) {
      expect(murmur2(text)).toBe(murmur2(Buffer.from(text)))
    }
  })
})

describe('partitionForKey', () => {
  it('puts keys where the Java client does', () => {
    const at = (key: Uint8Array | string) => partitionForKey(key, 1000)
    expect(['', 'a', 'ab', 'abc', '123456789'].map(at)).toEqual([681, 524, 434, 107, 566])
    expect(at(Buffer.from([0, 0x20]))).toBe(742)
  })

  it('refuses a partition count that is none', () => {
    for (const count of [0, -1, 1.5, Number.NaN]) {
      expect(() => partitionForKey('a', count)).toThrow(InvalidArgumentError)
    }
  })
})
