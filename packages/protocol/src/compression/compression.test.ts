import * as zlib from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { InvalidArgumentError, KafkaError, WireError } from '../errors.js'
import { type CompressionName, compressionNames } from './codec.js'
import { compress, decompress } from './index.js'

const maxBytes = 1 << 20
const codecs = compressionNames.filter((name) => name !== 'none')

/** Bytes that compress somewhat and differ all along. */
const prose = (bytes: number): Buffer => {
  const text = Buffer.alloc(bytes)
  let state = 12345
  for (let at = 0; at < bytes; at++) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fff_ffff
    text[at] = at % 7 === 0 ? state >>> 16 : 97 + ((at >> 4) % 26)
  }
  return text
}

/** Bytes that do not compress. */
const noise = (bytes: number): Buffer => {
  const data = Buffer.alloc(bytes)
  let state = 1
  for (let at = 0; at < bytes; at++) {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    data[at] = state
  }
  return data
}

const open = (codec: CompressionName, block: Uint8Array, limit = maxBytes) =>
  Buffer.from(decompress(codec, block, { maxBytes: limit }))

describe.each(codecs)('%s', (codec) => {
  it('gives back what it took, of any size', () => {
    for (const size of [0, 1, 5, 1000, 32_768, 32_769, 65_536, 65_537, 200_000]) {
      for (const plain of [prose(size), noise(size), Buffer.alloc(size)]) {
        expect(open(codec, compress(codec, plain)).equals(plain)).toBe(true)
      }
    }
  })

  it('reads two frames in a row to the end', () => {
    const first = prose(100_000)
    const second = noise(70_000)
    const block = Buffer.concat([compress(codec, first), compress(codec, second)])
    expect(open(codec, block).equals(Buffer.concat([first, second]))).toBe(true)
  })

  it('stops at the limit, also in the second frame', () => {
    const frame = compress(codec, prose(40_000))
    expect(open(codec, frame, 40_000)).toHaveLength(40_000)
    const message = /more than the \d+ bytes allowed/
    expect(() => open(codec, frame, 39_999)).toThrow(message)
    expect(() => open(codec, Buffer.concat([frame, frame]), 79_999)).toThrow(message)
  })

  it('opens what holds nothing where nothing is allowed, and no more', () => {
    expect(open(codec, compress(codec, prose(0)), 0)).toHaveLength(0)
    expect(() => open(codec, compress(codec, prose(1)), 0)).toThrow(/more than the 0 bytes allowed/)
  })

  it('refuses a bomb without making room for it', () => {
    const bomb = compress(codec, Buffer.alloc(64 << 20))
    const before = process.memoryUsage().rss
    expect(() => open(codec, bomb)).toThrow(/more than the 1048576 bytes allowed/)
    expect(process.memoryUsage().rss - before).toBeLessThan(32 << 20)
  })

  it('throws WireError for every strict prefix and for random bytes', () => {
    const whole = compress(codec, prose(2000))
    for (let size = 1; size < whole.length; size++) {
      try {
        // Some prefixes end at a frame's or a chunk's end: then what came before is given back.
        expect(open(codec, whole.subarray(0, size)).length).toBeLessThan(2001)
      } catch (error) {
        expect(error).toBeInstanceOf(WireError)
      }
    }
    for (let size = 1; size < 300; size += 7) {
      expect(() => open(codec, noise(size))).toThrow(WireError)
    }
  })

  it('throws WireError or gives back bytes when any byte is changed', () => {
    const whole = Buffer.from(compress(codec, prose(600)))
    for (let at = 0; at < whole.length; at++) {
      const changed = Buffer.from(whole)
      changed[at] = (changed[at] ?? 0) ^ 0x55
      try {
        expect(open(codec, changed).length).toBeLessThanOrEqual(maxBytes)
      } catch (error) {
        expect(error).toBeInstanceOf(WireError)
      }
    }
  })
})

describe('compression', () => {
  it('leaves none alone and refuses other names', () => {
    const bytes = prose(10)
    expect(compress('none', bytes)).toBe(bytes)
    expect(decompress('none', bytes, { maxBytes })).toBe(bytes)
    expect(() => compress('brotli' as CompressionName, bytes)).toThrow(InvalidArgumentError)
  })

  it('takes levels', () => {
    const plain = prose(50_000)
    for (const codec of ['gzip', 'zstd'] as const) {
      const quick = compress(codec, plain, { level: 1 })
      const small = compress(codec, plain, { level: 9 })
      expect(small.length).not.toBe(quick.length)
      expect(open(codec, quick).equals(plain)).toBe(true)
      expect(open(codec, small).equals(plain)).toBe(true)
    }
  })
})

describe('gzip', () => {
  it('reads members written by others, one after the other', () => {
    const block = Buffer.concat([zlib.gzipSync('Ottla '), zlib.gzipSync('and Franz')])
    expect(open('gzip', block).toString()).toBe('Ottla and Franz')
  })
})

describe('snappy', () => {
  const plain = prose(70_000)

  it('writes the stream that Java writes: header, chunks of 32 KB', () => {
    const stream = Buffer.from(compress('snappy', plain))
    expect(stream.subarray(0, 16).toString('hex')).toBe('82534e41505059000000000100000001')
    let chunks = 0
    for (let at = 16; at < stream.length; at += 4 + stream.readInt32BE(at)) chunks++
    expect(chunks).toBe(3)
  })

  it('reads version words of either byte order', () => {
    const stream = Buffer.from(compress('snappy', plain))
    stream.writeInt32LE(1, 8)
    stream.writeInt32LE(1, 12)
    expect(open('snappy', stream).equals(plain)).toBe(true)
  })

  it('reads one raw block', () => {
    // Length 11, a literal of 4, a copy of 7 from 4 back.
    const block = Buffer.from('0b0c6f74746c0d04', 'hex')
    expect(open('snappy', block).toString()).toBe('ottlottlott')
  })

  it('does not believe the length in front of a raw block', () => {
    const lying = Buffer.from('ffffff7f0061', 'hex')
    expect(() => open('snappy', lying, 2 ** 31)).toThrow(/cannot hold 268435455 bytes/)
    expect(() => open('snappy', lying)).toThrow(/more than the 1048576 bytes allowed/)
  })
})

describe('errors', () => {
  it('names the codec', () => {
    for (const codec of codecs) {
      try {
        open(codec, noise(40))
        expect.unreachable()
      } catch (error) {
        expect(KafkaError.from(error)).toMatchObject({ code: 'OTTLA_WIRE', messageName: codec })
      }
    }
  })
})
