import { createRequire } from 'node:module'
import { describe, expect, it } from 'vitest'
import { lz4 } from './lz4.js'
import { xxh32 } from './xxh32.js'

interface Lz4Package {
  compressSync(bytes: Uint8Array, dictionary?: Uint8Array): Buffer
  compressFrameSync(
    bytes: Uint8Array,
    options?: { contentChecksum?: boolean; blockChecksums?: boolean },
  ): Buffer
}

const lz4Package = createRequire(import.meta.url)('lz4-napi') as Lz4Package

const open = (block: Uint8Array, maxBytes = 1 << 24, magic = 2) =>
  Buffer.from(lz4.decompress(block, { maxBytes, magic }))

const text = (bytes: number): Buffer => {
  const line = 'delay=-5 distance=405 origin=ONT destination=SMF;'
  return Buffer.from(line.repeat(Math.ceil(bytes / line.length)).slice(0, bytes))
}

const uint32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32LE(value >>> 0)
  return bytes
}

interface FrameOptions {
  readonly flags: number
  readonly sizes?: number
  readonly contentSize?: bigint
  readonly checksum?: number
}

/** A frame around blocks given with their sizes, its header's checksum right unless told. */
const frameOf = (options: FrameOptions, ...parts: Uint8Array[]): Buffer => {
  const { flags, sizes = 0x40, contentSize } = options
  const size = Buffer.alloc(contentSize === undefined ? 0 : 8)
  if (contentSize !== undefined) size.writeBigUInt64LE(contentSize)
  const descriptor = Buffer.concat([Buffer.from([flags, sizes]), size])
  const checksum = options.checksum ?? (xxh32(descriptor) >>> 8) & 0xff
  const magic = uint32(0x184d2204)
  return Buffer.concat([magic, descriptor, Buffer.from([checksum]), ...parts])
}

const stored = (bytes: Uint8Array): Buffer =>
  Buffer.concat([uint32(bytes.length | 0x80000000), bytes])
const packed = (bytes: Uint8Array, dictionary?: Uint8Array): Buffer => {
  const block = lz4Package.compressSync(bytes, dictionary).subarray(4)
  return Buffer.concat([uint32(block.length), block])
}
const endMark = Buffer.alloc(4)

describe('xxh32', () => {
  it('computes the known checksums', () => {
    expect(xxh32(Buffer.from(''))).toBe(0x02cc5d05)
    expect(xxh32(Buffer.from('a'))).toBe(0x550d7456)
    expect(xxh32(Buffer.from('abc'))).toBe(0x32d153ff)
    expect(xxh32(Buffer.from('Nobody inspects the spammish repetition'))).toBe(0xe2293b2f)
    expect(xxh32(Buffer.from('--abc--'), 2, 5)).toBe(0x32d153ff)
  })
})

describe('lz4 frames', () => {
  it('are written as Java writes them, the old checksum fault in magic 0 included', () => {
    const header = (magic: number) =>
      Buffer.from(lz4.compress(text(100), { magic })).toString('hex', 0, 7)
    expect(header(2)).toBe('04224d18604082')
    expect(header(1)).toBe('04224d18604082')
    expect(header(0)).toBe('04224d1860401a')
    const plain = text(200_000)
    expect(open(lz4.compress(plain, { magic: 0 }), 1 << 20, 0).equals(plain)).toBe(true)
    expect(() => open(lz4.compress(plain, { magic: 0 }))).toThrow(/checksum of the frame header/)
  })

  it('hold what does not compress as it is', () => {
    const plain = Buffer.from(Array.from({ length: 50 }, (_, index) => (index * 97) & 0xff))
    const frame = Buffer.from(lz4.compress(plain, {}))
    expect(frame.readUInt32LE(7)).toBe(0x80000000 + 50)
    expect(open(frame).equals(plain)).toBe(true)
  })

  it('are read with every block size and checksum', () => {
    for (const size of [10, 70_000, 300_000, 5_000_000]) {
      for (const contentChecksum of [false, true]) {
        for (const blockChecksums of [false, true]) {
          const plain = text(size)
          const frame = lz4Package.compressFrameSync(plain, { contentChecksum, blockChecksums })
          expect(open(frame).equals(plain)).toBe(true)
          if (!contentChecksum && !blockChecksums) continue
          // A changed checksum at the end of the frame, or of its last block before the end mark.
          const at = frame.length - (contentChecksum ? 1 : 5)
          frame[at] = (frame[at] ?? 0) ^ 1
          expect(() => open(frame)).toThrow(/checksum of the (content|block)/)
        }
      }
    }
  })

  it('are read with linked blocks', () => {
    const plain = text(200_000)
    const blocks: Buffer[] = []
    for (let at = 0; at < plain.length; at += 65_536) {
      const dictionary = at === 0 ? undefined : plain.subarray(Math.max(0, at - 65_536), at)
      blocks.push(packed(plain.subarray(at, at + 65_536), dictionary))
    }
    const frame = frameOf({ flags: 0x40 }, ...blocks, endMark)
    expect(frame.length).toBeLessThan(4000)
    expect(open(frame).equals(plain)).toBe(true)
  })

  it('are read with linked blocks smaller than the window', () => {
    const plain = text(3000)
    const blocks = [0, 1000, 2000].map((at) =>
      packed(plain.subarray(at, at + 1000), at === 0 ? undefined : plain.subarray(0, at)),
    )
    expect(open(frameOf({ flags: 0x40 }, ...blocks, endMark)).equals(plain)).toBe(true)
  })

  it('are read with a content size, which must be true', () => {
    const plain = text(1000)
    const frame = (contentSize: bigint) =>
      frameOf({ flags: 0x68, contentSize }, packed(plain), endMark)
    expect(open(frame(1000n)).equals(plain)).toBe(true)
    expect(() => open(frame(999n))).toThrow(/announces 999 bytes and holds 1000/)
    expect(() => open(frame(2n ** 63n), 5000)).toThrow(/more than the 5000 bytes allowed/)
  })

  it('are read after skippable frames', () => {
    const plain = text(1000)
    const skipped = Buffer.concat([uint32(0x184d2a57), uint32(3), Buffer.from('abc')])
    const frame = lz4.compress(plain, {})
    expect(open(Buffer.concat([skipped, frame, skipped])).equals(plain)).toBe(true)
    expect(() => open(Buffer.concat([frame, skipped.subarray(0, 9)]))).toThrow(/skippable/)
  })

  it('are refused when they break the format', () => {
    const plain = text(100)
    const refused: [RegExp, Buffer][] = [
      [/version 0/, frameOf({ flags: 0x20 }, packed(plain), endMark)],
      [/dictionary/, frameOf({ flags: 0x61 }, packed(plain), endMark)],
      [/block size code 3/, frameOf({ flags: 0x60, sizes: 0x30 }, packed(plain), endMark)],
      [
        /checksum of the frame header/,
        frameOf({ flags: 0x60, checksum: 0 }, packed(plain), endMark),
      ],
      [/ends at byte/, frameOf({ flags: 0x60 }, packed(plain))],
      [/ends beyond/, frameOf({ flags: 0x60 }, uint32(1000))],
      [/no frame begins/, Buffer.concat([frameOf({ flags: 0x60 }, endMark), Buffer.from('more')])],
      // A block whose output is larger than a block may be.
      [/malformed/, frameOf({ flags: 0x60 }, packed(text(70_000)), endMark)],
    ]
    for (const [message, frame] of refused) expect(() => open(frame)).toThrow(message)
    expect(open(frameOf({ flags: 0x60 }, stored(plain), endMark)).equals(plain)).toBe(true)
  })
})
