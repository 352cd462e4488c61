import { describe, expect, it } from 'vitest'
import { WireError } from '../errors.js'
import { builtInZstd, zstdOn } from './zstd.js'
import { zstdFrames } from './zstd-frame.js'
import { loadZstdWasm } from './zstd-wasm.js'

const builtIn = builtInZstd()
/** Both where both exist: Node 20 has the one only, and CI runs all versions. */
const engines = [
  { name: 'WebAssembly', engine: loadZstdWasm() },
  ...(builtIn === undefined ? [] : [{ name: 'node:zlib', engine: builtIn }]),
]

const noSize = 0
const frameMagic = 'fd2fb528'

/** A raw or repeated block: three bytes of header, then content. */
const block = (type: number, size: number, last: boolean, content: Uint8Array): Buffer => {
  const header = Buffer.alloc(3)
  header.writeUIntLE((size << 3) | (type << 1) | (last ? 1 : 0), 0, 3)
  return Buffer.concat([header, content])
}

const magic = Buffer.from(frameMagic, 'hex').reverse()

/** A frame of unknown size with a window of 128 KB, as a streaming writer makes it: `count` blocks of one repeated byte. */
const streamed = (count: number, size = 128 * 1024): Buffer =>
  Buffer.concat([
    magic,
    Buffer.from([noSize, 0x38]),
    ...Array.from({ length: count }, (_, index) =>
      block(1, size, index === count - 1, Buffer.from([97 + (index % 26)])),
    ),
  ])

describe.each(engines)('zstd by $name', ({ engine }) => {
  const zstd = zstdOn(() => engine)
  const open = (bytes: Uint8Array, maxBytes = 1 << 20) =>
    Buffer.from(zstd.decompress(bytes, { maxBytes }))

  it('gives back what it took', () => {
    for (const size of [0, 1, 100, 150_000, 3_000_000]) {
      const plain = Buffer.from('Ottla '.repeat(size / 6 + 1).slice(0, size))
      expect(open(zstd.compress(plain, {}), 1 << 22).equals(plain)).toBe(true)
    }
  })

  it('reads frames without content size, of any length', () => {
    const content = open(streamed(100), 100 * 128 * 1024)
    expect(content).toHaveLength(100 * 128 * 1024)
    expect(content[0]).toBe(97)
    expect(content[content.length - 1]).toBe(97 + (99 % 26))
    expect(() => open(streamed(100), 100 * 128 * 1024 - 1)).toThrow(/more than the \d+ bytes/)
  })

  it('reads frames in a row, also around skippable ones', () => {
    const skipped = Buffer.from('532a4d1803000000616263', 'hex')
    const parts = [skipped, streamed(1, 3), zstd.compress(Buffer.from('bc'), {}), skipped]
    expect(open(Buffer.concat(parts)).toString()).toBe('aaabc')
  })

  it('refuses a bomb and a frame that lies about its size', () => {
    expect(() => open(streamed(100_000), 1 << 20)).toThrow(/more than the 1048576 bytes allowed/)
    // Content size 2^40 in a single segment, with a raw block of one byte.
    const lying = Buffer.concat([
      magic,
      Buffer.from('e0', 'hex'),
      Buffer.from('0000000000010000', 'hex'),
      block(0, 1, true, Buffer.from('a')),
    ])
    expect(() => open(lying)).toThrow(WireError)
    const tooShort = Buffer.concat([
      magic,
      Buffer.from('2005', 'hex'),
      block(0, 1, true, Buffer.from('a')),
    ])
    expect(() => open(tooShort)).toThrow(WireError)
  })

  it('refuses blocks of the reserved type and frames cut short', () => {
    const reserved = Buffer.concat([
      magic,
      Buffer.from([noSize, 0x38]),
      block(3, 0, true, Buffer.alloc(0)),
    ])
    expect(() => open(reserved)).toThrow(/reserved type/)
    const whole = streamed(3)
    for (let size = 1; size < whole.length; size++) {
      expect(() => open(whole.subarray(0, size))).toThrow(WireError)
    }
  })
})

describe('zstd frames', () => {
  it('are found by their headers, with a bound of their content', () => {
    const bytes = Buffer.concat([streamed(2, 1000), streamed(1, 5)])
    expect([...zstdFrames(bytes)]).toEqual([
      { start: 0, end: 14, mostBytes: 2000 },
      { start: 14, end: 24, mostBytes: 5 },
    ])
  })
})
